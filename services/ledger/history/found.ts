/** The entries that were found, as they stand in the sealed log. */
import { TILE_WIDTH } from '@countersign/shared/tlog';
import type { Disk } from '../disk/disk.ts';
import { type Entry, entryIn } from '../sealing/entry.ts';
import { LogDamaged, readBundle } from '../sealing/log.ts';
import type { Names } from '../sealing/names.ts';
import { pseudonymsIn } from './facts.ts';

/** An entry with its index, and who is meant by the pseudonyms in it, as far as that was not erased. */
export type FoundEntry = { seq: number; entry: Entry; names: Record<string, string> };

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
    if (index !== at) [at, bundle] = [index, readBundle(disk, index, size)];
    const bytes = (await bundle)[seq % TILE_WIDTH];
    if (bytes === undefined) throw new LogDamaged(`Entry ${seq} is not in the log.`);
    return entryIn(bytes);
  };
}

/** The entry as it is answered. */
export const foundEntry = (seq: number, entry: Entry, names: Names): FoundEntry => ({
  seq,
  entry,
  names: namesOf(names, pseudonymsIn(entry)),
});
