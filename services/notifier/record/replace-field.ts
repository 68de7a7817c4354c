/** Changing what others may be changing too. */
import { readFileSync } from 'node:fs';
import type { Redis } from 'ioredis';

const lua = readFileSync(new URL('./replace-field.lua', import.meta.url), 'utf8');

/** Gives a hash's field a new value, or removes it (`undefined`), if it still has the expected one. Says whether it had. */
export async function replaceField(
  redis: Redis,
  key: string,
  field: string,
  expected: string,
  next: string | undefined,
): Promise<boolean> {
  return (await redis.eval(lua, 1, key, field, expected, next ?? '')) === 1;
}
