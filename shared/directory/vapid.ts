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

/** Stored with a pair that is made; who sends may name someone else. */
const defaultSubject = 'mailto:countersign@localhost';

/** The installation's key pair: whoever asks first makes it, whoever races gets the same one. */
export async function vapidKeys(redis: Redis): Promise<VapidKeys> {
  const stored = await redis.get(globalKeys.vapid);
  if (stored !== null) return JSON.parse(stored) as VapidKeys;
  const made: VapidKeys = { ...webPush.generateVAPIDKeys(), subject: defaultSubject };
  await redis.set(globalKeys.vapid, JSON.stringify(made), 'NX');
  const kept = await redis.get(globalKeys.vapid);
  return kept === null ? made : (JSON.parse(kept) as VapidKeys);
}
