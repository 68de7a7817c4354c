/** The same figures day by day, to see what changes. Pure. */
import type { Trend } from '@countersign/shared/contracts';
import { LEAST } from '@countersign/shared/figures';
import { approvalOf, catchesOf, countsOf, timeoutsOf, tooFastOf, unlessFew } from './estimates.ts';
import type { MomentSums } from './sums.ts';

/** One for each day on which something happened. */
export const trendOf = (moments: readonly MomentSums[]): Trend['days'] =>
  moments.map(({ at, requests, verdicts, people }) => ({
    at: new Date(at).toISOString(),
    requests: countsOf(requests),
    approval: approvalOf(requests),
    timeouts: timeoutsOf(requests),
    too_fast: unlessFew(people.length, () => tooFastOf(verdicts)),
    catches: unlessFew(people.length, () => catchesOf(requests, LEAST.catchTeam)),
  }));
