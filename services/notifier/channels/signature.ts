/** Standard Webhooks 1.0.0: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md */
import { createHmac, type KeyObject, sign } from 'node:crypto';

/** What a message is signed with: each secret by `v1` (HMAC-SHA256), the key pair by `v1a` (Ed25519). */
export type SigningKeys = {
  /** `whsec_<base64>`; the prefix may be missing. More than one while a secret is being rotated. */
  secrets: readonly string[];
  /** The installation's Ed25519 private key. */
  privateKey: KeyObject;
};

/**
 * The headers that let a receiver verify a message by any one of the signatures.
 *
 * @param id the same on every attempt
 * @param at when this attempt is made, ms
 */
export function signedHeaders(
  { secrets, privateKey }: SigningKeys,
  id: string,
  at: number,
  body: string,
): Record<string, string> {
  const seconds = Math.floor(at / 1_000);
  const content = `${id}.${seconds}.${body}`;
  const symmetric = secrets.map((secret) => {
    const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
    return `v1,${createHmac('sha256', key).update(content).digest('base64')}`;
  });
  const asymmetric = `v1a,${sign(null, Buffer.from(content), privateKey).toString('base64')}`;
  return {
    'webhook-id': id,
    'webhook-timestamp': String(seconds),
    'webhook-signature': [...symmetric, asymmetric].join(' '),
  };
}
