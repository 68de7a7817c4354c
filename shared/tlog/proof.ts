import { fromBase64, toBase64 } from './base64.ts';
import { type Checkpoint, type CheckpointCode, openCheckpoint } from './checkpoint.ts';
import { HASH_BYTES } from './hash.ts';
import type { NoteCode } from './note.ts';
import type { VerifierKey } from './note-key.ts';
import { fault, type Result } from './result.ts';
import { type InclusionCode, verifyInclusion } from './verify.ts';

const HEADER = 'c2sp.org/tlog-proof@v1';

/** No tree of ours is higher: sizes are below 2^53. */
const MAX_HASHES = 53;

/** That one entry stands in a log, with all that it takes to check it but the log's name and key. */
export type TlogProof = {
  index: number;
  /** The inclusion proof, the leaf's sibling first. */
  hashes: readonly Uint8Array[];
  /** The signed note, as the log has it. */
  checkpoint: string;
  /** What an application puts beside it; nothing vouches for it. */
  extra?: Uint8Array;
};

/** The text of a proof, C2SP tlog-proof; files of it are named `*.tlog-proof`. */
export function printProof({ index, hashes, checkpoint, extra }: TlogProof): string {
  const extraLines = extra === undefined || extra.length === 0 ? [] : [`extra ${toBase64(extra)}`];
  const lines = [HEADER, ...extraLines, `index ${index}`, ...hashes.map(toBase64), '', checkpoint];
  return lines.join('\n');
}

/** Takes a proof apart, strictly. The checkpoint is not looked at, and nothing is verified. */
export function parseProof(text: string): Result<TlogProof, 'proof_malformed'> {
  const blank = text.indexOf('\n\n');
  if (blank === -1) return malformed('no blank line stands before its checkpoint');
  const lines = text.slice(0, blank).split('\n');
  if (lines.shift() !== HEADER) return malformed(`its first line is not ${HEADER}`);

  const extraText = lines[0]?.startsWith('extra ') ? lines.shift()?.slice('extra '.length) : undefined;
  const extra = extraText === undefined ? undefined : fromBase64(extraText);
  if (extraText !== undefined && (extra === undefined || extra.length === 0)) {
    return malformed('its extra data is not base64');
  }
  const [, digits] = /^index (0|[1-9][0-9]*)$/.exec(lines.shift() ?? '') ?? [];
  if (digits === undefined || !Number.isSafeInteger(Number(digits))) {
    return malformed('its index line does not hold a whole number between 0 and 2^53 − 1');
  }
  if (lines.length > MAX_HASHES) return malformed(`it has ${lines.length} hashes; ${MAX_HASHES} is the most`);
  const hashes: Uint8Array[] = [];
  for (const line of lines) {
    const hash = fromBase64(line);
    if (hash?.length !== HASH_BYTES) return malformed(`a line of it is not base64 of ${HASH_BYTES} bytes`);
    hashes.push(hash);
  }
  const checkpoint = text.slice(blank + 2);
  const value = { index: Number(digits), hashes, checkpoint, ...(extra === undefined ? {} : { extra }) };
  return { ok: true, value };
}

export type ProofCode = 'proof_malformed' | NoteCode | CheckpointCode | InclusionCode;

/**
 * Whether a proof shows that an entry stands in a log: one of the log's keys signed the checkpoint, it is the
 * log `origin`, and the entry's leaf leads to the checkpoint's root from the index that is returned.
 *
 * @param leaf `leafHash(entry)`, of the entry that one has in hand
 * @param keys the log's keys, older ones included: any of them is enough
 */
export function verifyProof(
  text: string,
  leaf: Uint8Array,
  origin: string,
  keys: readonly VerifierKey[],
): Result<{ index: number; checkpoint: Checkpoint; extra?: Uint8Array }, ProofCode> {
  const proof = parseProof(text);
  if (!proof.ok) return proof;
  const { index, hashes, extra } = proof.value;
  const opened = openCheckpoint(proof.value.checkpoint, origin, keys);
  if (!opened.ok) return opened;
  const { checkpoint } = opened.value;
  const { size, root } = checkpoint;
  const included = verifyInclusion({ index, size, leaf, root, proof: hashes });
  if (!included.ok) return included;
  return { ok: true, value: { index, checkpoint, ...(extra === undefined ? {} : { extra }) } };
}

function malformed(why: string) {
  return fault('proof_malformed', `This is not a tlog-proof: ${why}.`);
}
