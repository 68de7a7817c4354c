/** How sure a reading is, without any model of reviewers: from the share that is caught, exactly, or by running the chart. */
import {
  CATCH_DRIFT,
  type Count,
  fourWay,
  LEAST,
  type Rate,
  type Reading,
  rateOf,
  stepCusum,
  type TooFew,
} from '@countersign/shared/figures';
import type { Chance } from '../chance.ts';

/** Nearly everything is approved, as on the tools where it matters. */
const APPROVALS: Count = { k: 1000, n: 1000 };

/** The chance of a reading after one look at `n` canaries, of which each is caught with chance `share`. */
export function chanceOfReading(
  reading: Reading,
  n: number,
  share: number,
  interval: (rate: Rate | TooFew) => Rate | TooFew,
): number {
  let sum = 0;
  let term = (1 - share) ** n;
  for (let k = 0; k <= n; k++) {
    const catches = interval(rateOf({ k, n }, LEAST.catchTeam));
    const found = fourWay(rateOf(APPROVALS, LEAST.approval), catches, false);
    if (found.reading === reading) sum += term;
    term *= ((n - k) / (k + 1)) * (share / (1 - share));
  }
  return sum;
}

/** Runs of the chart until its alarm while `missed` of the canaries are: how many canaries each took. */
export function runsToAlarm(missed: number, runs: number, draw: Chance): number[] {
  return Array.from({ length: runs }, () => {
    let [sum, alarm, length] = [0, false, 0];
    while (!alarm) {
      ({ sum, alarm } = stepCusum(sum, draw() < missed, CATCH_DRIFT));
      length += 1;
    }
    return length;
  });
}
