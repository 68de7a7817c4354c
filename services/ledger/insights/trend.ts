/** The same figures day by day, to see what changes. Pure. */
import type { Trend } from '@countersign/shared/contracts';
import { LEAST } from '@countersign/shared/figures';
import { approvalOf, catchesOf, countsOf, timeoutsOf, tooFastOf, unlessFew } from './estimates.ts';
import type { DaySums } from './sums.ts';

/** One for each day on which something happened. */
export const trendOf = (moments: readonly DaySums[]): Trend['days'] =>
  moments.map(({ at, requests, verdicts, people }) => ({
    at: new Date(at).toISOString(),
    requests: countsOf(requests),
    approval: approvalOf(requests),
    timeouts: timeoutsOf(requests),
    too_fast: unlessFew(people, () => tooFastOf(verdicts)),
    catches: unlessFew(people, () => catchesOf(requests, LEAST.catchTeam)),
  }));
