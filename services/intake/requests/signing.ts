/** The keys that tokens are signed with: made once for an installation, shared by its intakes. */
import { globalKeys } from '@countersign/shared/keys';
import { generateSigningKey, type SigningKey } from '@countersign/shared/token';
import type { Redis } from 'ioredis';
import type { Service } from './service.ts';

/** Loads the signing keys, newest first; makes the first one. Of two intakes that start at once, one's key is kept. */
export async function loadSigning(redis: Redis, issuer: string): Promise<Service['signing']> {
  const stored = await redis.get(globalKeys.signingKeys);
  if (stored === null) {
    await redis.set(globalKeys.signingKeys, JSON.stringify([await generateSigningKey()]), 'NX');
    return loadSigning(redis, issuer);
  }
  const keys = JSON.parse(stored) as SigningKey[];
  const [key] = keys;
  if (key === undefined) throw new Error(`${globalKeys.signingKeys} holds no key`);
  return { issuer, key, jwks: { keys: keys.map(({ publicJwk }) => publicJwk) } };
}
