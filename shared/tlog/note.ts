import { sign, verify } from 'node:crypto';
import { fromBase64, toBase64 } from './base64.ts';
import { hex, isKeyName, type SignerKey, type VerifierKey } from './note-key.ts';
import { fault, type Result } from './result.ts';

/** How large a note may be that is opened, in bytes, and how many signatures it may carry (C2SP asks for 16 at least). */
export const MAX_NOTE_BYTES = 1_000_000;
export const MAX_SIGNATURES = 100;

/**
 * `note_malformed`: not a signed note. `note_too_large`: over the limits. `signature_invalid`: a key that is known
 * did not sign this text. `signature_missing`: none of the known keys has signed.
 */
export type NoteCode = 'note_malformed' | 'note_too_large' | 'signature_invalid' | 'signature_missing';

/** A note of which the text may be believed: at least one of the known keys has signed it, and none falsely. */
export type OpenNote = {
  text: string;
  signers: VerifierKey[];
};

/** A note taken apart, its signatures not looked at. `id` and `signature` are what a line's base64 holds. */
type NoteParts = { text: string; signatures: { name: string; id: number; signature: Uint8Array }[] };

/**
 * A text and its Ed25519 signatures as one text, C2SP signed-note.
 *
 * @param text ends with a newline, and has no other control characters; TypeError otherwise, or without a key
 */
export function signNote(text: string, keys: readonly SignerKey[]): string {
  if (!isNoteText(text) || keys.length === 0) throw new TypeError('this can not be signed as a note');
  const lines = keys.map(({ name, id, secret }) => {
    const signature = sign(null, Buffer.from(text), secret);
    const idBytes = Buffer.alloc(4);
    idBytes.writeUInt32BE(id);
    return `— ${name} ${toBase64(Buffer.concat([idBytes, signature]))}\n`;
  });
  return `${text}\n${lines.join('')}`;
}

/**
 * Opens a signed note, C2SP signed-note. Signatures by keys that are not known are ignored, whatever they are,
 * a name or an id in common with a known key included; every one by a known key must be good.
 *
 * @param note the raw bytes, or a text that is already decoded
 * @param known the keys of which one is enough
 */
export function openNote(
  note: Uint8Array | string,
  known: readonly VerifierKey[],
): Result<OpenNote, NoteCode> {
  const parts = parseNote(note);
  if (!parts.ok) return parts;
  const { text, signatures } = parts.value;
  const bytes = Buffer.from(text);
  const signers = new Set<VerifierKey>();
  for (const { name, id, signature } of signatures) {
    const namesakes = known.filter((key) => key.name === name && key.id === id);
    if (namesakes.length === 0) continue;
    const signer = namesakes.find(({ key }) => verify(null, bytes, key, signature));
    if (signer === undefined) {
      return fault('signature_invalid', `The signature by ${name}+${hex(id)} is not one of this text.`);
    }
    signers.add(signer);
  }
  if (signers.size > 0) return { ok: true, value: { text, signers: [...signers] } };
  const wanted = known.map(({ name, id }) => `${name}+${hex(id)}`).join(', ') || 'none';
  return fault('signature_missing', `The note bears no signature by a known key (known: ${wanted}).`);
}

function parseNote(note: Uint8Array | string): Result<NoteParts, NoteCode> {
  const size = typeof note === 'string' ? Buffer.byteLength(note) : note.length;
  if (size > MAX_NOTE_BYTES) return fault('note_too_large', `The note has over ${MAX_NOTE_BYTES} bytes.`);
  const whole = typeof note === 'string' ? note : decode(note);
  if (whole === undefined) return malformed('it is not valid UTF-8');
  if (!isNoteText(whole)) {
    return malformed('it does not end with a newline, or has control characters or broken Unicode in it');
  }
  const blank = whole.lastIndexOf('\n\n');
  if (blank === -1) return malformed('no blank line stands between text and signatures');
  const text = whole.slice(0, blank + 1);
  const lines = whole.slice(blank + 2, -1).split('\n');
  if (lines.length > MAX_SIGNATURES) {
    return fault('note_too_large', `The note has ${lines.length} signatures; ${MAX_SIGNATURES} is the most.`);
  }
  const signatures: NoteParts['signatures'] = [];
  for (const [at, line] of lines.entries()) {
    const [, name = '', base64 = ''] = /^— ([^ ]+) ([^ ]+)$/.exec(line) ?? [];
    const bytes = fromBase64(base64);
    // Four bytes are the id; a signature of no bytes is none.
    if (!isKeyName(name) || bytes === undefined || bytes.length < 5) {
      return malformed(`line ${at + 1} after the blank line is not a signature`);
    }
    const id = Buffer.from(bytes).readUInt32BE();
    signatures.push({ name, id, signature: bytes.subarray(4) });
  }
  return { ok: true, value: { text, signatures } };
}

/** Valid Unicode that ends with a newline and has no other character below U+0020. */
function isNoteText(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  return text.endsWith('\n') && text.isWellFormed() && !/[\x00-\x09\x0b-\x1f]/.test(text);
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function decode(bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}

function malformed(why: string) {
  return fault('note_malformed', `This is not a signed note: ${why}.`);
}
