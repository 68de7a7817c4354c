/** Everything that Redis holds, to see that a refused call has left nothing behind. */
import type { Redis } from 'ioredis';

/** What comes and goes by itself: BullMQ's own keys and what limits wrong pairing codes. */
const passing = /^\{cs:jobs\}|^cs:pair-failures:/;

/** Each key with its value in Redis's own serialization. */
export async function keysAndValues(redis: Redis): Promise<Record<string, string>> {
  const keys = (await redis.keys('*')).filter((key) => !passing.test(key)).sort();
  const values = await Promise.all(keys.map((key) => redis.dumpBuffer(key)));
  return Object.fromEntries(keys.map((key, index) => [key, values[index]?.toString('base64') ?? '']));
}
