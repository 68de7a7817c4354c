import { readFile } from 'node:fs/promises';
import { parseVerifierKey, type VerifierKey } from '@countersign/shared/tlog';
import { inert } from '../terminal/inert.ts';

/** A log's verifier key as somebody typed it, or from the file that they named. */
export async function verifierKeyFrom(
  text: string,
): Promise<{ ok: true; key: VerifierKey } | { ok: false; message: string }> {
  const given = text.includes('+') ? text : await readFile(text, 'utf8').catch(() => undefined);
  if (given === undefined)
    return { ok: false, message: `There is no file ${inert(text)}, and it is no verifier key either.` };
  const key = parseVerifierKey(given.trim());
  return key.ok ? { ok: true, key: key.value } : { ok: false, message: inert(key.message) };
}
