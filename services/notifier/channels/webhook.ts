/** Signed POSTs to a destination's URL, as Standard Webhooks 1.0.0 has it. */
import type { DestinationRecord } from '@countersign/shared/directory';
import { workspaceKeys } from '@countersign/shared/keys';
import type { Redis } from 'ioredis';
import type { Outbound } from '../outbound.ts';
import { replaceField } from '../record/replace-field.ts';
import type { Channel, Notice, Outcome } from './channel.ts';
import { outcomeOf } from './http-outcome.ts';
import { signedHeaders } from './signature.ts';

export type SignedTarget = { url: string; secret: string; headers: Record<string, string> };
/** `stored` is the destination as Redis holds it, to change it only if nobody else has. */
export type WebhookTarget = SignedTarget & { stored: string };

/** Headers that say how a message is framed or who vouches for it: never the destination's to set. */
const ours =
  /^(?:host|connection|content-length|content-type|transfer-encoding|te|trailer|upgrade|expect|keep-alive|proxy-.*|webhook-.*)$/i;

/** The body of a webhook and of a callback: `{type, timestamp, data: {request}}`. There is no token in a request's view. */
export function bodyOf(notice: Notice): string {
  return JSON.stringify({
    type: notice.type,
    timestamp: notice.timestamp,
    data: { request: notice.request },
  });
}

/** Signs and sends one attempt. The signature's time is this process's clock: receivers compare it with theirs. */
export async function postSigned(out: Outbound, target: SignedTarget, notice: Notice): Promise<Outcome> {
  const body = bodyOf(notice);
  const custom = Object.entries(target.headers).filter(([name]) => !ours.test(name));
  const headers = {
    'user-agent': 'countersign',
    ...Object.fromEntries(custom),
    'content-type': 'application/json',
    ...signedHeaders(target.secret, notice.id, Date.now(), body),
  };
  return outcomeOf(await out.post(target.url, { headers, body }), { gone: [410] });
}

/** The channel `webhook`. `address.id` is the destination's. */
export function webhookChannel(redis: Redis, out: Outbound): Channel<WebhookTarget> {
  return {
    async find({ workspace, id }) {
      const stored = await redis.hget(workspaceKeys(workspace).destinations, id);
      if (stored === null) return { found: false, why: 'destination_deleted', quiet: true };
      const destination = JSON.parse(stored) as DestinationRecord;
      if (destination.disabled !== undefined)
        return { found: false, why: 'destination_disabled', quiet: false };
      const { url, secret, headers = {} } = destination;
      if (url === undefined || secret === undefined)
        return { found: false, why: 'destination_incomplete', quiet: false };
      return { found: true, target: { url, secret, headers, stored } };
    },
    deliver: (target, notice) => postSigned(out, target, notice),
    async retire({ workspace, id }, { stored }, at) {
      const disabled = { at, reason: 'It answered 410 Gone.' };
      const changed = JSON.stringify({ ...(JSON.parse(stored) as DestinationRecord), disabled });
      await replaceField(redis, workspaceKeys(workspace).destinations, id, stored, changed);
    },
    secrets: (target) => [target.secret, ...Object.values(target.headers)],
  };
}
