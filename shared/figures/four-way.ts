/** What an approval rate means, once it is known whether wrong ones would have been seen. */
import type { TooFew } from './least.ts';
import type { Rate } from './rate.ts';

/** From here on, surely approved nearly always: the lower end of the interval. */
export const NEARLY_ALL = 0.97;

/** The share of canaries that careful readers catch, and the one that is too low: what `CATCH_DRIFT` tells apart. */
export const CAUGHT = { good: 0.85, bad: 0.6 } as const;

/**
 * - `mis_tiered`: nearly all is approved, and canaries are caught: people read, and there is nothing to find. A lower tier.
 * - `rubber_stamped`: canaries are missed: what is approved here was not read, however much of it is approved.
 * - `healthy`: canaries are caught, and it is not nearly all that is approved.
 * - `unknown`: an approval rate alone can not tell these apart.
 */
export type Reading = 'mis_tiered' | 'rubber_stamped' | 'healthy' | 'unknown';

/** Why it is read so. */
export type ReadingReason =
  | 'canaries_caught'
  | 'canaries_missed'
  /** No canary was planted here. */
  | 'no_canaries'
  | 'too_few_canaries'
  | 'too_few_decisions'
  /** The interval leaves both open, or lies between the two. */
  | 'catch_undecided'
  /** They were caught over the whole window, and the drift alarm came in it: what was so may be so no longer. */
  | 'drift_alarm';

/**
 * Reads one cell (tool × rule × tier × team, one window) from its approval rate and its catch rate, each as `rateOf`
 * gives it with the least n of the table (`LEAST.approval`, `LEAST.catchTeam`). Canaries count as caught when their interval
 * excludes `CAUGHT.bad` and not `CAUGHT.good`, as missed the other way round. `drifting`: the alarm of `CATCH_DRIFT` came
 * within the window; a rate over all of it still looks good while a habit sets in, and a lower tier would be the worst of
 * answers. Fails towards `unknown`: with anything missing nothing is inferred from how much is approved.
 */
export function fourWay(
  approvals: Rate | TooFew,
  catches: Rate | TooFew,
  drifting: boolean,
): { reading: Reading; because: ReadingReason } {
  if (!catches.enough)
    return { reading: 'unknown', because: catches.n === 0 ? 'no_canaries' : 'too_few_canaries' };
  if (!approvals.enough) return { reading: 'unknown', because: 'too_few_decisions' };
  const [notBad, notGood] = [catches.low > CAUGHT.bad, catches.high < CAUGHT.good];
  if (notBad === notGood) return { reading: 'unknown', because: 'catch_undecided' };
  if (notGood) return { reading: 'rubber_stamped', because: 'canaries_missed' };
  if (drifting) return { reading: 'unknown', because: 'drift_alarm' };
  return { reading: approvals.low >= NEARLY_ALL ? 'mis_tiered' : 'healthy', because: 'canaries_caught' };
}
