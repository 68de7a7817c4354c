import { emptyRoot, nodeHash } from './hash.ts';
import { type ReadTile, readTiles, type TileCode } from './read-tile.ts';
import type { Result } from './result.ts';
import { edgeTiles, TILE_WIDTH, type TileName } from './tile-path.ts';
import { encodeTile } from './tiles.ts';

/**
 * What has to be remembered of a tree to append to it: the hashes of the partial tile of each level, lowest
 * level first. A value that never changes: if writing its tiles fails, the tree of before is still there to
 * begin with again.
 */
export type Tree = { readonly size: number; readonly edge: readonly (readonly Uint8Array[])[] };

export const EMPTY_TREE: Tree = { size: 0, edge: [] };

/** A tile's name with its bytes, to be stored under `tilePath(tile)`. */
export type Tile = TileName & { bytes: Uint8Array };

/**
 * The tree with these leaves appended, and the tiles in which it differs from the tree of before: of each
 * level those that became full, and the partial one at the edge where it changed. With all of them stored,
 * everything that a checkpoint of the new size needs is there.
 *
 * @param leaves leaf hashes, in order (`leafHash(entry)`)
 */
export function append(tree: Tree, leaves: readonly Uint8Array[]): { tree: Tree; tiles: Tile[] } {
  const size = tree.size + leaves.length;
  if (!Number.isSafeInteger(size)) throw new RangeError(`a tree of ${size} entries`);
  const edge: Uint8Array[][] = [];
  const tiles: Tile[] = [];
  let added = leaves;
  for (let level = 0; added.length > 0 || level < tree.edge.length; level++) {
    const before = tree.edge[level] ?? [];
    const hashes = [...before, ...added];
    const first = Math.floor(tree.size / TILE_WIDTH ** (level + 1));
    const roots: Uint8Array[] = [];
    let at = 0;
    for (; at + TILE_WIDTH <= hashes.length; at += TILE_WIDTH) {
      const full = hashes.slice(at, at + TILE_WIDTH);
      tiles.push({ level, index: first + roots.length, width: TILE_WIDTH, bytes: encodeTile(full) });
      roots.push(perfectRoot(full));
    }
    const partial = hashes.slice(at);
    if (partial.length > 0 && added.length > 0) {
      tiles.push({ level, index: first + roots.length, width: partial.length, bytes: encodeTile(partial) });
    }
    edge.push(partial);
    added = roots;
  }
  return { tree: { size, edge }, tiles };
}

/** The root of a tree: RFC 6962's MTH of all its entries. */
export function treeRoot(tree: Tree): Uint8Array {
  // Left to right the subtrees grow smaller: high levels first, and in each level by the bits of its width.
  return joinSubtrees(tree.edge.toReversed().flatMap(perfectSubtrees));
}

/**
 * The tree of a size from its stored tiles; of each level only the one at the right edge is read. Nothing
 * vouches for tiles from a place that is not trusted: compare {@link treeRoot} with a signed checkpoint.
 */
export async function restoreTree(size: number, readTile: ReadTile): Promise<Result<Tree, TileCode>> {
  const names = edgeTiles(size);
  const read = await readTiles(names, readTile);
  if (!read.ok) return read;
  const edge: Uint8Array[][] = [];
  for (const [at, { level }] of names.entries()) {
    while (edge.length < level) edge.push([]);
    edge.push(read.value[at] ?? []);
  }
  return { ok: true, value: { size, edge } };
}

/** The root that the stored tiles of a tree of this size add up to. Reads the right edge alone. */
export async function rootOf(size: number, readTile: ReadTile): Promise<Result<Uint8Array, TileCode>> {
  const tree = await restoreTree(size, readTile);
  return tree.ok ? { ok: true, value: treeRoot(tree.value) } : tree;
}

/** The root over hashes whose number is a power of two. */
export function perfectRoot(hashes: readonly Uint8Array[]): Uint8Array {
  const [first] = hashes;
  if (first === undefined) throw new RangeError('a subtree of nothing');
  if (hashes.length === 1) return first;
  const middle = hashes.length / 2;
  return nodeHash(perfectRoot(hashes.slice(0, middle)), perfectRoot(hashes.slice(middle)));
}

/** The root over the roots of perfect subtrees that stand side by side, each smaller than the one to its left. */
export function joinSubtrees(roots: readonly Uint8Array[]): Uint8Array {
  if (roots.length === 0) return emptyRoot();
  return roots.reduceRight((right, left) => nodeHash(left, right));
}

/** The roots of the perfect subtrees into which less than a tile of hashes falls, largest first. */
function perfectSubtrees(hashes: readonly Uint8Array[]): Uint8Array[] {
  const roots: Uint8Array[] = [];
  let at = 0;
  for (let count = TILE_WIDTH / 2; count >= 1; count /= 2) {
    if ((hashes.length & count) === 0) continue;
    roots.push(perfectRoot(hashes.slice(at, at + count)));
    at += count;
  }
  return roots;
}
