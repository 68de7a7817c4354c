/** One slow or dead endpoint never delays another, and no endpoint is sent more than it takes. */
import type { ServerResponse } from 'node:http';
import type { JsonObject } from '@countersign/shared/contracts';
import type { Redis } from 'ioredis';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { definePaceScript, pause } from '../../services/notifier/attempts/pace.ts';
import { type Notifier, startNotifier } from '../../services/notifier/start.ts';
import { startPagerDutyPeer } from '../support/pagerduty-peer.ts';
import { startTestRedis, type TestRedis } from '../support/redis.ts';
import { startSlackPeer } from '../support/slack-peer.ts';
import { startWebhookReceiver, type WebhookReceiver } from '../support/webhook-receiver.ts';
import { testWorkspace } from './workspace.ts';

let server: TestRedis;
let redis: Redis;
let receiver: WebhookReceiver;
let slow: WebhookReceiver;
let notifier: Notifier;
const until = <T>(check: () => T | Promise<T>): Promise<T> =>
  vi.waitFor(check, { timeout: 20_000, interval: 10 });

beforeAll(async () => {
  [server, receiver, slow] = await Promise.all([
    startTestRedis(),
    startWebhookReceiver(),
    startWebhookReceiver(),
  ]);
  redis = server.client();
  definePaceScript(redis);
  notifier = await startNotifier({
    redisUrl: server.url,
    development: true,
    logger: pino({ level: 'silent' }),
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

test('a destination that takes so many a second gives each delivery a moment, in order, and the same when asked again', async () => {
  const ask = (job: string, channel = 'slack') => pause(redis, 'paced', { channel, id: 'd' }, job);
  const waits = [await ask('a'), await ask('b'), await ask('c')];
  expect(waits[0]).toBe(0);
  for (const [index, wait] of waits.entries()) {
    expect(wait).toBeGreaterThan((index - 1) * 1_000);
    expect(wait).toBeLessThanOrEqual(index * 1_000);
  }
  expect(await ask('b')).toBeLessThanOrEqual(waits[1] ?? 0);
  expect(await ask('x', 'webhook')).toBe(0);
  expect(await redis.pttl(testWorkspace(redis, 'paced').keys.pace('slack-d'))).toBeGreaterThan(60_000);
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

describe('a conversation that several destinations lead to', () => {
  let count = 0;
  /** Two destinations, `one` with these conversations and `two` with those. */
  async function begin(one: string[], two: string[]) {
    const workspace = testWorkspace(redis, `shared-${count++}`);
    await workspace.addDestination('https://slack.example', { id: 'one', kind: 'slack', to: one });
    await workspace.addDestination('https://slack.example', { id: 'two', kind: 'slack', to: two });
    const ask = (id: string, job: string) => pause(redis, workspace.name, { channel: 'slack', id }, job);
    const pace = (id: string) => workspace.keys.pace(`slack-${id}`);
    /** When the conversation is free again, ms. */
    const freeAt = async (id: string) => Number(await redis.hget(pace(`conversation.${id}`), 'next'));
    return { ask, pace, freeAt };
  }

  test('gets one message a second from all of them, each delivery at a moment of its own', async () => {
    const { ask, freeAt } = await begin(['C1'], ['C2', 'C1']);
    expect(await ask('one', 'a')).toBe(0);
    const first = await freeAt('C1');
    const wait = await ask('two', 'b');
    expect(wait).toBeGreaterThan(0);
    expect(await ask('two', 'b')).toBeLessThanOrEqual(wait);
    const second = await freeAt('C1');
    expect(second).toBe(first + 1_000);
    await until(async () => expect(await ask('two', 'b')).toBe(0));
    expect([await freeAt('C1'), await freeAt('C2')]).toEqual([second, second]);
    await until(async () => expect(await ask('one', 'c')).toBe(0));
    expect(await freeAt('C1')).toBeGreaterThanOrEqual(second + 1_000);
  });

  test('keeps nobody waiting who has another', async () => {
    const { ask } = await begin(['C1', 'C2'], ['C3']);
    expect([await ask('one', 'a'), await ask('two', 'b')]).toEqual([0, 0]);
  });

  test('is free for the others while one of them is left alone', async () => {
    const { ask, pace } = await begin(['C1'], ['C1']);
    const held = Date.now() + 3_600_000;
    await redis.hset(pace('one'), { held, next: held });
    expect(await ask('one', 'a')).toBeGreaterThan(3_000_000);
    expect(await ask('two', 'b')).toBe(0);
  });

  test('is told all there is to tell, as fast as Slack takes it', async () => {
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
});

const referenceOf = (metadata: JsonObject | undefined): string =>
  String((metadata?.event_payload as JsonObject | undefined)?.reference);
