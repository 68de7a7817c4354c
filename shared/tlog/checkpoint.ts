import { fromBase64, toBase64 } from './base64.ts';
import { HASH_BYTES } from './hash.ts';
import { type NoteCode, openNote, signNote } from './note.ts';
import type { SignerKey, VerifierKey } from './note-key.ts';
import { fault, type Result } from './result.ts';

/** What a log says of itself at one size, C2SP tlog-checkpoint. */
export type Checkpoint = {
  /** Which log: the same in all of its checkpoints. */
  origin: string;
  /** How many entries the tree has. */
  size: number;
  root: Uint8Array;
  /** Further lines, in order; opaque to whoever does not know them. */
  extensions: readonly string[];
};

/** `checkpoint_malformed`: not the text of a checkpoint. `origin_mismatch`: it is one of another log. */
export type CheckpointCode = 'checkpoint_malformed' | 'origin_mismatch';

/** The text of a checkpoint, for signing. Throws TypeError for what {@link parseCheckpoint} would refuse. */
export function printCheckpoint({ origin, size, root, extensions }: Checkpoint): string {
  const text = `${[origin, size, toBase64(root), ...extensions].join('\n')}\n`;
  const read = parseCheckpoint(text);
  // A line that has a newline in it reads as two.
  if (!read.ok || read.value.origin !== origin || read.value.extensions.length !== extensions.length) {
    throw new TypeError('this can not be the text of a checkpoint');
  }
  return text;
}

/** The checkpoint that a text is, in the one spelling that it has. The text of a note that was opened: nothing here is verified. */
export function parseCheckpoint(text: string): Result<Checkpoint, 'checkpoint_malformed'> {
  if (!text.endsWith('\n')) return malformed('its last line does not end');
  const [origin = '', size = '', base64 = '', ...extensions] = text.slice(0, -1).split('\n');
  if (origin === '') return malformed('it has no origin');
  if (!/^(0|[1-9][0-9]*)$/.test(size) || !Number.isSafeInteger(Number(size))) {
    return malformed('its size is no whole number between 0 and 2^53 − 1');
  }
  const root = fromBase64(base64);
  if (root?.length !== HASH_BYTES) return malformed(`its root is not base64 of ${HASH_BYTES} bytes`);
  if (extensions.includes('')) return malformed('it has an empty line');
  return { ok: true, value: { origin, size: Number(size), root, extensions } };
}

/** A checkpoint as a signed note. The log's own key comes first; its name should be the origin. */
export function signCheckpoint(checkpoint: Checkpoint, keys: readonly SignerKey[]): string {
  return signNote(printCheckpoint(checkpoint), keys);
}

/**
 * The checkpoint in a signed note, verified: one of the keys has signed it, and it is one of the log `origin`.
 * That the log has not said something else elsewhere, no checkpoint alone can show: compare it with others by
 * `verifyConsistency`.
 *
 * @param keys the log's keys, older ones included: any of them is enough
 */
export function openCheckpoint(
  note: Uint8Array | string,
  origin: string,
  keys: readonly VerifierKey[],
): Result<{ checkpoint: Checkpoint; signers: VerifierKey[] }, NoteCode | CheckpointCode> {
  const opened = openNote(note, keys);
  if (!opened.ok) return opened;
  const checkpoint = parseCheckpoint(opened.value.text);
  if (!checkpoint.ok) return checkpoint;
  if (checkpoint.value.origin !== origin) {
    const is = JSON.stringify(checkpoint.value.origin);
    return fault('origin_mismatch', `The checkpoint is of the log ${is}, not of ${JSON.stringify(origin)}.`);
  }
  return { ok: true, value: { checkpoint: checkpoint.value, signers: opened.value.signers } };
}

function malformed(why: string) {
  return fault('checkpoint_malformed', `This is not the text of a checkpoint: ${why}.`);
}
