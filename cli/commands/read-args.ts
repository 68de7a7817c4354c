/** `--args`: the arguments of a call. */
import { readFile } from 'node:fs/promises';
import { type JsonObject, parseStrict } from '@countersign/shared/canonical';
import { inert } from '../terminal/inert.ts';

type Args = { ok: true; args: JsonObject } | { ok: false; message: string };

/**
 * Arguments as they were typed: a JSON object, or the name of a file that holds one. Strictly parsed: what two readers
 * could understand differently is not sent.
 */
export async function readArgs(given: string): Promise<Args> {
  let source: string | Uint8Array = given;
  if (!given.trimStart().startsWith('{')) {
    try {
      source = await readFile(given);
    } catch {
      return {
        ok: false,
        message: `--args is neither a JSON object nor a file that can be read: ${inert(given)}`,
      };
    }
  }
  const parsed = parseStrict(source);
  if (!parsed.ok) return { ok: false, message: `--args: ${parsed.message}` };
  const { value } = parsed;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { ok: false, message: '--args must be a JSON object.' };
  }
  return { ok: true, args: value };
}
