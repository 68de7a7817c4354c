/** Whether one entry stands in a log: its tlog-proof, and the entry itself, from the proof's extra line or from elsewhere. */
import {
  leafHash,
  parseProof,
  printProof,
  timeIn,
  type VerifierKey,
  verifyProof,
} from '@countersign/shared/tlog';
import type { Finding } from './verify.ts';

/** An entry that was proven, and the checkpoint that it was proven under. */
export type ProvenEntry = {
  origin: string;
  index: number;
  /** Entries that the checkpoint covers. */
  size: number;
  /** When the checkpoint says that it was signed, ms. */
  signed_at: number | undefined;
  /** What the entry says; docs/audit-format.md has its members. */
  entry: Record<string, unknown>;
};

/** The proof with its entry in the extra line (C2SP tlog-proof), so that one file is all of it. Throws for what is no proof. */
export function withEntry(proof: string, entry: Uint8Array): string {
  const parsed = parseProof(proof);
  if (!parsed.ok) throw new TypeError(parsed.message);
  return printProof({ ...parsed.value, extra: entry });
}

/**
 * Verifies it. Nothing is thrown for what is wrong with it: that is a finding.
 *
 * @param entry the entry to the byte; where it is left out, the one in the proof's extra line
 */
export function verifyEntry(proof: string, key: VerifierKey, entry?: Uint8Array): ProvenEntry | Finding {
  const parsed = parseProof(proof);
  if (!parsed.ok) return { code: parsed.code, message: parsed.message };
  const bytes = entry ?? parsed.value.extra;
  if (bytes === undefined)
    return {
      code: 'entry_missing',
      message: 'The proof holds no entry: nobody can say what it is a proof of.',
    };
  const verified = verifyProof(proof, leafHash(bytes), key.name, [key]);
  if (!verified.ok) return { code: verified.code, message: verified.message };
  const { index, checkpoint } = verified.value;
  const said = objectIn(bytes);
  if (said?.seq !== index)
    return {
      code: 'entry_misplaced',
      message: `Entry ${index} does not say that it is entry ${index}.`,
      index,
    };
  const { origin, size, extensions } = checkpoint;
  return { origin, index, size, signed_at: timeIn(extensions), entry: said };
}

function objectIn(bytes: Uint8Array): Record<string, unknown> | undefined {
  try {
    const read: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    return typeof read === 'object' && read !== null ? { ...read } : undefined;
  } catch {
    return undefined;
  }
}

/** What was proven, as JSON. */
export const provenFacts = ({ signed_at, ...proven }: ProvenEntry) => ({
  verified: true,
  ...proven,
  signed_at: signed_at === undefined ? null : new Date(signed_at).toISOString(),
});
