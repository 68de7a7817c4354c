/** Chance with a seed: the same every time. */

/** The next number in 0…1, drawn by G. Marsaglia's xorshift32 after the seed has been stirred. */
export type Chance = () => number;

export function chance(seed: number): Chance {
  let state = (Math.imul(seed + 1, 0x9e3779b1) ^ 0x5bd1e995) >>> 0 || 1;
  const next = (): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state / 2 ** 32;
  };
  // The first numbers of seeds that differ little differ little.
  for (let i = 0; i < 20; i++) next();
  return next;
}
