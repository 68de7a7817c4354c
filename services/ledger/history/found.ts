/** What was found, as it is answered: entries as they stand in the sealed log, requests with names and times. */
import { TILE_WIDTH } from '@countersign/shared/tlog';
import type { Disk } from '../disk/disk.ts';
import { type Entry, entryIn } from '../sealing/entry.ts';
import { entriesIn, LogDamaged } from '../sealing/log.ts';
import type { Names } from '../sealing/names.ts';
import { pseudonymsIn } from './facts.ts';
import type { FoundRequest } from './search.ts';

/** An entry with its index, and who is meant by the pseudonyms in it, as far as that was not erased. */
export type FoundEntry = { index: number; entry: Entry; names: Record<string, string> };

/** A request, its times as RFC 3339, and its place in the log: the first entry about it, its decision, the newest. */
export type NamedRequest = Omit<FoundRequest, 'created_at' | 'decided_at' | 'first' | 'decision' | 'last'> & {
  created_at: string;
  decided_at: string | null;
  entries: { first: number; decision: number | null; last: number };
  names: Record<string, string>;
};

/** Whom these pseudonyms stand for, as far as that was not erased. */
export const namesOf = (names: Names, pseudonyms: readonly string[]): Record<string, string> =>
  Object.fromEntries(
    pseudonyms.flatMap((pseudonym) => {
      const person = names.personOf(pseudonym);
      return person === undefined ? [] : [[pseudonym, person]];
    }),
  );

/** Reads entries by their indexes from a log of at least `size`; the bundle read last is kept for the next. */
export function entryReader(disk: Disk, size: number): (seq: number) => Promise<Entry> {
  let at = -1;
  let bundle: Promise<Uint8Array[]> = Promise.resolve([]);
  return async (seq) => {
    const index = Math.floor(seq / TILE_WIDTH);
    if (index !== at) [at, bundle] = [index, entriesIn(disk, index, size)];
    const bytes = (await bundle)[seq % TILE_WIDTH];
    if (bytes === undefined) throw new LogDamaged(`Entry ${seq} is not in the log.`);
    return entryIn(bytes);
  };
}

/** The entry as it is answered. */
export const foundEntry = (index: number, entry: Entry, names: Names): FoundEntry => ({
  index,
  entry,
  names: namesOf(names, pseudonymsIn(entry)),
});

/** The request as it is answered. */
export function namedRequest(request: FoundRequest, names: Names): NamedRequest {
  const { created_at, decided_at, first, decision, last, ...rest } = request;
  return {
    ...rest,
    created_at: new Date(created_at).toISOString(),
    decided_at: decided_at === null ? null : new Date(decided_at).toISOString(),
    entries: { first, decision, last },
    names: namesOf(names, request.reviewers),
  };
}
