/** What time it is for everybody: Redis's own clock, in ms. */
import type { Redis } from 'ioredis';

/** Redis `TIME` in ms. */
export async function redisNow(redis: Redis): Promise<number> {
  const [seconds, micros] = await redis.time();
  return Number(seconds) * 1_000 + Math.floor(Number(micros) / 1_000);
}
