/** The key pair that this installation signs its pushes with (RFC 8292): browsers subscribe to its public half. */
import type { Redis } from 'ioredis';
import webPush from 'web-push';
import { globalKeys } from '../keys/index.ts';

export type VapidKeys = {
  /** URL-safe base64, as browsers take it for `applicationServerKey`. */
  publicKey: string;
  privateKey: string;
  /** `mailto:` or `https:`: whom a push service may write to. */
  subject: string;
};

/**
 * The installation's key pair: whoever asks first makes it, whoever races gets the same one.
 *
 * @param subject kept with a pair that is made now; an existing pair keeps its own
 */
export async function vapidKeys(redis: Redis, subject = 'mailto:countersign@localhost'): Promise<VapidKeys> {
  const stored = await redis.get(globalKeys.vapid);
  if (stored !== null) return JSON.parse(stored) as VapidKeys;
  const made: VapidKeys = { ...webPush.generateVAPIDKeys(), subject };
  await redis.set(globalKeys.vapid, JSON.stringify(made), 'NX');
  const kept = await redis.get(globalKeys.vapid);
  return kept === null ? made : (JSON.parse(kept) as VapidKeys);
}
