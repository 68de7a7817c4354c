import { HASH_BYTES } from './hash.ts';
import { fault, type Result } from './result.ts';
import { TILE_WIDTH } from './tile-path.ts';

/** The largest entry that a bundle can hold, in bytes: its length is written in two. */
export const MAX_ENTRY_BYTES = 65_535;

/** The bytes of a tile: its hashes, one after the other. Throws RangeError for what is not 1–256 hashes of 32 bytes. */
export function encodeTile(hashes: readonly Uint8Array[]): Uint8Array {
  checkCount(hashes.length);
  const wrong = hashes.find((hash) => hash.length !== HASH_BYTES);
  if (wrong !== undefined) throw new RangeError(`a hash of ${wrong.length} bytes`);
  return Buffer.concat(hashes);
}

/** The hashes of a tile, as views of its bytes. `tile_malformed` if they are not exactly `width` many. */
export function decodeTile(bytes: Uint8Array, width: number): Result<Uint8Array[], 'tile_malformed'> {
  checkCount(width);
  if (bytes.length !== width * HASH_BYTES) {
    return fault(
      'tile_malformed',
      `The tile has ${bytes.length} bytes; ${width} hashes are ${width * HASH_BYTES}.`,
    );
  }
  const hashes = Array.from({ length: width }, (_, at) =>
    bytes.subarray(at * HASH_BYTES, (at + 1) * HASH_BYTES),
  );
  return { ok: true, value: hashes };
}

/**
 * The bytes of an entry bundle: before each entry its length in bytes, big-endian in two.
 *
 * An entry over {@link MAX_ENTRY_BYTES} is refused with `entry_too_large`, and nothing is encoded: the format
 * has no room for it, and cutting it would seal something else. Whoever makes entries keeps what is long
 * elsewhere and logs its digest. Throws RangeError for what is not 1–256 entries.
 */
export function encodeBundle(entries: readonly Uint8Array[]): Result<Uint8Array, 'entry_too_large'> {
  checkCount(entries.length);
  const bytes = Buffer.allocUnsafe(entries.reduce((sum, entry) => sum + 2 + entry.length, 0));
  let at = 0;
  for (const [n, entry] of entries.entries()) {
    if (entry.length > MAX_ENTRY_BYTES) {
      return fault(
        'entry_too_large',
        `Entry ${n} of the bundle has ${entry.length} bytes; ${MAX_ENTRY_BYTES} is the most.`,
      );
    }
    bytes.writeUInt16BE(entry.length, at);
    bytes.set(entry, at + 2);
    at += 2 + entry.length;
  }
  return { ok: true, value: bytes };
}

/** The entries of a bundle, as views of its bytes. `bundle_malformed` if they are not exactly `width` many. */
export function decodeBundle(bytes: Uint8Array, width: number): Result<Uint8Array[], 'bundle_malformed'> {
  checkCount(width);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const entries: Uint8Array[] = [];
  let at = 0;
  while (at < bytes.length && entries.length < width) {
    const start = at + 2;
    const end = start <= bytes.length ? start + view.getUint16(at) : start;
    if (end > bytes.length) {
      return fault('bundle_malformed', `The bundle ends inside its entry ${entries.length}.`);
    }
    entries.push(bytes.subarray(start, end));
    at = end;
  }
  if (entries.length < width) {
    return fault('bundle_malformed', `The bundle holds ${entries.length} entries instead of ${width}.`);
  }
  if (at < bytes.length) {
    return fault(
      'bundle_malformed',
      `After its ${width} entries the bundle goes on for ${bytes.length - at} bytes.`,
    );
  }
  return { ok: true, value: entries };
}

function checkCount(count: number): void {
  if (!Number.isInteger(count) || count < 1 || count > TILE_WIDTH) {
    throw new RangeError(`a tile or bundle of ${count}`);
  }
}
