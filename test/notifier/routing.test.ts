/** Routing as it is acted on: what people wish, who was asked, and the alarm that nobody hears. */
import { globalKeys } from '@countersign/shared/keys';
import type { Redis } from 'ioredis';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Notifier } from '../../services/notifier/start.ts';
import { startTestNotifier } from '../support/notifier.ts';
import { type PushService, startPushService } from '../support/push-service.ts';
import { startTestRedis, type TestRedis } from '../support/redis.ts';
import { until } from '../support/until.ts';
import { startWebhookReceiver, type WebhookReceiver } from '../support/webhook-receiver.ts';
import { type TestWorkspace, testWorkspace } from './workspace.ts';

let server: TestRedis;
let redis: Redis;
let push: PushService;
let receiver: WebhookReceiver;
let notifier: Notifier;

let count = 0;
/** A workspace with one reviewer, `ann`, and her browser. */
async function begin(): Promise<{ workspace: TestWorkspace; statuses: () => string[] }> {
  const workspace = testWorkspace(redis, `r${++count}`);
  await workspace.open();
  await workspace.addKey({ id: 'k', owner: 'ann', roles: ['reviewer'] });
  const { id, endpoint, keys } = push.subscribe();
  await workspace.addSubscription({ id, person: 'ann', key_id: 'k', endpoint, keys });
  const pushed = () => push.received.filter(({ subscription }) => subscription === id);
  return { workspace, statuses: () => pushed().map(({ payload }) => (payload as { status: string }).status) };
}
const handled = (workspace: TestWorkspace) =>
  until(async () => {
    expect(await workspace.unhandled()).toBe(0);
    const states = await Promise.all((await workspace.jobs()).map((job) => redis.hget(job, 'finishedOn')));
    expect(states).not.toContain(null);
  });
const alarms = async (workspace: TestWorkspace) =>
  (await workspace.feed()).filter(({ type }) => type === 'request.unheard');
const silent = { channels: { low: [], medium: [], high: [], critical: ['push' as const] } };

beforeAll(async () => {
  [server, push, receiver] = await Promise.all([
    startTestRedis(),
    startPushService(),
    startWebhookReceiver(),
  ]);
  redis = server.client();
  const logger = pino({ level: 'silent' });
  notifier = await startTestNotifier({ redisUrl: server.url, logger });
});
afterAll(async () => {
  await notifier.stop();
  await Promise.all([server.stop(), push.stop(), receiver.stop()]);
});

describe('what a person wishes', () => {
  test('holds from the moment they say it', async () => {
    const { workspace, statuses } = await begin();
    await workspace.create('req_1');
    await until(() => expect(statuses()).toEqual(['pending']));
    await workspace.addPreferences('ann', silent);
    await workspace.create('req_2');
    await handled(workspace);
    expect(statuses()).toEqual(['pending']);
    await workspace.addPreferences('ann', {});
    await workspace.create('req_3');
    await until(() => expect(statuses()).toEqual(['pending', 'pending']));
  });

  test('gives way to what policy asks for', async () => {
    const { workspace, statuses } = await begin();
    await workspace.addPreferences('ann', silent);
    await workspace.create('req_1', { channels: ['push'] });
    await until(() => expect(statuses()).toEqual(['pending']));
  });
});

describe('the end of a request', () => {
  test('goes to whoever was asked, whatever they wish by then, and to nobody who was not', async () => {
    const { workspace, statuses } = await begin();
    await workspace.create('req_1');
    await until(() => expect(statuses()).toEqual(['pending']));
    await workspace.addPreferences('ann', silent);
    await workspace.create('req_2');
    await workspace.approve('req_2');
    await workspace.approve('req_1');
    await until(() => expect(statuses()).toEqual(['pending', 'approved']));
    await handled(workspace);
    expect(statuses()).toEqual(['pending', 'approved']);
  });

  test('that is read together with its beginning asks nobody to look', async () => {
    const { workspace, statuses } = await begin();
    await redis.srem(globalKeys.workspaces, workspace.name);
    await workspace.create('req_1');
    await workspace.approve('req_1');
    await workspace.open();
    await handled(workspace);
    expect(statuses()).toEqual([]);
  });

  test('lets go of where the request was told of, days later', async () => {
    const { workspace, statuses } = await begin();
    await workspace.create('req_1');
    await until(() => expect(statuses()).toEqual(['pending']));
    const { asked, delivery } = workspace.keys;
    const [name = ''] = await redis.smembers(asked('req_1'));
    const days = async () =>
      Promise.all(
        [asked('req_1'), delivery(name, 'req_1')].map(async (key) =>
          Math.ceil((await redis.ttl(key)) / 86_400),
        ),
      );
    await handled(workspace);
    // What was put up must be known when it is to be taken down, however long nobody decides.
    expect(await days()).toEqual([40, 40]);
    await workspace.approve('req_1');
    await handled(workspace);
    expect(await days()).toEqual([4, 4]);
  });
});

describe('a request that nobody is told of', () => {
  test('is on record as that once, with the reasons and without a name, and is counted', async () => {
    const { workspace } = await begin();
    const now = Date.now();
    const [from, to] = [new Date(now - 3_600_000).toISOString(), new Date(now + 3_600_000).toISOString()];
    await workspace.addPreferences('ann', { absence: { from, until: to } });
    await workspace.create('req_1');
    await workspace.change('req_1', 'request.edited', { version: 2 });
    await handled(workspace);
    const [alarm, ...more] = await alarms(workspace);
    expect(more).toEqual([]);
    expect(alarm).toMatchObject({
      request_id: 'req_1',
      tier: 'high',
      actor: { kind: 'system', id: 'notifier' },
      data: { event: 'request.created', why: { absent: 1 } },
    });
    expect(JSON.stringify(alarm?.data)).not.toContain('ann');
    expect(await notifier.metrics()).toMatch(/countersign_notifier_unheard_total [1-9]/);
  });

  test('tells destinations that want to know of it', async () => {
    const { workspace } = await begin();
    await workspace.addPreferences('ann', { quiet_hours: [{ from: '00:00', to: '00:00' }] });
    const path = `/${workspace.name}`;
    await workspace.addDestination(receiver.url + path, { match: { events: ['request.unheard'] } });
    await workspace.create('req_1');
    const arrived = () => receiver.received.filter((webhook) => webhook.path === path);
    await until(() => expect(arrived().map(({ body }) => body.type)).toEqual(['request.unheard']));
  });
});

test('other services learn what can be sent by here', async () => {
  const said = JSON.parse((await redis.get(globalKeys.notifierChannels)) ?? '[]');
  expect(said).toEqual(expect.arrayContaining(['webhook', 'push', 'callback']));
  // No mail server is set up.
  expect(said).not.toContain('email');
  expect(await redis.ttl(globalKeys.notifierChannels)).toBeGreaterThan(0);
});
