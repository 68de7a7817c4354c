/** The key pair that this installation signs its webhooks with, beside each destination's own secret (`v1a`). */
import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import type { Redis } from 'ioredis';
import { globalKeys } from '../keys/index.ts';

/** Raw Ed25519 keys as Standard Webhooks 1.0.0 writes them: 32 bytes each, in base64 behind a prefix. */
export type WebhookKeys = {
  /** `whpk_…`: receivers verify with it. */
  publicKey: string;
  /** `whsk_…`: the seed. */
  privateKey: string;
};

/** What stands before the seed in PKCS #8 (RFC 8410, section 7). */
const pkcs8 = Buffer.from('302e020100300506032b657004220420', 'hex');

function newPair(): WebhookKeys {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const raw = (key: KeyObject, part: 'x' | 'd') =>
    Buffer.from(key.export({ format: 'jwk' })[part] ?? '', 'base64url').toString('base64');
  return { publicKey: `whpk_${raw(publicKey, 'x')}`, privateKey: `whsk_${raw(privateKey, 'd')}` };
}

/** The installation's key pair: whoever asks first makes it, whoever races gets the same one. */
export async function webhookKeys(redis: Redis): Promise<WebhookKeys> {
  const stored = await redis.get(globalKeys.webhookKeys);
  if (stored !== null) return JSON.parse(stored) as WebhookKeys;
  const made = newPair();
  await redis.set(globalKeys.webhookKeys, JSON.stringify(made), 'NX');
  const kept = await redis.get(globalKeys.webhookKeys);
  return kept === null ? made : (JSON.parse(kept) as WebhookKeys);
}

/** The private half as node:crypto signs with it. */
export function signingKeyOf({ privateKey }: WebhookKeys): KeyObject {
  const seed = Buffer.from(privateKey.replace(/^whsk_/, ''), 'base64');
  return createPrivateKey({ key: Buffer.concat([pkcs8, seed]), format: 'der', type: 'pkcs8' });
}
