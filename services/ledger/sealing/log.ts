/**
 * The sealed log of one workspace on disk, as C2SP tlog-tiles lays it out: tiles and entry bundles first, and once they
 * are certain, the checkpoint over them. What no checkpoint covers does not count, so a crash at any point leaves the
 * log as it was before or as it is after.
 */
import {
  append,
  bundlePath,
  EMPTY_TREE,
  encodeBundle,
  leafHash,
  openCheckpoint,
  orFull,
  type ReadTile,
  readBundle,
  restoreTree,
  type SignerKey,
  sameHash,
  signCheckpoint,
  TILE_WIDTH,
  type Tree,
  tilePath,
  timeLine,
  treeRoot,
} from '@countersign/shared/tlog';
import type { Disk, File } from '../disk/disk.ts';

export const checkpointPath = 'checkpoint';

/** How far the log has come. */
export type Sealed = { size: number; root: Uint8Array; checkpoint: string };

/** An entry, made ready to be appended. */
export type Leaf = { bytes: Uint8Array; hash: Uint8Array };

export const leafOf = (bytes: Uint8Array): Leaf => ({ bytes, hash: leafHash(bytes) });

export type Log = {
  sealed(): Sealed | undefined;
  /**
   * Seals entries after those that are there; resolves when no crash can undo it. After a failure the log says nothing
   * of what became of them: open it anew.
   *
   * @param at goes into the checkpoint, ms
   */
  append(leaves: readonly Leaf[], at: number): Promise<Sealed>;
  /** Its entries, the newest first. */
  backwards(): AsyncIterable<{ index: number; bytes: Uint8Array }>;
};

/** What is on disk is not what was sealed: nothing is sealed on top of it. */
export class LogDamaged extends Error {
  override name = 'LogDamaged';
}

/** Reads tiles from where `openLog` writes them. A partial tile may be gone once the full one is there. */
export function tilesOn(disk: Disk): ReadTile {
  return orFull((level, index, width) => disk.read(tilePath({ level, index, width })));
}

/** The entries of a bundle in a log of so many. Rejects with `LogDamaged` where it is not what was written. */
export async function entriesIn(disk: Disk, bundle: number, size: number): Promise<Uint8Array[]> {
  const read = await readBundle(bundle, size, disk.read);
  if (!read.ok) throw new LogDamaged(read.message);
  return read.value;
}

/** Opens the log as its checkpoint has it. Rejects with `LogDamaged` where tiles or bundles do not bear it out. */
export async function openLog(disk: Disk, key: SignerKey): Promise<Log> {
  let tree: Tree = EMPTY_TREE;
  let sealed: Sealed | undefined;
  /** Entries of the bundle that is not full. */
  let partial: Uint8Array[] = [];

  const text = await disk.read(checkpointPath);
  if (text !== undefined) {
    const checkpoint = Buffer.from(text).toString('utf8');
    const opened = openCheckpoint(checkpoint, key.name, [key]);
    if (!opened.ok) throw new LogDamaged(opened.message);
    const { size, root } = opened.value.checkpoint;
    const restored = await restoreTree(size, tilesOn(disk));
    if (!restored.ok) throw new LogDamaged(restored.message);
    if (!sameHash(treeRoot(restored.value), root))
      throw new LogDamaged('Its tiles do not add up to the root of its checkpoint.');
    tree = restored.value;
    partial = await entriesIn(disk, Math.floor(size / TILE_WIDTH), size);
    const hashes = tree.edge[0] ?? [];
    if (partial.some((entry, at) => !sameHash(leafHash(entry), hashes[at] ?? new Uint8Array())))
      throw new LogDamaged('The entries of its last bundle are not those that were sealed.');
    sealed = { size, root, checkpoint };
  }

  function bundlesOf(entries: readonly Uint8Array[], size: number): File[] {
    const first = Math.floor(size / TILE_WIDTH);
    const files: File[] = [];
    for (let at = 0; at < entries.length; at += TILE_WIDTH) {
      const those = entries.slice(at, at + TILE_WIDTH);
      const bytes = encodeBundle(those);
      if (!bytes.ok) throw new RangeError(bytes.message);
      files.push({
        path: bundlePath({ index: first + at / TILE_WIDTH, width: those.length }),
        bytes: bytes.value,
      });
    }
    return files;
  }

  return {
    sealed: () => sealed,
    async append(leaves, at) {
      const { size } = tree;
      const there = await disk.read(checkpointPath);
      if ((there && Buffer.from(there).toString('utf8')) !== sealed?.checkpoint)
        throw new LogDamaged(
          'Its checkpoint was changed by somebody else: two must never seal into one folder.',
        );
      const bundled = [...partial, ...leaves.map(({ bytes }) => bytes)];
      const next = append(
        tree,
        leaves.map(({ hash }) => hash),
      );
      const tiles = next.tiles.map(({ bytes, ...tile }) => ({ path: tilePath(tile), bytes }));
      await disk.write([...(leaves.length === 0 ? [] : bundlesOf(bundled, size)), ...tiles]);
      const root = treeRoot(next.tree);
      const extensions = [timeLine(at)];
      const checkpoint = signCheckpoint({ origin: key.name, size: next.tree.size, root, extensions }, [key]);
      await disk.write([{ path: checkpointPath, bytes: checkpoint }]);
      tree = next.tree;
      partial = bundled.slice(Math.floor(bundled.length / TILE_WIDTH) * TILE_WIDTH);
      sealed = { size: tree.size, root, checkpoint };
      await removePartials(disk, size, next.tree.size);
      return sealed;
    },
    async *backwards() {
      for (let index = Math.ceil(tree.size / TILE_WIDTH) - 1; index >= 0; index -= 1) {
        const entries = await entriesIn(disk, index, tree.size);
        for (const [at, bytes] of [...entries.entries()].reverse())
          yield { index: index * TILE_WIDTH + at, bytes };
      }
    },
  };
}

/** Where a tile or bundle has become full, its partial ones say nothing more. */
async function removePartials(disk: Disk, before: number, after: number): Promise<void> {
  const gone: string[] = [];
  for (let level = 0, from = before, to = after; to > 0; level++) {
    [from, to] = [Math.floor(from / TILE_WIDTH), Math.floor(to / TILE_WIDTH)];
    if (from === to) break;
    gone.push(`${tilePath({ level, index: from, width: TILE_WIDTH })}.p`);
    if (level === 0) gone.push(`${bundlePath({ index: from, width: TILE_WIDTH })}.p`);
  }
  await disk.remove(gone);
}
