/** What a row's approval rate means, and how canaries are missed where they are. Pure. */
import type { ReadingOf } from '@countersign/shared/contracts';
import { type Count, fourWay, howMissed, LEAST, rateOf } from '@countersign/shared/figures';
import { approvalOf, catchesOf, countsOf, fastIn, leastPeople } from './estimates.ts';
import { type Measures, valueIn } from './measures.ts';

const caughtOf = (sums: Measures): Count => {
  const k = valueIn(sums, 'plain_caught') + valueIn(sums, 'buried_caught');
  return { k, n: valueIn(sums, 'plain') + valueIn(sums, 'buried') };
};

/**
 * The four-way reading of a row. `drifting`: its team's drift alarm came in the window. `elsewhere`: what the same team's
 * other requests come to, none of which is in this row; asked for only where canaries are missed.
 */
export function readingOf(
  { requests, verdicts, people }: { requests: Measures; verdicts: Measures; people: number },
  { drifting, elsewhere }: { drifting: boolean; elsewhere: () => Measures },
): ReadingOf {
  const caught = caughtOf(requests);
  if (people < leastPeople && caught.n > 0) return { reading: 'unknown', because: 'hidden' };
  const read = fourWay(approvalOf(requests), catchesOf(requests, LEAST.catchTeam), drifting);
  if (read.reading !== 'rubber_stamped') return read;
  const { decided, rejected, edited } = countsOf(requests);
  const how = howMissed({
    tooFast: rateOf(fastIn(verdicts), LEAST.tooFast),
    rejected: { k: Math.min(decided, rejected + edited), n: decided },
    caught,
    caughtElsewhere: caughtOf(elsewhere()),
  });
  return { ...read, how };
}
