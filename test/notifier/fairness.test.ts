/** One slow or dead endpoint never delays another, and no endpoint is sent more than it takes. */
import type { ServerResponse } from 'node:http';
import type { JsonObject } from '@countersign/shared/contracts';
import type { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Notifier } from '../../services/notifier/start.ts';
import { startTestNotifier } from '../support/notifier.ts';
import { startPagerDutyPeer } from '../support/pagerduty-peer.ts';
import { startTestRedis, type TestRedis } from '../support/redis.ts';
import { startSlackPeer } from '../support/slack-peer.ts';
import { until } from '../support/until.ts';
import { startWebhookReceiver, type WebhookReceiver } from '../support/webhook-receiver.ts';
import { testWorkspace } from './workspace.ts';

let server: TestRedis;
let redis: Redis;
let receiver: WebhookReceiver;
let slow: WebhookReceiver;
let notifier: Notifier;

beforeAll(async () => {
  [server, receiver, slow] = await Promise.all([
    startTestRedis(),
    startWebhookReceiver(),
    startWebhookReceiver(),
  ]);
  redis = server.client();
  notifier = await startTestNotifier({
    redisUrl: server.url,
    retrySchedule: [0, 20, 40],
    attemptTimeoutMs: 20_000,
  });
});
afterAll(async () => {
  slow.answerWith();
  await notifier.stop();
  await Promise.all([server.stop(), receiver.stop(), slow.stop()]);
});

test('while an endpoint with hundreds of notices hangs, another’s arrive; the first’s follow, in order, when it is back', async () => {
  const workspace = testWorkspace(redis, 'hanging');
  await workspace.open();
  await workspace.addDestination(slow.url, { id: 'slow', match: { tools: ['slow.*'] } });
  await workspace.addDestination(receiver.url, { id: 'quick', match: { tools: ['quick.*'] } });
  const held: ServerResponse[] = [];
  let hangs = true;
  const hang = (response: ServerResponse) =>
    void (hangs ? held.push(response) : response.writeHead(204).end());
  slow.answerWith(...Array.from({ length: 1_000 }, () => hang));

  for (let n = 0; n < 150; n++) {
    await workspace.create(`slow_${n}`, { tool: 'slow.tool' });
    await workspace.approve(`slow_${n}`);
  }
  await until(() => expect(held).toHaveLength(10));
  for (let n = 0; n < 20; n++) await workspace.create(`quick_${n}`, { tool: 'quick.tool' });
  await until(() => expect(receiver.received).toHaveLength(20));
  // All the while none of the first endpoint's was answered, and it was sent no more than its share.
  expect(slow.received).toHaveLength(10);

  hangs = false;
  for (const response of held) response.writeHead(204).end();
  await until(() => expect(slow.received).toHaveLength(300));
  const byRequest = Map.groupBy(slow.received, ({ body }) => String(body.data.request.id));
  for (const arrived of byRequest.values())
    expect(arrived.map(({ body }) => body.type)).toEqual(['request.created', 'request.approved']);
});

test('what turns out to need no message takes no moment from what does', async () => {
  const pager = await startPagerDutyPeer();
  const workspace = testWorkspace(redis, 'needless');
  const url = `${pager.url}/v2/enqueue`;
  await workspace.addDestination(url, { kind: 'pagerduty', secret: 'R'.repeat(32) });
  const moments = workspace.keys.pace('pagerduty-dst_1');
  const finished = async () => {
    const states = await Promise.all((await workspace.jobs()).map((job) => redis.hget(job, 'returnvalue')));
    return states.filter((state) => state === '"not_needed"').length;
  };
  // Over before anybody was told: there is no incident to close.
  for (let n = 0; n < 20; n++) {
    const over = { status: 'approved', decided_at: Date.now(), decided_by: 'ann' } as const;
    await workspace.create(`req_${n}`, over);
  }
  await workspace.open();
  await until(async () => expect(await finished()).toBe(20));
  expect(await redis.exists(moments)).toBe(0);
  for (const id of ['open_1', 'open_2']) await workspace.create(id);
  await until(() => expect(pager.incidents).toHaveLength(2));
  expect(await redis.exists(moments)).toBe(1);
  await pager.stop();
});

test('a conversation that several destinations lead to is told all there is to tell, as fast as Slack takes it', async () => {
  const slack = await startSlackPeer();
  slack.limited = true;
  const workspace = testWorkspace(redis, 'slack-shared');
  for (const [id, to] of [
    ['one', ['C1']],
    ['two', ['C1', 'C2']],
  ] as const)
    await workspace.addDestination(slack.url, { id, kind: 'slack', secret: slack.token, to: [...to] });
  await workspace.open();
  for (const id of ['req_1', 'req_2']) await workspace.create(id);
  const told = () => slack.messages.map(({ channel, metadata }) => `${channel} ${referenceOf(metadata)}`);
  await until(() => expect(told().length).toBeGreaterThanOrEqual(6));
  expect(told().sort()).toEqual([
    'C1 slack-shared/req_1/one',
    'C1 slack-shared/req_1/two',
    'C1 slack-shared/req_2/one',
    'C1 slack-shared/req_2/two',
    'C2 slack-shared/req_1/two',
    'C2 slack-shared/req_2/two',
  ]);
  await slack.stop();
});

const referenceOf = (metadata: JsonObject | undefined): string =>
  String((metadata?.event_payload as JsonObject | undefined)?.reference);
