/** Web Push (RFC 8030, 8291, 8292) to one reviewer's browser. It says "look again" and nothing else. */
import { createHash } from 'node:crypto';
import type { RequestView, Tier } from '@countersign/shared/contracts';
import type { ApiKeyRecord, PushSubscriptionRecord, VapidKeys } from '@countersign/shared/directory';
import { workspaceKeys } from '@countersign/shared/keys';
import type { Outbound } from '@countersign/shared/outbound';
import type { Redis } from 'ioredis';
import webPush, { type Urgency } from 'web-push';
import { replaceField } from '../record/replace-field.ts';
import type { Channel, Outcome } from './channel.ts';
import { outcomeOf } from './http-outcome.ts';
import { secretsOfUrl } from './url-secrets.ts';

export type PushTarget = { subscription: PushSubscriptionRecord; stored: string };

const urgencies: Record<Tier, Urgency> = { critical: 'high', high: 'high', medium: 'normal', low: 'low' };

/** Seconds for which the push service keeps it for a browser that is away: what is old is found by looking anyway. */
const longestTtl = 3_600;

function ttlOf(request: RequestView, now: number): number {
  if (request.status !== 'pending' || request.expires_at === null) return longestTtl;
  const left = Math.floor((Date.parse(request.expires_at) - now) / 1_000);
  return Math.min(Math.max(left, 0), longestTtl);
}

/** A later push about the same request takes an undelivered one's place: at most 32 characters (RFC 8030 5.4). */
function topicOf(workspace: string, id: string): string {
  return createHash('sha256').update(`${workspace}/${id}`).digest('base64url').slice(0, 32);
}

/** The channel `push`. `address.id` is the subscription's. */
export function pushChannel(redis: Redis, out: Outbound, vapidDetails: VapidKeys): Channel<PushTarget> {
  /** An id, how pressing it is, how it stands: a request's or an alert's, and nothing of what is in it. */
  async function push(
    { subscription: { endpoint, keys } }: PushTarget,
    said: { id: string; tier: Tier; status: string },
    { TTL, topic }: { TTL: number; topic: string },
  ): Promise<Outcome> {
    let details: ReturnType<typeof webPush.generateRequestDetails>;
    try {
      details = webPush.generateRequestDetails({ endpoint, keys }, JSON.stringify(said), {
        vapidDetails,
        TTL,
        urgency: urgencies[said.tier],
        topic,
        contentEncoding: 'aes128gcm',
      });
    } catch {
      // The browser's keys or its endpoint are none.
      return { kind: 'not_tried', code: 'invalid_subscription' };
    }
    const headers = Object.fromEntries(
      Object.entries(details.headers).map(([name, value]) => [name, String(value)]),
    );
    // A later push takes the place of an earlier one about the same, by its topic.
    const answer = await out.post(endpoint, { headers, body: details.body ?? '', repeat: 'once' });
    return outcomeOf(answer, { gone: [404, 410], never: [400, 413] });
  }

  return {
    async find({ workspace, id }) {
      const keys = workspaceKeys(workspace);
      const stored = await redis.hget(keys.pushSubscriptions, id);
      if (stored === null) return { found: false, why: 'subscription_deleted', quiet: true };
      const subscription = JSON.parse(stored) as PushSubscriptionRecord;
      const key = await redis.hget(keys.apiKeys, subscription.key_id);
      if (key === null || (JSON.parse(key) as ApiKeyRecord).revoked_at !== undefined) {
        return { found: false, why: 'key_revoked', quiet: true };
      }
      return { found: true, target: { subscription, stored } };
    },
    async deliver(target, { request }, { now, tried }) {
      // Nothing was put up there that would have to be taken down.
      if (request.status !== 'pending' && !tried) return { kind: 'not_needed' };
      const { workspace, id, tier, status } = request;
      return push(target, { id, tier, status }, { TTL: ttlOf(request, now), topic: topicOf(workspace, id) });
    },
    async tell(target, { workspace, alert: { id, urgency: tier, status } }, { tried }) {
      if (status === 'cleared' && !tried) return { kind: 'not_needed' };
      return push(target, { id, tier, status }, { TTL: longestTtl, topic: topicOf(workspace, id) });
    },
    async retire({ workspace, id }, { stored }) {
      await replaceField(redis, workspaceKeys(workspace).pushSubscriptions, id, stored, undefined);
    },
    // The endpoint itself is a capability: whoever knows it can reach this browser.
    secrets: ({ subscription }) => [...secretsOfUrl(subscription.endpoint), subscription.keys.auth],
  };
}
