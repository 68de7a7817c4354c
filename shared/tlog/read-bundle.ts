import { type Fault, fault, type Result } from './result.ts';
import { bundlePath, TILE_WIDTH } from './tile-path.ts';
import { decodeBundle } from './tiles.ts';

/** `bundle_missing`: it is not there. `bundle_malformed`: it does not hold what its name says. */
export type BundleCode = 'bundle_missing' | 'bundle_malformed';

/**
 * The entries of bundle `index` in a log of `size` entries, from wherever it lies; none where it lies behind the end.
 * Where a partial bundle is gone, it is the beginning of the full one. Every message names the path. What `read` throws
 * is an outage, and is thrown on.
 *
 * @param read the bytes under a path of the log; undefined where there is nothing
 */
export async function readBundle(
  index: number,
  size: number,
  read: (path: string) => Promise<Uint8Array | undefined>,
): Promise<Result<Uint8Array[], BundleCode>> {
  const width = Math.min(TILE_WIDTH, size - index * TILE_WIDTH);
  if (width <= 0) return { ok: true, value: [] };
  const path = bundlePath({ index, width });
  const exact = await read(path);
  const bytes =
    exact ?? (width === TILE_WIDTH ? undefined : await read(bundlePath({ index, width: TILE_WIDTH })));
  if (bytes === undefined) return fault('bundle_missing', `${path} is missing.`);
  const entries = decodeBundle(bytes, exact === undefined ? TILE_WIDTH : width);
  if (!entries.ok) return named(path, entries);
  return { ok: true, value: entries.value.slice(0, width) };
}

const named = (path: string, { code, message }: Fault<BundleCode>): Fault<BundleCode> =>
  fault(code, `${path}: ${message}`);
