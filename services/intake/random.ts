/** Ids and salts from the system's random bytes, drawn in bulk: asking for each of them costs more than its use. */
import { randomFillSync } from 'node:crypto';
import { ulid } from 'ulid';

const pool = Buffer.alloc(8192);
let used = pool.length;

/** Where the next `count` bytes stand in the pool. Each byte is given out once. */
function take(count: number): number {
  if (used + count > pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  used += count;
  return used - count;
}

/** A fraction in [0, 1) in steps of 1/256: eight of them fall on each letter of a ULID. */
const fraction = (): number => pool.readUInt8(take(1)) / 256;

/** A ULID: sorts by `now` (ms), with 80 random bits behind it. */
export function newUlid(now: number): string {
  return ulid(now, fraction);
}

/** 128 random bits, base64url. */
export function newSalt(): string {
  const at = take(16);
  return pool.toString('base64url', at, at + 16);
}

/** A number in [0, 1), in steps of 2^-48: more than any share in a policy can tell apart. */
export function newFraction(): number {
  return pool.readUIntBE(take(6), 6) / 2 ** 48;
}
