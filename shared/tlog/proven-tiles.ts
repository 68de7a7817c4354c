import { HASH_BYTES, sameHash } from './hash.ts';
import { type ReadTile, readHashes, type TileCode } from './read-tile.ts';
import { type Fault, fault, type Result } from './result.ts';
import { edgeTiles, TILE_WIDTH, tilePath, tileWidth } from './tile-path.ts';
import { encodeTile } from './tiles.ts';
import { perfectRoot, restoreTree, treeRoot } from './tree.ts';

type Hashes = Result<Uint8Array[], TileCode>;

/**
 * A reader of tiles from a place that nobody has to trust: what it gives leads to the root of a signed
 * checkpoint, whatever the place answered. The tiles at the right edge are held against the root when this is
 * called, every other one against its hash in the tile above when it is read; those above are remembered.
 * A tile that fails is `tile_mismatch`, and its message names it.
 *
 * It reads the tiles of the tree of `size`, and serves smaller trees too: theirs are the beginnings of these.
 * Asking for what lies outside the tree throws RangeError.
 */
export async function provenTiles(
  size: number,
  root: Uint8Array,
  readTile: ReadTile,
): Promise<Result<ReadTile, TileCode>> {
  const tree = await restoreTree(size, readTile);
  if (!tree.ok) return tree;
  if (!sameHash(treeRoot(tree.value), root)) return edgeMismatch(size);

  const proven = new Map<string, Promise<Hashes>>();
  for (const name of edgeTiles(size)) {
    proven.set(
      tilePath(name),
      Promise.resolve({ ok: true, value: [...(tree.value.edge[name.level] ?? [])] }),
    );
  }

  function prove(level: number, index: number): Promise<Hashes> {
    const path = tilePath({ level, index, width: tileWidth(size, level, index) });
    const known = proven.get(path);
    if (known !== undefined) return known;
    const reading = proveFull(level, index);
    // Most tiles are of level 0 and wanted once; the few above them are wanted by many.
    if (level > 0) {
      proven.set(path, reading);
      // An outage passes, and a place may mend a tile: what failed is read again.
      const forget = () => proven.delete(path);
      reading.then((hashes) => hashes.ok || forget(), forget);
    }
    return reading;
  }

  /** Partial tiles are all at the edge, so what is left is full and has its root in a tile above. */
  async function proveFull(level: number, index: number): Promise<Hashes> {
    const name = { level, index, width: TILE_WIDTH };
    const [above, hashes] = await Promise.all([
      prove(level + 1, Math.floor(index / TILE_WIDTH)),
      readHashes(name, readTile),
    ]);
    if (!above.ok) return above;
    if (!hashes.ok) return hashes;
    const wanted = above.value[index % TILE_WIDTH];
    if (wanted !== undefined && sameHash(perfectRoot(hashes.value), wanted)) return hashes;
    return fault(
      'tile_mismatch',
      `${tilePath(name)} does not lead to the root of the tree of ${size} entries.`,
    );
  }

  return {
    ok: true,
    value: async (level, index, width) => {
      if (width > tileWidth(size, level, index)) {
        throw new RangeError(`${tilePath({ level, index, width })} is outside of a tree of ${size} entries`);
      }
      const hashes = await prove(level, index);
      return hashes.ok ? encodeTile(hashes.value).subarray(0, width * HASH_BYTES) : hashes;
    },
  };
}

function edgeMismatch(size: number): Fault<'tile_mismatch'> {
  const paths = edgeTiles(size).map(tilePath);
  if (paths.length === 0) return fault('tile_mismatch', 'The root is not that of a tree without entries.');
  return fault(
    'tile_mismatch',
    `The root of ${size} entries does not follow from the tiles at its right edge: ${paths.join(', ')}.`,
  );
}
