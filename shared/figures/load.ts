/** Whether there are people enough for what arrives. */
import { LEAST, type TooFew, tooFew } from './least.ts';

/** Above this share of their time, waits grow without bound as soon as anything varies. */
export const BUSY = 0.8;

/** What was watched: `hours` of it, `arrivals` in them, and for how long reviewers were on duty, all of them together. */
export type Watch = { hours: number; arrivals: number; handlingMs: number; reviewerHours: number };

/** `busy` is the share of reviewers' time that handling takes: 1 is all of it, more than 1 can not be kept up with. */
export type Load = {
  enough: true;
  hours: number;
  arrivalsAnHour: number;
  onDuty: number;
  busy: number;
  tooBusy: boolean;
};

/**
 * Arrivals × handling time ÷ reviewers on duty, over a week at least. `handlingMs` is the mean time that a request takes
 * a reviewer's hands, not the time that it waited: show the wait that was really seen beside this, and promise none from
 * it. With nobody on duty and something arriving, `busy` is Infinity.
 *
 * Source: the utilisation ρ = λ/(cμ) of any queue; waits grow like 1/(1−ρ) (L. Kleinrock, "Queueing Systems", 1975).
 */
export function loadOf({ hours, arrivals, handlingMs, reviewerHours }: Watch): Load | TooFew {
  const few = tooFew(hours, LEAST.load);
  if (few !== undefined) return few;
  const work = (arrivals * handlingMs) / 3_600_000;
  const busy = work === 0 ? 0 : work / reviewerHours;
  const onDuty = reviewerHours / hours;
  return { enough: true, hours, arrivalsAnHour: arrivals / hours, onDuty, busy, tooBusy: busy > BUSY };
}
