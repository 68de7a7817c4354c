/** A process that was stopped in the middle of a delivery, and wakes up when its turn may be over. */
import { setTimeout as after } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { deliver } from '../../services/notifier/attempts/deliver.ts';
import { definePaceScript } from '../../services/notifier/attempts/pace.ts';
import { directoryReader } from '../../services/notifier/dispatch/directory.ts';
import { notifierMetrics } from '../../services/notifier/metrics.ts';
import { defineRecordScripts } from '../../services/notifier/record/record.ts';
import { startTestRedis, type TestRedis } from '../support/redis.ts';
import { startRedisProxy } from '../support/redis-proxy.ts';
import { testWorkspace } from './workspace.ts';

let server: TestRedis;
beforeAll(async () => {
  server = await startTestRedis();
});
afterAll(() => server.stop());

/** Attempts at a destination that takes so many a second, for one request; `redis` is how the notifier sees it. */
async function stage(name: string, redis: Redis) {
  defineRecordScripts(redis);
  definePaceScript(redis);
  const workspace = testWorkspace(server.client(), name);
  const event_id = await workspace.create('req_1');
  const state = { sent: 0, heldUpMs: 0 };
  const channel = async () => {
    const woken = performance.now() + state.heldUpMs;
    while (performance.now() < woken);
    return {
      found: true as const,
      needs: () => true,
      secrets: () => [],
      retire: async () => {},
      tell: async () => ({ kind: 'not_needed' as const }),
      deliver: async () => {
        state.sent += 1;
        return { kind: 'delivered' as const, status: 202, response: '' };
      },
    };
  };
  const deliverer = {
    redis,
    directory: directoryReader(redis, () => {}),
    channels: {
      webhook: channel,
      push: channel,
      callback: channel,
      slack: channel,
      pagerduty: channel,
      teams: channel,
      sms: channel,
      email: channel,
    },
    settings: {},
    metrics: notifierMetrics(async () => []),
    logger: pino({ level: 'silent' }),
  };
  const job = {
    workspace: name,
    channel: 'pagerduty',
    id: 'dst_1',
    request_id: 'req_1',
    event_id,
    event_type: 'request.created',
  } as const;
  const attempt = (leaseMs: number) => deliver({ ...deliverer, leaseMs }, job, 1, false);
  return { workspace, state, attempt };
}

test('an attempt that was held up since it took its turn sends nothing, takes no moment, and is made anew', async () => {
  const { state, attempt } = await stage('held-up', server.client());
  state.heldUpMs = 30;
  expect(await attempt(60)).toEqual({ next: 'wait' });
  expect(state.sent).toBe(0);
  state.heldUpMs = 0;
  expect(await attempt(60_000)).toMatchObject({ next: 'finish' });
  expect(state.sent).toBe(1);
});

test('while Redis takes long to say whose moment it is, the turn may end: nothing is sent then', async () => {
  const proxy = await startRedisProxy(server.url);
  const redis = new Redis(proxy.url);
  const { workspace, state, attempt } = await stage('slow-pace', redis);
  const pace = workspace.keys.pace('pagerduty-dst_1:line');
  const leaseMs = 150;
  proxy.intercept = ({ args }) => (args.includes(pace) ? { until: after(leaseMs / 2) } : undefined);
  expect(await attempt(leaseMs)).toEqual({ next: 'wait' });
  expect(state.sent).toBe(0);
  // Nobody was sent anything, so nothing was tried.
  expect(await workspace.attempts()).toEqual([]);
  redis.disconnect();
  await proxy.stop();
});

test('where Redis does not say whose moment it is, that is no attempt, and the turn is free', async () => {
  const redis = server.client();
  const { workspace, state, attempt } = await stage('no-pace', redis);
  const line = workspace.keys.pace('pagerduty-dst_1:line');
  await redis.set(line, 'no line');
  expect(await attempt(60_000)).toEqual({ next: 'wait' });
  expect([state.sent, await workspace.attempts()]).toEqual([0, []]);
  expect(await redis.hget(workspace.keys.failing, 'pagerduty-dst_1')).toBeNull();
  await redis.del(line);
  expect(await attempt(60_000)).toMatchObject({ next: 'finish' });
  expect(await workspace.attempts()).toMatchObject([{ attempt: 1, outcome: 'delivered' }]);
});
