import { checkJson, type Json, quoteKey, type ValueCode } from './json.ts';
import { countKeys, findDuplicateKey } from './keys.ts';

/** The largest body that is read, in bytes. */
export const MAX_BYTES = 256 * 1024;

/** Why a body was refused. Stable: these are the `code` of the problem document that the caller gets. */
export type ParseCode =
  | Exclude<ValueCode, 'not_json'>
  | 'body_too_large'
  | 'invalid_utf8'
  | 'invalid_json'
  | 'duplicate_key';

/** `message` says what is wrong and where, and quotes nothing of the body but a key. */
export type ParseResult =
  | { ok: true; value: Json }
  | { ok: false; code: ParseCode; message: string; status: 400 | 413 };

/**
 * Parses JSON so that two readers can not understand it differently (I-JSON, RFC 7493): no repeated keys,
 * no numbers that lose digits, no invalid Unicode, no byte order mark. What comes back is plain data whose
 * canonical form holds exactly what was sent; a `__proto__` key is an own property like any other.
 *
 * @param body the raw bytes, or a text that is already decoded
 * @param options `maxBytes`: the size limit in bytes of UTF-8, {@link MAX_BYTES} when absent
 */
export function parseStrict(body: Uint8Array | string, options: { maxBytes?: number } = {}): ParseResult {
  const maxBytes = options.maxBytes ?? MAX_BYTES;
  if (isLarger(body, maxBytes)) {
    return refuse('body_too_large', `The body is larger than ${maxBytes} bytes.`, 413);
  }
  const text = typeof body === 'string' ? body : decode(body);
  if (text === undefined) return refuse('invalid_utf8', 'The body is not valid UTF-8.');

  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    return refuse('invalid_json', syntaxMessage(text, error));
  }
  const check = checkJson(parsed);
  if (!check.ok) {
    // `JSON.parse` makes nothing but JSON.
    if (check.code === 'not_json') throw new Error(check.message);
    return refuse(check.code, check.message);
  }
  // Repeated keys collapse in the value, so the text then spells more keys than the value has.
  if (countKeys(text) !== check.keys) return refuse('duplicate_key', duplicateMessage(text));
  return { ok: true, value: check.value };
}

function refuse(code: ParseCode, message: string, status: 400 | 413 = 400): ParseResult {
  return { ok: false, code, message, status };
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function decode(bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}

const encoder = new TextEncoder();

function isLarger(body: Uint8Array | string, maxBytes: number): boolean {
  // UTF-8 takes one to three bytes for each UTF-16 unit, so most texts need no encoding to be measured.
  if (typeof body !== 'string' || body.length > maxBytes) return body.length > maxBytes;
  return body.length * 3 > maxBytes && encoder.encode(body).length > maxBytes;
}

/** The engine's own message quotes the body, which must not reach a log; its position is all that is taken. */
function syntaxMessage(text: string, error: unknown): string {
  const position = error instanceof Error ? /at position (\d+)/.exec(error.message)?.[1] : undefined;
  if (position !== undefined) return `The body is not valid JSON (${lineAndColumn(text, Number(position))}).`;
  return 'The body is not valid JSON.';
}

function duplicateMessage(text: string): string {
  const found = findDuplicateKey(text);
  if (found === undefined) throw new Error('the key count differs, but no key is repeated');
  return `The key ${quoteKey(found.key)} stands twice in one object (${lineAndColumn(text, found.index)}).`;
}

function lineAndColumn(text: string, index: number): string {
  const before = text.slice(0, index);
  const line = before.split('\n').length;
  return `line ${line}, column ${index - before.lastIndexOf('\n')}`;
}
