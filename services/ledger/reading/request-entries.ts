/** Which entries are about a request, and which of them a proof is asked of as a rule. */
import { readEntry, type Sealed, type SealedLog } from './sealed-log.ts';

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

/** Those of the entries at these indexes that are of a request, in that order. */
export async function entriesAt(
  log: SealedLog,
  requestId: string,
  indexes: readonly number[],
): Promise<Sealed[]> {
  const some = await Promise.all(indexes.map((index) => log.bytes(index, index + 1)));
  return some
    .flat()
    .map(readEntry)
    .filter(({ entry }) => entry.request_id === requestId);
}

/** So many are looked at before others have a turn. */
const lookedAtOnce = 4_096;

/** The entries of a request, the oldest first, for when nobody knows any more where they are: all of the log is read. */
export async function searchFor(log: SealedLog, requestId: string): Promise<Sealed[]> {
  const found: Sealed[] = [];
  const named = JSON.stringify(requestId);
  for (let from = 0; from < log.size; from += lookedAtOnce) {
    for (const bytes of await log.bytes(from, from + lookedAtOnce)) {
      // Parsing costs more than looking, and next to none is of it.
      if (!Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).includes(named)) continue;
      const read = readEntry(bytes);
      if (read.entry.request_id === requestId) found.push(read);
    }
  }
  return found;
}
