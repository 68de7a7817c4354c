/** One slow or dead endpoint never delays another, and no endpoint is sent more than it takes. */
import type { ServerResponse } from 'node:http';
import type { Redis } from 'ioredis';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { definePaceScript, pause } from '../../services/notifier/attempts/pace.ts';
import { type Notifier, startNotifier } from '../../services/notifier/start.ts';
import { startTestRedis, type TestRedis } from '../support/redis.ts';
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
