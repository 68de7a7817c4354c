import { HASH_BYTES } from './hash.ts';
import { type Fault, fault, type Result } from './result.ts';
import { TILE_WIDTH, type TileName, tilePath } from './tile-path.ts';
import { decodeTile } from './tiles.ts';

/**
 * `tile_missing`: it is not there. `tile_malformed`: it has not the length that its name says.
 * `tile_mismatch`: it does not lead to the root that it was held against.
 */
export type TileCode = 'tile_missing' | 'tile_malformed' | 'tile_mismatch';

/**
 * Reads a tile from wherever it lies: its bytes, `undefined` where it is not there, a fault where whoever reads
 * has found one. An outage is thrown.
 */
export type ReadTile = (
  level: number,
  index: number,
  width: number,
) => Promise<Uint8Array | Fault<TileCode> | undefined>;

/** The same reader for a log that was pruned: where a partial tile is gone, it is the beginning of the full one. */
export function orFull(readTile: ReadTile): ReadTile {
  return async (level, index, width) => {
    const exact = await readTile(level, index, width);
    if (exact !== undefined || width === TILE_WIDTH) return exact;
    const full = await readTile(level, index, TILE_WIDTH);
    return full instanceof Uint8Array ? full.subarray(0, width * HASH_BYTES) : full;
  };
}

/** The hashes of a tile; every message names its path. */
export async function readHashes(
  name: TileName,
  readTile: ReadTile,
): Promise<Result<Uint8Array[], TileCode>> {
  const read = await readTile(name.level, name.index, name.width);
  if (read === undefined) return fault('tile_missing', `${tilePath(name)} is not there.`);
  if (!(read instanceof Uint8Array)) return read;
  const decoded = decodeTile(read, name.width);
  return decoded.ok ? decoded : fault(decoded.code, `${tilePath(name)}: ${decoded.message}`);
}

/** The hashes of several tiles, read side by side; the first fault in their order, if there is any. */
export async function readTiles(
  names: readonly TileName[],
  readTile: ReadTile,
): Promise<Result<Uint8Array[][], TileCode>> {
  const value: Uint8Array[][] = [];
  for (const read of await Promise.all(names.map((name) => readHashes(name, readTile)))) {
    if (!read.ok) return read;
    value.push(read.value);
  }
  return { ok: true, value };
}
