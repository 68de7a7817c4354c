/** A workspace's log as whoever reads it finds it: what its newest checkpoint covers, and what lies beside it. */
import {
  inclusionProof,
  openCheckpoint,
  type ParsedPath,
  parseVerifierKey,
  printProof,
  TILE_WIDTH,
  tileWidth,
} from '@countersign/shared/tlog';
import type { Disk } from '../disk/disk.ts';
import { type Beside, openBeside } from '../sealing/beside.ts';
import { type Entry, entryIn } from '../sealing/entry.ts';
import { checkpointPath, entriesIn, LogDamaged, tilesOn } from '../sealing/log.ts';
import { openNames } from '../sealing/names.ts';
import { verifierKeyPath } from '../sealing/workspace-log.ts';

/** An entry to the byte, and what it says. */
export type Sealed = { bytes: Uint8Array; entry: Entry };

/** What it says, read. */
export const readEntry = (bytes: Uint8Array): Sealed => ({ bytes, entry: entryIn(bytes) });

export type SealedLog = {
  /** Its name. */
  origin: string;
  /** How many entries the checkpoint covers. What follows them does not count yet. */
  size: number;
  checkpoint: string;
  verifierKey: string;
  /** Entries `from` up to, but not including, `to`, as far as there are. */
  bytes(from: number, to: number): Promise<Uint8Array[]>;
  /** Who each pseudonym stands for; undefined for those that were erased. */
  names(): Promise<(pseudonym: string) => string | undefined>;
  /** What lies beside the entries `from` to `to`, by their index. */
  texts(from: number, to: number): Promise<Map<number, Beside[]>>;
  /** A tile or bundle, if it is there and the checkpoint covers all of it. */
  tile(path: ParsedPath, name: string): Promise<Uint8Array | undefined>;
  /** A tlog-proof of an entry under the checkpoint. RangeError where it covers no such entry. */
  proof(index: number): Promise<string>;
};

const textOf = (bytes: Uint8Array | undefined): string | undefined =>
  bytes === undefined ? undefined : Buffer.from(bytes).toString('utf8');

/** Opens it as it is now; undefined before anything was sealed. Rejects with `LogDamaged` for what no ledger wrote. */
export async function openSealedLog(disk: Disk): Promise<SealedLog | undefined> {
  // The checkpoint first: whatever it covers is on the disk by now.
  const checkpoint = textOf(await disk.read(checkpointPath));
  const verifierKey = textOf(await disk.read(verifierKeyPath));
  if (checkpoint === undefined || verifierKey === undefined) return undefined;
  const key = parseVerifierKey(verifierKey.trim());
  if (!key.ok) throw new LogDamaged(`${verifierKeyPath}: ${key.message}`);
  const opened = openCheckpoint(checkpoint, key.value.name, [key.value]);
  if (!opened.ok) throw new LogDamaged(opened.message);
  const { origin, size } = opened.value.checkpoint;

  return {
    origin,
    size,
    checkpoint,
    verifierKey,
    async bytes(from, to) {
      const end = Math.min(to, size);
      const found: Uint8Array[] = [];
      for (let at = from; at < end; ) {
        const bundle = Math.floor(at / TILE_WIDTH);
        const first = bundle * TILE_WIDTH;
        const those = (await entriesIn(disk, bundle, size)).slice(at - first, end - first);
        if (those.length === 0) throw new LogDamaged(`The bundle of entry ${at} is empty.`);
        found.push(...those);
        at += those.length;
      }
      return found;
    },
    names: async () => (await openNames(disk)).personOf,
    texts: (from, to) => openBeside(disk).between(from, Math.min(to, size)),
    async tile(path, name) {
      const level = path.kind === 'entries' ? 0 : path.level;
      // After a crash there may be tiles beyond the checkpoint, which the next one need not bear out.
      return path.width <= tileWidth(size, level, path.index) ? disk.read(name) : undefined;
    },
    async proof(index) {
      const hashes = await inclusionProof(index, size, tilesOn(disk));
      if (!hashes.ok) throw new LogDamaged(hashes.message);
      return printProof({ index, hashes: hashes.value, checkpoint });
    },
  };
}
