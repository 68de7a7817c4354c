/** Which texts beside a log are past their time: those of requests that were asked for before it, and have left the store. */
import type { Disk } from '../disk/disk.ts';
import { readEntry, type SealedLog } from '../reading/sealed-log.ts';
import { requestsBeside } from '../sealing/beside.ts';
import type { Entry } from '../sealing/entry.ts';

/** When it came into the feed, ms: that only grows, while `at` is now and then of a moment that was noticed late. */
const cameAt = ({ feed_id, at }: Entry): number => (feed_id === null ? at : Number(feed_id.split('-')[0]));

/** The index of the first entry that is not from before a time (ms). */
async function firstSince(log: SealedLog, time: number): Promise<number> {
  let [from, to] = [0, log.size];
  while (from < to) {
    const middle = Math.floor((from + to) / 2);
    const [bytes] = await log.bytes(middle, middle + 1);
    if (bytes !== undefined && cameAt(readEntry(bytes).entry) < time) from = middle + 1;
    else to = middle;
  }
  return from;
}

/**
 * Requests of which a text lies beside an entry from before a time (ms), the oldest first, and that the store has let
 * go of: one that waits, or may still run, is always there.
 *
 * @param inStore which of some requests the store holds
 */
export async function* requestsDue(
  disk: Disk,
  log: SealedLog,
  before: number,
  inStore: (ids: readonly string[]) => Promise<ReadonlySet<string>>,
): AsyncIterable<string[]> {
  const end = await firstSince(log, before);
  const looked = new Set<string>();
  for await (const ids of requestsBeside(disk, end)) {
    const fresh = ids.filter((id) => !looked.has(id));
    for (const id of fresh) looked.add(id);
    const held = await inStore(fresh);
    const due = fresh.filter((id) => !held.has(id));
    if (due.length > 0) yield due;
  }
}
