import { type ReadTile, readTiles, type TileCode } from './read-tile.ts';
import type { Result } from './result.ts';
import { TILE_WIDTH, type TileName, tilePath, tileWidth } from './tile-path.ts';
import { joinSubtrees, perfectRoot } from './tree.ts';

/** Entries `from` up to, but not including, `to`: the subtree whose root RFC 6962 writes MTH(D[from:to]). */
type Span = { from: number; to: number };

/**
 * The proof that an entry stands at an index in the tree of a size: RFC 6962, section 2.1.1, the leaf's
 * sibling first. Reads at most two tiles of each level. Tiles are believed; `verifyInclusion` tells whether the
 * proof holds, `provenTiles` which tile is wrong if not.
 *
 * @throws RangeError unless 0 ≤ index < size
 */
export async function inclusionProof(
  index: number,
  size: number,
  readTile: ReadTile,
): Promise<Result<Uint8Array[], TileCode>> {
  checkSize(size);
  if (!Number.isInteger(index) || index < 0 || index >= size) {
    throw new RangeError(`no entry ${index} in a tree of ${size}`);
  }
  const siblings: Span[] = [];
  let at: Span = { from: 0, to: size };
  while (at.to - at.from > 1) {
    const [left, right] = halves(at);
    siblings.push(index < left.to ? right : left);
    at = index < left.to ? left : right;
  }
  return rootsOf(siblings.reverse(), size, readTile);
}

/**
 * The proof that the tree of `from` entries is the beginning of the tree of `to`: RFC 6962, section 2.1.2.
 * Empty where there is nothing to prove: from the empty tree, and to the same size. Otherwise as
 * {@link inclusionProof}.
 *
 * @throws RangeError unless 0 ≤ from ≤ to
 */
export async function consistencyProof(
  from: number,
  to: number,
  readTile: ReadTile,
): Promise<Result<Uint8Array[], TileCode>> {
  checkSize(from);
  checkSize(to);
  if (from > to) throw new RangeError(`a tree of ${from} entries does not lead to one of ${to}`);
  if (from === 0) return { ok: true, value: [] };
  const spans: Span[] = [];
  let at: Span = { from: 0, to };
  while (at.to !== from) {
    const [left, right] = halves(at);
    spans.push(from <= left.to ? right : left);
    at = from <= left.to ? left : right;
  }
  // Where the old tree is itself a subtree of the new one, whoever checks has its root already.
  if (at.from > 0) spans.push(at);
  return rootsOf(spans.reverse(), to, readTile);
}

/** A span's two halves: the left one is as large a power of two as leaves something for the right one. */
function halves({ from, to }: Span): [Span, Span] {
  let count = 1;
  while (count * 2 < to - from) count *= 2;
  return [
    { from, to: from + count },
    { from: from + count, to },
  ];
}

/** The roots of spans of a tree, each tile being read once. */
async function rootsOf(
  spans: readonly Span[],
  size: number,
  readTile: ReadTile,
): Promise<Result<Uint8Array[], TileCode>> {
  const parts = spans.map((span) => perfectParts(span).map((part) => placeOf(part, size)));
  const names = new Map(parts.flat().map(({ tile }) => [tilePath(tile), tile]));
  const read = await readTiles([...names.values()], readTile);
  if (!read.ok) return read;
  const tiles = new Map([...names.keys()].map((path, at) => [path, read.value[at] ?? []]));
  const value = parts.map((places) =>
    joinSubtrees(
      places.map(({ tile, at, count }) =>
        perfectRoot((tiles.get(tilePath(tile)) ?? []).slice(at, at + count)),
      ),
    ),
  );
  return { ok: true, value };
}

/** A span as perfect subtrees, largest first. Spans of the proofs begin where a subtree of their size may begin. */
function perfectParts(span: Span): Span[] {
  const parts: Span[] = [];
  let rest = span;
  while (rest.to > rest.from) {
    let count = 1;
    while (count * 2 <= rest.to - rest.from) count *= 2;
    parts.push({ from: rest.from, to: rest.from + count });
    rest = { from: rest.from + count, to: rest.to };
  }
  return parts;
}

/** Which hashes of which tile add up to a perfect subtree: those of the highest level that still resolves it. */
function placeOf({ from, to }: Span, size: number): { tile: TileName; at: number; count: number } {
  let level = 0;
  let count = to - from;
  while (count >= TILE_WIDTH) {
    count /= TILE_WIDTH;
    level++;
  }
  const first = from / TILE_WIDTH ** level;
  const index = Math.floor(first / TILE_WIDTH);
  return {
    tile: { level, index, width: tileWidth(size, level, index) },
    at: first % TILE_WIDTH,
    count,
  };
}

function checkSize(size: number): void {
  if (!Number.isSafeInteger(size) || size < 0) throw new RangeError(`a tree of ${size} entries`);
}
