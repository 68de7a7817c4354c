/** What a sample says in which nothing bad was found. */

/**
 * The highest share of bad ones, with 95% confidence, when none was bad among `n` drawn by chance: 1 − 0.05^(1/n); for
 * n = 29, 59 and 299 that is 10%, 5% and 1%. Of none drawn it is 1: nothing is known.
 *
 * Source: J. Hanley, A. Lippman-Hand, "If nothing goes wrong, is everything all right?", JAMA 249 (1983), exactly instead
 * of by their "rule of three".
 */
export function zeroBadBound(n: number): number {
  return n === 0 ? 1 : -Math.expm1(Math.log(0.05) / n);
}

/** How many must be drawn, and none be bad, to bound the share of bad ones at `bound` (0 < bound < 1). */
export function sampleFor(bound: number): number {
  if (!(bound > 0 && bound < 1)) throw new RangeError(`no sample bounds a share at ${bound}`);
  return Math.ceil(Math.log(0.05) / Math.log1p(-bound));
}
