/** Brings the history up from the sealed log: reads what no checkpoint covered before, some bundles at a time. */
import { leafHash, openCheckpoint, parseVerifierKey, TILE_WIDTH } from '@countersign/shared/tlog';
import type { Disk } from '../disk/disk.ts';
import { entryIn } from '../sealing/entry.ts';
import { checkpointPath, entriesIn, LogDamaged } from '../sealing/log.ts';
import type { Store, Taken } from './store.ts';

/** Bundles that are taken in at once. */
const bundlesAtOnce = 16;

/** How far the log is sealed; undefined before its first checkpoint. Rejects with `LogDamaged` where that is not signed. */
export async function sealedIn(disk: Disk): Promise<{ origin: string; size: number } | undefined> {
  const [note, keyText] = await Promise.all([disk.read(checkpointPath), disk.read('verifier-key')]);
  if (note === undefined || keyText === undefined) return undefined;
  const key = parseVerifierKey(Buffer.from(keyText).toString('utf8').trim());
  if (!key.ok) throw new LogDamaged(`verifier-key: ${key.message}`);
  const opened = openCheckpoint(note, key.value.name, [key.value]);
  if (!opened.ok) throw new LogDamaged(opened.message);
  const { origin, size } = opened.value.checkpoint;
  return { origin, size };
}

const hexOf = (bytes: Uint8Array): string => Buffer.from(leafHash(bytes)).toString('hex');

/** Whether what was taken in is the beginning of this log: the same one, as long at least, and its last entry is there. */
export async function isOf(
  disk: Disk,
  taken: Taken,
  sealed: { origin: string; size: number },
): Promise<boolean> {
  if (taken.origin !== sealed.origin || taken.size > sealed.size) return false;
  const at = taken.size - 1;
  const bundle = await entriesIn(disk, Math.floor(at / TILE_WIDTH), sealed.size);
  const last = bundle[at % TILE_WIDTH];
  return last !== undefined && hexOf(last) === taken.leaf;
}

/** Takes in what the log has and the store has not, until it is told to stop. */
export async function follow(
  disk: Disk,
  store: Store,
  sealed: { origin: string; size: number },
  signal: AbortSignal,
): Promise<void> {
  for (let size = store.taken()?.size ?? 0; size < sealed.size && !signal.aborted; ) {
    const first = Math.floor(size / TILE_WIDTH);
    const end = Math.min(sealed.size, (first + bundlesAtOnce) * TILE_WIDTH);
    const indexes = Array.from({ length: Math.ceil(end / TILE_WIDTH) - first }, (_, at) => first + at);
    const bundles = await Promise.all(indexes.map((index) => entriesIn(disk, index, sealed.size)));
    const bytes = bundles.flat().slice(size - first * TILE_WIDTH);
    const last = bytes.at(-1);
    if (last === undefined) return;
    const entries = bytes.map(entryIn);
    size += entries.length;
    await store.take(entries, { origin: sealed.origin, size, leaf: hexOf(last) });
  }
}
