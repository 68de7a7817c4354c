import { fault, type Result } from './result.ts';

/** How many hashes a full tile holds, and how many entries a full bundle. */
export const TILE_WIDTH = 256;

/** `level` 0 holds leaf hashes, each higher one the roots of full tiles below; `width` is 256 where the tile is full. */
export type TileName = { level: number; index: number; width: number };

/** The entries whose leaf hashes the tile of level 0 with the same index holds. */
export type BundleName = { index: number; width: number };

/**
 * Where a tile lies, C2SP tlog-tiles: `tile/<level>/<index>`, with `.p/<width>` where it is partial. The
 * index is written in groups of three digits, all but the last after an `x`: 1234067 is `x001/x234/067`.
 *
 * @throws RangeError for a level outside 0–63, an index that is no safe whole number, or a width outside 1–256
 */
export function tilePath({ level, index, width }: TileName): string {
  if (!Number.isInteger(level) || level < 0 || level > 63) throw new RangeError(`no tile has level ${level}`);
  return `tile/${level}/${groups(index)}${suffix(width)}`;
}

/** Where an entry bundle lies: `tile/entries/<index>[.p/<width>]`. Throws as {@link tilePath} does. */
export function bundlePath({ index, width }: BundleName): string {
  return `tile/entries/${groups(index)}${suffix(width)}`;
}

export type ParsedPath = ({ kind: 'tile' } & TileName) | ({ kind: 'entries' } & BundleName);

/** What a path names. Only the one spelling that {@link tilePath} or {@link bundlePath} gives is taken. */
export function parseTilePath(path: string): Result<ParsedPath, 'not_a_tile_path'> {
  const match = /^tile\/(entries|\d{1,2})\/((?:x\d{3}\/)*\d{3})(?:\.p\/(\d{1,3}))?$/.exec(path);
  const [, kind = '', digits = '', partial] = match ?? [];
  const index = Number(digits.replaceAll(/[x/]/g, ''));
  const width = partial === undefined ? TILE_WIDTH : Number(partial);
  const level = Number(kind);
  const possible = match !== null && Number.isSafeInteger(index) && width >= 1 && width <= TILE_WIDTH;
  if (possible && kind === 'entries' && bundlePath({ index, width }) === path) {
    return { ok: true, value: { kind, index, width } };
  }
  if (possible && level <= 63 && tilePath({ level, index, width }) === path) {
    return { ok: true, value: { kind: 'tile', level, index, width } };
  }
  return fault('not_a_tile_path', 'This is not the path of a tile or of an entry bundle.');
}

/**
 * How many hashes a tile has in a tree of so many entries: 256, less at the right edge, 0 where there is no
 * such tile.
 */
export function tileWidth(size: number, level: number, index: number): number {
  const hashes = Math.floor(size / TILE_WIDTH ** level) - index * TILE_WIDTH;
  return Math.min(TILE_WIDTH, Math.max(0, hashes));
}

/** The partial tiles of a tree of so many entries, lowest level first: all that is needed to compute its root. */
export function edgeTiles(size: number): TileName[] {
  const tiles: TileName[] = [];
  for (let level = 0, count = size; count > 0; level++, count = Math.floor(count / TILE_WIDTH)) {
    const width = count % TILE_WIDTH;
    if (width > 0) tiles.push({ level, index: Math.floor(count / TILE_WIDTH), width });
  }
  return tiles;
}

function groups(index: number): string {
  if (!Number.isSafeInteger(index) || index < 0) throw new RangeError(`no tile has index ${index}`);
  const digits = String(index);
  const padded = digits.padStart(Math.ceil(digits.length / 3) * 3, '0');
  return padded.replaceAll(/\d{3}(?=\d)/g, 'x$&/');
}

function suffix(width: number): string {
  if (!Number.isInteger(width) || width < 1 || width > TILE_WIDTH) {
    throw new RangeError(`no tile has width ${width}`);
  }
  return width === TILE_WIDTH ? '' : `.p/${width}`;
}
