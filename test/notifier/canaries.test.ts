/** Law 10 on the notifier's side: a planted request goes to browsers like any other, and nowhere else whatever way it took. */
import type { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Notifier } from '../../services/notifier/start.ts';
import { startTestNotifier } from '../support/notifier.ts';
import { type PushService, startPushService } from '../support/push-service.ts';
import { startTestRedis, type TestRedis } from '../support/redis.ts';
import { until } from '../support/until.ts';
import { startWebhookReceiver, type WebhookReceiver } from '../support/webhook-receiver.ts';
import { testWorkspace } from './workspace.ts';

const planted = { kind: 'extra_zero', path: 'amount', difficulty: 'plain', source: 'req_0' } as const;

let server: TestRedis;
let redis: Redis;
let receiver: WebhookReceiver;
let push: PushService;
let notifier: Notifier;
beforeAll(async () => {
  [server, receiver, push] = await Promise.all([
    startTestRedis(),
    startWebhookReceiver(),
    startPushService(),
  ]);
  redis = server.client();
  notifier = await startTestNotifier({ redisUrl: server.url });
});
afterAll(async () => {
  await notifier?.stop();
  await Promise.all([server?.stop(), receiver?.stop(), push?.stop()]);
});

test('law 10: browsers are told of both in the same bytes, and a webhook only of what an agent made', async () => {
  const workspace = testWorkspace(redis, 'w1');
  await workspace.open();
  await workspace.addKey({ id: 'k1', owner: 'ann', roles: ['reviewer'] });
  await workspace.addPreferences('ann', { channels: { low: [], medium: [], high: ['push'], critical: [] } });
  await workspace.addDestination(`${receiver.url}/w1`);
  const { id, endpoint, keys } = push.subscribe();
  await workspace.addSubscription({ id, person: 'ann', key_id: 'k1', endpoint, keys });
  await workspace.create('req_planted', { planted });
  await workspace.create('req_by_hand');
  await until(() => expect(push.received).toHaveLength(2));
  await until(() => expect(receiver.received).toHaveLength(1));
  expect(receiver.received[0]?.text).toContain('req_by_hand');
  const shown = ({ payload, urgency }: (typeof push.received)[number]) => ({
    urgency,
    payload: JSON.stringify(payload).replaceAll(/req_(planted|by_hand)|\d{13}/g, 'x'),
  });
  const [one, other] = push.received;
  expect(one && shown(one)).toEqual(other && shown(other));
});
