/**
 * The bit of every request that says whether it was planted: committed to when it is made, revealed when it ends
 * (docs/canaries.md). The salt keeps a commitment silent until then, and its
 * request's id keeps it from standing for another.
 */
import { hash } from 'node:crypto';
import { canonicalizeParsed } from '../canonical/index.ts';

/** What the commitment of a request hides until its end. */
export type CanaryBit = { planted: boolean; salt: string };

/** `sha256:` and the hexadecimal SHA-256 of the bit in canonical JSON (docs/audit-format.md). */
export function canaryCommitment(request_id: string, { planted, salt }: CanaryBit): string {
  // A boolean and two strings have one canonical form, whatever they are.
  const opened = canonicalizeParsed({ planted, request_id, salt });
  return `sha256:${hash('sha256', `countersign/canary/v1\n${opened}`, 'hex')}`;
}
