/** The interval of a share that is looked at once. */
import { type Count, checkCount, type Interval } from './count.ts';

/** The standard normal quantile that leaves 2.5% on each side. */
const z = 1.959963984540054;

/**
 * Wilson's 95% interval for the share behind `k` of `n`: the shares that a two-sided score test at 5% does not reject.
 * It stays inside 0…1, and says something at 0 of n and n of n, where the textbook's p ± 1.96·√(p(1−p)/n) has no width.
 * Of no trials at all, everything is possible: 0…1.
 *
 * It holds for a number that was fixed before looking. For a number that is looked at again and again until it says
 * something, see `watched`.
 *
 * Source: E. B. Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22 (1927).
 */
export function wilson({ k, n }: Count): Interval {
  checkCount({ k, n });
  if (n === 0) return { low: 0, high: 1 };
  const share = k / n;
  const centre = share + (z * z) / (2 * n);
  const reach = z * Math.sqrt((share * (1 - share)) / n + (z * z) / (4 * n * n));
  const whole = 1 + (z * z) / n;
  // At the ends the formula gives 0 and 1 exactly; floating point does not.
  return {
    low: k === 0 ? 0 : Math.min(share, (centre - reach) / whole),
    high: k === n ? 1 : Math.max(share, (centre + reach) / whole),
  };
}
