/** Law 9 where Redis has done what it was asked and nobody heard: the connection ended with the answer on its way. */
import type { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Notifier } from '../../services/notifier/start.ts';
import { startTestNotifier } from '../support/notifier.ts';
import { startTestRedis, type TestRedis } from '../support/redis.ts';
import { type Passing, type RedisProxy, startRedisProxy } from '../support/redis-proxy.ts';
import { until } from '../support/until.ts';
import { startWebhookReceiver, type WebhookReceiver } from '../support/webhook-receiver.ts';
import { testWorkspace } from './workspace.ts';

let server: TestRedis;
let redis: Redis;
let receiver: WebhookReceiver;
let proxy: RedisProxy;
let notifier: Notifier;

beforeAll(async () => {
  [server, receiver] = await Promise.all([startTestRedis(), startWebhookReceiver()]);
  redis = server.client();
  proxy = await startRedisProxy(server.url);
  notifier = await startTestNotifier({
    redisUrl: proxy.url,
    retrySchedule: [0, 20, 40],
    // A turn that nobody knows of would last longer than this test; a job that nobody knows of is taken over.
    attemptTimeoutMs: 60_000,
    takeOverMs: 1_000,
  });
});
afterAll(async () => {
  await notifier.stop();
  await proxy.stop();
  await Promise.all([server.stop(), receiver.stop()]);
});

/** Scripts by keys that no other script has. */
const takesTurn = ({ name, args }: Passing) =>
  name === 'evalsha' && args.some((arg) => arg.endsWith(':outcome:req_1'));
const endsTurn = ({ name, args }: Passing) =>
  name === 'evalsha' && args.some((arg) => arg.endsWith(':delivery-log'));

test.each([
  ['the turn was taken', takesTurn],
  ['the turn was ended', endsTurn],
])('that %s, and the delivery is made and is in the log, once', async (what, is) => {
  const workspace = testWorkspace(redis, what.replaceAll(' ', '-'));
  await workspace.open();
  await workspace.addDestination(`${receiver.url}/${workspace.name}`);
  // Redis and the notifier come to know each other.
  await workspace.create('warm');
  await until(async () => expect(await workspace.attempts()).toHaveLength(1));
  let cuts = 0;
  proxy.intercept = (command) => {
    if (cuts > 0 || !is(command)) return undefined;
    cuts += 1;
    return { cut: 'after' };
  };
  await workspace.create('req_1');
  await until(async () => expect(await workspace.attempts()).toHaveLength(2));
  await workspace.approve('req_1');
  await until(async () => expect(await workspace.attempts()).toHaveLength(3));
  expect(cuts).toBe(1);
  expect((await workspace.attempts()).map(({ outcome }) => outcome)).toEqual(
    Array.from({ length: 3 }, () => 'delivered'),
  );
  expect(receiver.received.filter(({ path }) => path === `/${workspace.name}`)).toHaveLength(3);
});
