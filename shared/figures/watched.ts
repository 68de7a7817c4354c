/** The interval of a share that is looked at all the time. */
import { type Count, checkCount, type Interval } from './count.ts';

/** −ln 5%: evidence of this weight has a chance of 5% to be ever seen against the truth. */
const weight = Math.log(20);

/**
 * The 95% interval for the share behind `k` of `n` that stays right however often one looks, and whenever one stops:
 * the chance that it *ever*, for any n from the first trial on, leaves out the truth is at most 5%. It is wider than
 * Wilson's: 0 of 214 bounds the share at 3.8%, where a single look bounds it at 1.4% (one-sided) or 1.8%.
 *
 * How: for a share p, the likelihood of what was seen, averaged over all shares alike, against its likelihood under p,
 *
 *     M(p) = ∫₀¹ qᵏ(1−q)ⁿ⁻ᵏ dq ÷ pᵏ(1−p)ⁿ⁻ᵏ = B(k+1, n−k+1) ÷ pᵏ(1−p)ⁿ⁻ᵏ,
 *
 * is a non-negative martingale that starts at 1 if p is the truth, so by Ville's inequality its chance to ever reach 20
 * is at most 1 in 20. The interval is every p whose M has not reached 20.
 *
 * Sources: J. Ville (1939); H. Robbins, "Statistical methods related to the law of the iterated logarithm", Annals of
 * Mathematical Statistics 41 (1970); for today's use, S. Howard, A. Ramdas et al., "Time-uniform, nonparametric,
 * nonasymptotic confidence sequences", Annals of Statistics 49 (2021).
 */
export function watched({ k, n }: Count): Interval {
  checkCount({ k, n });
  if (n === 0) return { low: 0, high: 1 };
  const mixture = -lnChoose(n, k) - Math.log(n + 1);
  const evidence = (p: number): number => mixture - timesLog(k, p) - timesLog(n - k, 1 - p);
  const share = k / n;
  // `evidence` falls towards the share that was seen and rises again behind it, so each end is where it crosses the weight.
  return {
    low: k === 0 ? 0 : crossing(share, 0, (p) => evidence(p) >= weight),
    high: k === n ? 1 : crossing(share, 1, (p) => evidence(p) >= weight),
  };
}

/** times·ln p, which is 0 for what did not happen, whatever its chance. */
const timesLog = (times: number, p: number): number => (times === 0 ? 0 : times * Math.log(p));

/** Where, on the way from `inside` to `outside`, `isOut` begins to hold; what is returned is still out, by a hair. */
function crossing(inside: number, outside: number, isOut: (p: number) => boolean): number {
  let [within, beyond] = [inside, outside];
  for (;;) {
    const middle = (within + beyond) / 2;
    if (middle === within || middle === beyond) return beyond;
    if (isOut(middle)) beyond = middle;
    else within = middle;
  }
}

/** ln of n over k. */
const lnChoose = (n: number, k: number): number => lnFactorial(n) - lnFactorial(k) - lnFactorial(n - k);

/** ln n!: added up while that is short, then Stirling's series, whose next term is below 1e-15 from 32 on. */
function lnFactorial(n: number): number {
  if (n < 32) {
    let sum = 0;
    for (let factor = 2; factor <= n; factor++) sum += Math.log(factor);
    return sum;
  }
  const series = 1 / (12 * n) - 1 / (360 * n ** 3) + 1 / (1260 * n ** 5) - 1 / (1680 * n ** 7);
  return n * Math.log(n) - n + 0.5 * Math.log(2 * Math.PI * n) + series;
}
