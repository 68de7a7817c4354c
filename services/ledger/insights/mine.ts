/** One's own figures, for oneself. Nobody else is given them. Pure. */
import type { Mine } from '@countersign/shared/contracts';
import { LEAST, NO_STREAK, rateOf } from '@countersign/shared/figures';
import { catchesOf, sessionDriftOf, spreadOf, tooFastOf } from './estimates.ts';
import { addTo, type Measures, valueIn } from './measures.ts';
import type { Reader } from './memory.ts';
import type { CellSums } from './sums.ts';

function ownOf(verdicts: Measures): Mine['all'] {
  const edited = valueIn(verdicts, 'gave_edit');
  const approved = valueIn(verdicts, 'gave_approve') + edited;
  const rejected = valueIn(verdicts, 'gave_reject');
  const n = approved + rejected;
  return {
    ...{ verdicts: n, approved, edited, rejected },
    approval: rateOf({ k: approved, n }, LEAST.approval),
    time: spreadOf(verdicts, 'time'),
    pace: spreadOf(verdicts, 'pace'),
    too_fast: tooFastOf(verdicts),
  };
}

/** What one person's verdicts come to. @param cells of this person alone */
export function mineOf(
  cells: readonly CellSums[],
  reader: Reader | undefined,
): Pick<Mine, 'all' | 'tools' | 'streak' | 'session_drift' | 'catches'> {
  const all: Measures = {};
  const tools = new Map<string, Measures>();
  for (const { tool, verdicts } of cells) {
    addTo(all, verdicts);
    const sums = tools.get(tool) ?? {};
    addTo(sums, verdicts);
    tools.set(tool, sums);
  }
  const own = [...tools].map(([tool, sums]) => ({ tool, ...ownOf(sums) }));
  return {
    all: ownOf(all),
    tools: own.filter(({ verdicts }) => verdicts > 0).toSorted((a, b) => b.verdicts - a.verdicts),
    streak: reader?.streak ?? NO_STREAK,
    session_drift: sessionDriftOf(all),
    catches: catchesOf(all, LEAST.catchPerson),
  };
}
