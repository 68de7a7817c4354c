/** In which way canaries are missed where they are missed: what to look into first. */
import type { Count } from './count.ts';
import { differenceOf } from './difference.ts';
import { CAUGHT } from './four-way.ts';
import { LEAST, type TooFew } from './least.ts';
import { type Rate, rateOf } from './rate.ts';

/** Approvals that come too fast, beyond what a card glanced at now and then makes: the lower end of their share. */
export const OFTEN_TOO_FAST = 0.2;

/**
 * - `unread`: cards are approved before anyone could have read half of what is new on them. Too many cards, or too alike.
 * - `by_chance`: what is rejected here is not what is wrong: canaries are rejected no more often than anything else.
 * - `only_here`: the same team has the time, and catches canaries elsewhere. A card that hides what matters, a blind spot,
 *   or somebody who lets this through.
 * - `looked_at`: the cards stood open long enough, and what is wrong was not seen. Canaries too hard, or eyes elsewhere.
 * - `unknown`: too little to tell these apart.
 */
export type HowMissed = 'unread' | 'by_chance' | 'only_here' | 'looked_at' | 'unknown';

/** Of one cell: approvals too fast (`LEAST.tooFast`), ordinary requests rejected or edited, canaries caught here and by the same team elsewhere. */
export type Misses = { tooFast: Rate | TooFew; rejected: Count; caught: Count; caughtElsewhere: Count };

/** How much more often canaries are rejected than anything else, at most, for rejections to have nothing to do with what is wrong. */
const NO_BETTER = 0.25;
/** Rejections below this share are too few to be about anything. */
const SOME_REJECTIONS = 0.05;

/**
 * Names how a cell that `fourWay` reads as `rubber_stamped` misses its canaries; of any other cell it means nothing. The
 * cheapest explanation comes first: who had no time to read explains every other sign as well. It speaks of a team, never
 * of a person, and none of its answers is an accusation.
 */
export function howMissed({ tooFast, rejected, caught, caughtElsewhere }: Misses): HowMissed {
  if (!tooFast.enough) return 'unknown';
  if (tooFast.low > OFTEN_TOO_FAST) return 'unread';
  const rejections = rateOf(rejected, LEAST.approval);
  const told = differenceOf(caught, rejected, LEAST.catchTeam);
  if (!rejections.enough || !told.enough) return 'unknown';
  if (rejections.low > SOME_REJECTIONS && told.low <= 0 && told.high < NO_BETTER) return 'by_chance';
  const elsewhere = rateOf(caughtElsewhere, LEAST.catchTeam);
  const better = differenceOf(caughtElsewhere, caught, LEAST.catchTeam);
  if (elsewhere.enough && better.enough && elsewhere.low > CAUGHT.bad && better.low > 0) return 'only_here';
  return 'looked_at';
}
