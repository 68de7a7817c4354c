/** Redis away, silent or full: intake says 503 within a bounded time, allows nothing, and works again by itself. */
import type { Proposed, RequestView } from '@countersign/shared/contracts';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Answer, startTestIntake, type TestIntake } from '../support/intake.ts';
import { startTestRedis, type TestRedis } from '../support/redis.ts';
import { type RedisProxy, startRedisProxy } from '../support/redis-proxy.ts';
import { consume, decide, proposeAllowed, read } from './arena.ts';
import { feedViolations } from './feed-violations.ts';
import { indexViolations } from './index-violations.ts';
import { takeSnapshot } from './snapshot.ts';

const policies = `version: 1
rules:
  - { name: look, tools: [pay], effect: approval_required, timeout: 1h }
  - { name: run, tools: [read], effect: allow }
`;

/** A silent Redis costs a call one command's time limit, 5 s, and no more; a Redis that is away costs nothing. */
const bound = { away: 2_000, silent: 7_000 };

let redis: TestRedis;
let proxy: RedisProxy;
let intake: TestIntake;
let waiting: RequestView;
let permit: Awaited<ReturnType<typeof proposeAllowed>>;
let n = 0;

beforeAll(async () => {
  redis = await startTestRedis();
  proxy = await startRedisProxy(redis.url);
  intake = await startTestIntake({ redisUrl: proxy.url, policies });
});
afterAll(async () => {
  proxy.intercept = () => undefined;
  await intake.stop();
  await proxy.stop();
  await redis.stop();
});
beforeEach(async () => {
  waiting = await intake.propose({ tool: 'pay', args: { n: ++n } });
  permit = await proposeAllowed(intake, 'read', { n });
});

/** Every kind of call that could let something happen. */
function everyCall(): Promise<Answer<unknown>>[] {
  const { call, keys } = intake;
  const propose = (tool: string) =>
    call<Proposed>(keys.agent, 'POST', '/v1/requests', { agent: 'tester', tool, args: { n: ++n } });
  return [
    propose('read'),
    propose('pay'),
    decide(intake, keys.reviewer, waiting, 'approve'),
    consume(intake, permit, `run-${permit.id}`),
    call(keys.agent, 'GET', `/v1/requests/${waiting.id}`, undefined, { prefer: 'wait=30' }),
    call(keys.reviewer, 'GET', '/v1/queue'),
    call(keys.admin, 'POST', '/v1/freeze', { scope: 'workspace', reason: 'now' }),
    call(keys.agent, 'GET', '/readyz'),
  ];
}

async function expectRefusals(within: number): Promise<void> {
  const start = performance.now();
  for (const { status, code, headers } of await Promise.all(everyCall())) {
    expect([status, code]).toEqual([503, 'unavailable']);
    expect(headers.get('retry-after')).toBe('1');
  }
  expect(performance.now() - start).toBeLessThan(within);
}

/** What waited still waits, what was allowed still runs, once; nothing is half written. */
async function expectAllWorks(): Promise<void> {
  await vi.waitFor(
    async () => expect((await intake.call(intake.keys.agent, 'GET', '/readyz')).status).toBe(200),
    { timeout: 10_000, interval: 20 },
  );
  for (const { id } of (
    await intake.call<{ items: { id: string }[] }>(intake.keys.admin, 'GET', '/v1/freeze')
  ).body.items) {
    await intake.call(intake.keys.admin, 'DELETE', `/v1/freeze/${id}`);
  }
  const fresh = await intake.propose({ tool: 'pay', args: { n: ++n } });
  expect((await decide(intake, intake.keys.reviewer, fresh, 'approve')).status).toBe(200);
  expect((await consume(intake, permit, `run-${permit.id}`)).status).toBe(200);
  expect((await consume(intake, permit)).code).toBe('token_consumed');
  const snapshot = await takeSnapshot(redis.client());
  expect([...feedViolations(snapshot), ...indexViolations(snapshot)]).toEqual([]);
}

describe('law 9: nothing runs without the store', () => {
  test('Redis is killed and comes back: 503 at once, then work, without a restart of intake', async () => {
    await redis.kill9();
    await expectRefusals(bound.away);
    await expectRefusals(bound.away);
    await redis.restart();
    await expectAllWorks();
    expect((await read(intake, waiting.id)).status).toBe('pending');
  });

  test('Redis falls silent: 503 in bounded time', async () => {
    const speaks = Promise.withResolvers<void>();
    proxy.intercept = () => ({ until: speaks.promise });
    await expectRefusals(bound.silent);
    proxy.intercept = () => undefined;
    speaks.resolve();
    await expectAllWorks();
  });

  test('an agent that waits when Redis dies is told, and finds its answer when it asks again', async () => {
    const { call, keys } = intake;
    const ask = () =>
      call<RequestView>(keys.agent, 'GET', `/v1/requests/${waiting.id}`, undefined, { prefer: 'wait=30' });
    const first = ask();
    await redis.kill9();
    expect((await first).code).toBe('unavailable');
    await redis.restart();
    await expectAllWorks();
    const again = ask();
    await decide(intake, keys.reviewer, waiting, 'approve');
    expect((await again).body.status).toBe('approved');
  });

  test('only the subscription is silent: a waiting agent is still answered in its own time', async () => {
    const late = await startTestIntake({ redisUrl: proxy.url, policies, keys: intake.keys });
    const speaks = Promise.withResolvers<void>();
    proxy.intercept = ({ name }) => (name === 'subscribe' ? { until: speaks.promise } : undefined);
    const path = `/v1/requests/${waiting.id}`;
    const answer = await late.call<RequestView>(intake.keys.agent, 'GET', path, undefined, {
      prefer: 'wait=1',
    });
    expect(answer.body.status).toBe('pending');
    // It came while the subscription was silent, or the test would have run out of time.
    speaks.resolve();
    proxy.intercept = () => undefined;
    await late.stop();
  });

  test('Redis is full: what needs memory is refused whole, nothing is half written', async () => {
    const client = redis.client();
    const used = Number(/used_memory:(\d+)/.exec(await client.info('memory'))?.[1]);
    // Well below, or what is freed meanwhile makes room.
    await client.config('SET', 'maxmemory', Math.floor(used / 2));
    const asked = await intake.call(intake.keys.agent, 'POST', '/v1/requests', {
      agent: 'tester',
      tool: 'read',
      args: { n: ++n },
    });
    expect([asked.status, asked.code]).toEqual([503, 'unavailable']);
    expect((await decide(intake, intake.keys.reviewer, waiting, 'approve')).code).toBe('unavailable');
    await client.config('SET', 'maxmemory', 0);
    expect((await read(intake, waiting.id)).status).toBe('pending');
    await expectAllWorks();
  });
});

test('who stops intake while Redis is just coming back is not kept waiting for a connection that never comes', async () => {
  const own = await startTestRedis();
  try {
    for (let round = 0; round < 3; round++) {
      const stopped = await startTestIntake({ redisUrl: own.url, policies });
      await own.kill9();
      await own.restart();
      // Hangs for good where BullMQ is waited for: then this test times out.
      await stopped.stop();
    }
  } finally {
    await own.stop();
  }
});
