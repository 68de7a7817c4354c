/** A share with what belongs to it: its n, and how sure it is. */
import { type Count, checkCount, type Interval } from './count.ts';
import { type TooFew, tooFew } from './least.ts';
import { watched } from './watched.ts';
import { wilson } from './wilson.ts';

/**
 * `k` of `n`, `rate` = k/n in 0…1; `low` and `high` are Wilson's 95% interval, for a look at a window that was chosen
 * beforehand; `watched` is the wider one that a screen which is looked at all day should draw.
 */
export type Rate = Count & Interval & { enough: true; rate: number; watched: Interval };

/** The rate of these counts, or that they are fewer than `least` (see `LEAST`). */
export function rateOf({ k, n }: Count, least: number): Rate | TooFew {
  checkCount({ k, n });
  return (
    // Of nothing there is no rate, whatever the least.
    tooFew(n, Math.max(1, least)) ?? {
      enough: true,
      k,
      n,
      rate: k / n,
      ...wilson({ k, n }),
      watched: watched({ k, n }),
    }
  );
}

/** The rate with `low` and `high` of its watched interval, for whoever reads off it each time that it changes. */
export const asWatched = (rate: Rate | TooFew): Rate | TooFew =>
  rate.enough ? { ...rate, ...rate.watched } : rate;
