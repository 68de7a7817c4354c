/** How far two shares are apart. */
import { type Count, checkCount, type Interval } from './count.ts';
import { type TooFew, tooFew } from './least.ts';
import { wilson } from './wilson.ts';

/** `difference` is the first share less the second, in −1…1, with its 95% interval. */
export type Difference = Interval & { enough: true; difference: number };

/**
 * The first share less the second, where the two counts have no member in common: Newcombe's hybrid of the two Wilson
 * intervals. Each of the two needs `least`; `n` of "too few" is the smaller one.
 *
 * Source: R. Newcombe, "Interval estimation for the difference between independent proportions", Statistics in Medicine
 * 17 (1998), method 10.
 */
export function differenceOf(first: Count, second: Count, least: number): Difference | TooFew {
  checkCount(first);
  checkCount(second);
  const few = tooFew(Math.min(first.n, second.n), Math.max(1, least));
  if (few !== undefined) return few;
  const [one, other] = [first.k / first.n, second.k / second.n];
  const [ofOne, ofOther] = [wilson(first), wilson(second)];
  const difference = one - other;
  return {
    enough: true,
    difference,
    low: difference - Math.hypot(one - ofOne.low, ofOther.high - other),
    high: difference + Math.hypot(ofOne.high - one, other - ofOther.low),
  };
}
