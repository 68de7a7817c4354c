/** Reads a sealed folder back, and holds all of it against its checkpoint. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  bundlePath,
  decodeBundle,
  leafHash,
  openCheckpoint,
  parseVerifierKey,
  TILE_WIDTH,
} from '@countersign/shared/tlog';

export type ReadLog = {
  size: number;
  root: string;
  entries: { seq: number; feed_id: string | null; type: string; data?: unknown }[];
};

/** Throws where anything of it does not fit. */
export async function readLog(folder: string): Promise<ReadLog> {
  const read = (path: string) => readFile(join(folder, path));
  const key = parseVerifierKey((await read('verifier-key')).toString().trim());
  if (!key.ok) throw new Error(key.message);
  const opened = openCheckpoint(await read('checkpoint'), key.value.name, [key.value]);
  if (!opened.ok) throw new Error(opened.message);
  const { size, root } = opened.value.checkpoint;
  const entries: Uint8Array[] = [];
  for (let index = 0; index * TILE_WIDTH < size; index++) {
    const width = Math.min(TILE_WIDTH, size - index * TILE_WIDTH);
    const bundle = decodeBundle(await read(bundlePath({ index, width })), width);
    if (!bundle.ok) throw new Error(bundle.message);
    entries.push(...bundle.value);
  }
  const actual = rootOver(entries.map(leafHash));
  if (!Buffer.from(actual).equals(root)) throw new Error('the entries do not add up to the root');
  return {
    size,
    root: Buffer.from(root).toString('base64'),
    entries: entries.map((bytes) => JSON.parse(Buffer.from(bytes).toString())),
  };
}

/** RFC 6962, section 2.1, as it stands there. */
function rootOver(leaves: readonly Uint8Array[]): Uint8Array {
  const [only] = leaves;
  if (only === undefined) return createHash('sha256').digest();
  if (leaves.length === 1) return only;
  const left = 2 ** Math.ceil(Math.log2(leaves.length) - 1);
  return createHash('sha256')
    .update(Uint8Array.of(1))
    .update(rootOver(leaves.slice(0, left)))
    .update(rootOver(leaves.slice(left)))
    .digest();
}
