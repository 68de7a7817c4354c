/** Web Push subscriptions of a reviewer's browsers. */

import { hashOf } from '@countersign/shared/access';
import { PushSubscriptionBody } from '@countersign/shared/contracts';
import type { PushSubscriptionRecord } from '@countersign/shared/directory';
import { z } from 'zod';
import type { Routes } from '../route.ts';

/** Mounts them. */
export function pushRoutes(routes: Routes): void {
  const subscriptionId = (endpoint: string): string => `psh_${hashOf(endpoint).slice(0, 26)}`;
  routes.add(
    {
      method: 'post',
      path: '/v1/push-subscriptions',
      summary: 'Have this browser woken by Web Push.',
      roles: ['reviewer'],
      body: PushSubscriptionBody,
      answers: { 201: { description: 'Its id.', schema: z.object({ id: z.string() }) } },
    },
    async ({ service, caller, body, c }) => {
      const record: PushSubscriptionRecord = {
        id: subscriptionId(body.endpoint),
        person: caller.key.owner,
        key_id: caller.key.id,
        endpoint: body.endpoint,
        keys: body.keys,
        created_at: caller.current.now,
      };
      await service.redis.hset(
        caller.current.snapshot.keys.pushSubscriptions,
        record.id,
        JSON.stringify(record),
      );
      return c.json({ id: record.id }, 201);
    },
  );
  routes.add(
    {
      method: 'delete',
      path: '/v1/push-subscriptions',
      summary: 'Stop waking this browser.',
      roles: ['reviewer'],
      body: z.strictObject({ endpoint: z.string().max(2_000) }).meta({ id: 'EndPush' }),
      answers: { 204: { description: 'Done.' } },
    },
    async ({ service, caller, body, c }) => {
      const key = caller.current.snapshot.keys.pushSubscriptions;
      const id = subscriptionId(body.endpoint);
      const stored = await service.redis.hget(key, id);
      const own =
        stored !== null && (JSON.parse(stored) as PushSubscriptionRecord).person === caller.key.owner;
      if (own) await service.redis.hdel(key, id);
      return c.body(null, 204);
    },
  );
}
