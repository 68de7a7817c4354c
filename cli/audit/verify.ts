/**
 * Whether a log is what it was when it was sealed. Everything is derived anew from the entries; the log's own tiles only
 * help to say which entry is wrong.
 */
import {
  append,
  type Checkpoint,
  EMPTY_TREE,
  leafHash,
  openCheckpoint,
  orFull,
  provenTiles,
  readBundle,
  sameHash,
  TILE_WIDTH,
  type Tree,
  tilePath,
  timeIn,
  treeRoot,
  type VerifierKey,
} from '@countersign/shared/tlog';
import { type CanaryCount, CanaryLedger } from './canaries.ts';
import type { Source } from './source.ts';

/** Something that is wrong. `index` is the entry's, where it is one. */
export type Finding = { code: string; message: string; index?: number };

export type Verified = {
  origin: string;
  /** Entries, all of which were read. */
  size: number;
  root: Uint8Array;
  /** When the checkpoint says that it was signed, ms. */
  signed_at: number | undefined;
  /** Which requests it shows to have been planted. */
  canaries: CanaryCount;
  findings: Finding[];
};

export type VerifyOptions = {
  key: VerifierKey;
  /** Checkpoints that were kept elsewhere: the log must still bear each of them out. */
  witnessed?: readonly (Uint8Array | string)[];
  /** How old the log's own checkpoint may be, ms, and what time it is. */
  fresh?: { maxAgeMs: number; now: number };
  onProgress?: (done: number, size: number) => void;
};

/** Checks the whole log. Nothing is thrown for what is wrong with it: that is a finding. */
export async function verifyLog(source: Source, options: VerifyOptions): Promise<Verified | Finding> {
  const { key, witnessed = [], fresh, onProgress } = options;
  const note = await source.read('checkpoint');
  if (note === undefined)
    return { code: 'no_checkpoint', message: 'There is no checkpoint: this is not a log.' };
  const opened = openCheckpoint(note, key.name, [key]);
  if (!opened.ok) return { code: opened.code, message: opened.message };
  const { checkpoint } = opened.value;
  const { size, root } = checkpoint;
  const findings: Finding[] = [];

  const kept: Checkpoint[] = [];
  for (const one of witnessed) {
    const read = openCheckpoint(one, key.name, [key]);
    if (read.ok) kept.push(read.value.checkpoint);
    else findings.push({ code: read.code, message: `A checkpoint that was given: ${read.message}` });
  }
  const wanted = new Map<number, Checkpoint[]>();
  for (const one of kept) wanted.set(one.size, [...(wanted.get(one.size) ?? []), one]);

  let tree: Tree = EMPTY_TREE;
  const compare = (): void => {
    for (const one of wanted.get(tree.size) ?? [])
      if (!sameHash(one.root, treeRoot(tree)))
        findings.push({
          code: 'forked',
          message: `A checkpoint that was given says that the first ${one.size} entries were others: they were changed since, or there are two logs under one key.`,
        });
  };

  const readTile = orFull((level, index, width) => source.read(tilePath({ level, index, width })));
  const canaries = new CanaryLedger();
  const proven = await provenTiles(size, root, readTile);
  compare();
  for (let bundle = 0; bundle * TILE_WIDTH < size; bundle++) {
    const entries = await readBundle(bundle, size, source.read);
    if (!entries.ok) {
      findings.push({ code: entries.code, message: entries.message, index: bundle * TILE_WIDTH });
      break;
    }
    const hashes = entries.value.map(leafHash);
    findings.push(...misplaced(entries.value, bundle * TILE_WIDTH));
    for (const [at, entry] of entries.value.entries())
      findings.push(...canaries.read(entry, bundle * TILE_WIDTH + at));
    if (proven.ok) findings.push(...(await changed(hashes, bundle, proven.value)));
    for (const hash of hashes) {
      tree = append(tree, [hash]).tree;
      if (wanted.has(tree.size)) compare();
    }
    onProgress?.(tree.size, size);
  }

  if (tree.size === size && !sameHash(treeRoot(tree), root) && findings.length === 0)
    findings.push({
      code: 'root_mismatch',
      message: 'The entries do not add up to the root that was signed.',
    });
  if (!proven.ok) findings.push({ code: proven.code, message: proven.message });
  for (const one of kept)
    if (one.size > size)
      findings.push({
        code: 'truncated',
        message: `A checkpoint that was given covers ${one.size} entries, and this log ends after ${size}.`,
        index: size,
      });
  const signed_at = timeIn(checkpoint.extensions);
  if (fresh !== undefined && !(signed_at !== undefined && fresh.now - signed_at <= fresh.maxAgeMs))
    findings.push({
      code: 'stale',
      message: `Its checkpoint was signed ${signed_at === undefined ? 'nobody knows when' : `at ${new Date(signed_at).toISOString()}`}: what came after may have been cut off.`,
    });
  return { origin: checkpoint.origin, size, root, signed_at, canaries: canaries.count, findings };
}

/** Entries that say that they stand elsewhere. */
function misplaced(entries: readonly Uint8Array[], first: number): Finding[] {
  return entries.flatMap((bytes, at) => {
    const index = first + at;
    const says = seqIn(bytes);
    if (says === index) return [];
    const message =
      says === undefined
        ? `Entry ${index} is not JSON that says which entry it is.`
        : `Entry ${index} says that it is entry ${says}.`;
    return [{ code: 'entry_misplaced', message, index }];
  });
}

function seqIn(bytes: Uint8Array): number | undefined {
  try {
    const entry: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    const isEntry =
      typeof entry === 'object' && entry !== null && 'seq' in entry && Number.isInteger(entry.seq);
    return isEntry ? Number(entry.seq) : undefined;
  } catch {
    return undefined;
  }
}

type ProvenTiles = Extract<Awaited<ReturnType<typeof provenTiles>>, { ok: true }>['value'];

/** Entries whose hash is not the one that was sealed, as far as the tiles are themselves proven. */
async function changed(
  hashes: readonly Uint8Array[],
  bundle: number,
  readTile: ProvenTiles,
): Promise<Finding[]> {
  const tile = await readTile(0, bundle, hashes.length);
  if (!(tile instanceof Uint8Array)) {
    const message =
      tile?.message ?? `${tilePath({ level: 0, index: bundle, width: hashes.length })} is not there.`;
    return [{ code: tile?.code ?? 'tile_missing', message }];
  }
  return hashes.flatMap((hash, at) => {
    if (sameHash(hash, tile.subarray(at * 32, at * 32 + 32))) return [];
    const index = bundle * TILE_WIDTH + at;
    return [{ code: 'entry_changed', message: `Entry ${index} is not what was sealed.`, index }];
  });
}
