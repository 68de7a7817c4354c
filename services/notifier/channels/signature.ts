/** Standard Webhooks 1.0.0: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md */
import { createHmac, createSecretKey, type KeyObject, sign } from 'node:crypto';
import { promisify } from 'node:util';

/** What a message is signed with: each secret by `v1` (HMAC-SHA256), the key pair by `v1a` (Ed25519). */
export type SigningKeys = {
  /** `whsec_<base64>`; the prefix may be missing. More than one while a secret is being rotated. */
  secrets: readonly string[];
  /** The installation's Ed25519 private key. */
  privateKey: KeyObject;
};

/** Off this thread, which meanwhile sees to other deliveries: it is the dearest part of one. */
const signAside = promisify(sign);

/** Secrets as keys, which are dear to make. As many as a busy installation has destinations. */
const keys = new Map<string, KeyObject>();
const keysKept = 1_000;

function keyOf(secret: string): KeyObject {
  const known = keys.get(secret);
  if (known !== undefined) return known;
  const made = createSecretKey(Buffer.from(secret.replace(/^whsec_/, ''), 'base64'));
  if (keys.size >= keysKept) keys.clear();
  keys.set(secret, made);
  return made;
}

/**
 * The headers that let a receiver verify a message by any one of the signatures.
 *
 * @param id the same on every attempt
 * @param at when this attempt is made, ms
 */
export async function signedHeaders(
  { secrets, privateKey }: SigningKeys,
  id: string,
  at: number,
  body: string,
): Promise<Record<string, string>> {
  const seconds = Math.floor(at / 1_000);
  const content = `${id}.${seconds}.${body}`;
  const asymmetric = signAside(null, Buffer.from(content), privateKey);
  const symmetric = secrets.map(
    (secret) => `v1,${createHmac('sha256', keyOf(secret)).update(content).digest('base64')}`,
  );
  return {
    'webhook-id': id,
    'webhook-timestamp': String(seconds),
    'webhook-signature': [...symmetric, `v1a,${(await asymmetric).toString('base64')}`].join(' '),
  };
}
