import { createHash, createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { fromBase64, toBase64 } from './base64.ts';
import { fault, type Result } from './result.ts';

/** What verifies notes: public. `id` is the first four bytes of a hash over name and key, as a number. */
export type VerifierKey = { name: string; id: number; key: KeyObject };

/** What signs notes: secret, never to be logged. */
export type SignerKey = VerifierKey & { secret: KeyObject };

/**
 * `key_malformed`: not of the form that a key has. `key_algorithm`: its algorithm is not Ed25519. `key_id`: its
 * id is not that of its name and bytes, so that a part of it was changed.
 */
export type KeyCode = 'key_malformed' | 'key_algorithm' | 'key_id';

const ED25519 = 1;
const KEY_BYTES = 32;
const SIGNER_PREFIX = 'PRIVATE+KEY+';

// An Ed25519 seed in PKCS #8 is this and the 32 bytes; RFC 8410, section 7.
const PKCS8_HEAD = Buffer.from('302e020100300506032b657004220420', 'hex');

/** A name that a key may have: not empty, without white space, control characters or `+`. C2SP signed-note. */
export function isKeyName(name: string): boolean {
  return /^[^\p{White_Space}\p{Cc}+]+$/u.test(name) && name.isWellFormed();
}

/**
 * The key that a name and a secret seed make.
 *
 * @param name a URL without scheme is usual, and for a log its origin; RangeError for what is no key name
 * @param seed 32 random bytes (RFC 8032); RangeError for another length
 */
export function signerKey(name: string, seed: Uint8Array): SignerKey {
  if (!isKeyName(name)) throw new RangeError('this can not be the name of a key');
  if (seed.length !== KEY_BYTES) throw new RangeError(`a seed of ${seed.length} bytes`);
  const der = Buffer.concat([PKCS8_HEAD, seed]);
  const secret = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  const key = createPublicKey(secret);
  return { name, id: keyId(name, key), key, secret };
}

/** `<name>+<id>+<base64 of 0x01 ‖ public key>`, as Go's `sumdb/note` has it: what is given to those who verify. */
export function printVerifierKey({ name, id, key }: VerifierKey): string {
  return `${name}+${hex(id)}+${encode(publicBytes(key))}`;
}

/** `PRIVATE+KEY+<name>+<id>+<base64 of 0x01 ‖ seed>`, as Go's `sumdb/note` has it. Secret. */
export function printSignerKey({ name, id, secret }: SignerKey): string {
  const { d } = secret.export({ format: 'jwk' });
  if (d === undefined) throw new TypeError('not an Ed25519 key');
  return `${SIGNER_PREFIX}${name}+${hex(id)}+${encode(Buffer.from(d, 'base64url'))}`;
}

/** Reads what {@link printVerifierKey} wrote. */
export function parseVerifierKey(text: string): Result<VerifierKey, KeyCode> {
  const parts = parseKey(text, 'verifier key', '<name>+<id>+<key>');
  if (!parts.ok) return parts;
  const { name, id, bytes } = parts.value;
  const jwk = { kty: 'OKP', crv: 'Ed25519', x: Buffer.from(bytes).toString('base64url') };
  const key = createPublicKey({ key: jwk, format: 'jwk' });
  return keyId(name, key) === id ? { ok: true, value: { name, id, key } } : wrongId('verifier key');
}

/** Reads what {@link printSignerKey} wrote. No message quotes anything of it. */
export function parseSignerKey(text: string): Result<SignerKey, KeyCode> {
  const form = `${SIGNER_PREFIX}<name>+<id>+<key>`;
  if (!text.startsWith(SIGNER_PREFIX)) {
    return fault('key_malformed', `This is not a signer key, which has the form ${form}.`);
  }
  const parts = parseKey(text.slice(SIGNER_PREFIX.length), 'signer key', form);
  if (!parts.ok) return parts;
  const key = signerKey(parts.value.name, parts.value.bytes);
  return key.id === parts.value.id ? { ok: true, value: key } : wrongId('signer key');
}

function parseKey(
  text: string,
  what: string,
  form: string,
): Result<{ name: string; id: number; bytes: Uint8Array }, KeyCode> {
  // The name has no plus; the base64 may have some.
  const [, name = '', id = '', base64 = ''] = /^([^+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)$/.exec(text) ?? [];
  const data = fromBase64(base64);
  if (!isKeyName(name) || data === undefined) {
    return fault('key_malformed', `This is not a ${what}, which has the form ${form}.`);
  }
  if (data[0] !== ED25519) {
    return fault(
      'key_algorithm',
      `The ${what} is for algorithm ${data[0]}; only Ed25519, which is 1, is known.`,
    );
  }
  if (data.length !== 1 + KEY_BYTES) {
    return fault(
      'key_malformed',
      `The ${what} has ${data.length - 1} bytes; an Ed25519 key has ${KEY_BYTES}.`,
    );
  }
  return { ok: true, value: { name, id: Number.parseInt(id, 16), bytes: data.subarray(1) } };
}

function wrongId(what: string) {
  return fault('key_id', `The ${what} is damaged: its id is not that of its name and bytes.`);
}

/** SHA-256(name ‖ 0x0A ‖ 0x01 ‖ public key), the first four bytes; C2SP signed-note. */
function keyId(name: string, key: KeyObject): number {
  const hash = createHash('sha256')
    .update(`${name}\n`)
    .update(Uint8Array.of(ED25519))
    .update(publicBytes(key));
  return hash.digest().readUInt32BE();
}

function publicBytes(key: KeyObject): Uint8Array {
  const { x } = key.export({ format: 'jwk' });
  if (x === undefined) throw new TypeError('not an Ed25519 key');
  return Buffer.from(x, 'base64url');
}

function encode(bytes: Uint8Array): string {
  return toBase64(Uint8Array.of(ED25519, ...bytes));
}

export function hex(id: number): string {
  return id.toString(16).padStart(8, '0');
}
