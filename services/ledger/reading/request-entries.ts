/** Which entries are about a request, and which of them a proof is asked of as a rule. */
import type { Sealed, SealedLog } from './sealed-log.ts';

/** What decides a request, whoever does. */
const decisions: ReadonlySet<string> = new Set([
  'action.allowed',
  'action.denied',
  'request.approved',
  'request.rejected',
  'request.timed_out',
  'request.cancelled',
]);

export const isDecision = ({ entry }: Sealed): boolean => decisions.has(entry.type);

/**
 * The entries of a request, the oldest first.
 *
 * @param known their indexes, where they are known; without any the whole log is searched
 */
export async function entriesOfRequest(
  log: SealedLog,
  requestId: string,
  known: readonly number[],
): Promise<Sealed[]> {
  const found: Sealed[] = [];
  const add = (some: readonly Sealed[]): void => {
    found.push(...some.filter(({ entry }) => entry.request_id === requestId));
  };
  if (known.length > 0) {
    for (const index of known) add(await log.entries(index, index + 1));
    return found;
  }
  for (let from = 0; from < log.size; from += searchedAtOnce) {
    add(await log.entries(from, from + searchedAtOnce));
  }
  return found;
}

/** So many are looked at before others have a turn. */
const searchedAtOnce = 4_096;
