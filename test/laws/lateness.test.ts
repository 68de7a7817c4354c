/** Law 2 when processes sleep, timers are lost and clocks are wrong: never late, never early, and still in time. */

import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { RequestView } from '@countersign/shared/contracts';
import { bullPrefix, workspaceKeys } from '@countersign/shared/keys';
import type { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { startTestIntake, type TestIntake, writePolicies } from '../support/intake.ts';
import { type IntakeProcess, startIntakeProcess } from '../support/intake-process.ts';
import { startTestRedis, type TestRedis } from '../support/redis.ts';
import { type Passing, type RedisProxy, startRedisProxy } from '../support/redis-proxy.ts';
import { consume, decide, read } from './arena.ts';
import { feedViolations } from './feed-violations.ts';
import { indexViolations } from './index-violations.ts';
import { takeSnapshot } from './snapshot.ts';

const policies = 'version: 1\ndefault: approval_required\nrules: []\n';

let redis: TestRedis;
let client: Redis;
let calm: TestIntake;
let written: ReturnType<typeof writePolicies>;
let n = 0;

beforeAll(async () => {
  redis = await startTestRedis();
  client = redis.client();
  calm = await startTestIntake({ redisUrl: redis.url, policies });
  written = writePolicies({ 'policy.yaml': policies });
});
afterAll(async () => {
  await calm.stop();
  written.remove();
  await redis.stop();
});

/** A request that waits for so many seconds, and its deadline in Redis ms. */
async function waiting(timeout: number): Promise<{ request: RequestView; deadline: number }> {
  const request = await calm.propose({ tool: 'pay', args: { n: ++n }, timeout });
  return { request, deadline: Date.parse(request.expires_at ?? '') };
}

/** Waits until Redis's clock has passed a time. */
async function redisPast(time: number): Promise<void> {
  await vi.waitFor(
    async () => {
      const [seconds, micros] = await client.time();
      if (Number(seconds) * 1000 + Number(micros) / 1000 <= time) throw new Error('not yet');
    },
    { timeout: 10_000, interval: 10 },
  );
}

/** The status on record, as nobody's reading has changed it: a look at Redis fires no timer. */
async function statusOf(id: string): Promise<string> {
  return JSON.parse((await client.hget(workspaceKeys('default').request(id), 'record')) ?? '{}').status;
}

/** Waits until a deadline fired by itself; says how late, in ms of Redis's clock. */
async function firedAfter(id: string, deadline: number): Promise<number> {
  await vi.waitFor(async () => expect(await statusOf(id)).toBe('timed_out'), {
    timeout: 10_000,
    interval: 20,
  });
  const { feed } = await takeSnapshot(client);
  const event = feed.find(({ type, request_id }) => type === 'request.timed_out' && request_id === id);
  return (event?.committed ?? Number.NaN) - deadline;
}

async function expectNoViolation(): Promise<void> {
  const snapshot = await takeSnapshot(client);
  expect([...feedViolations(snapshot), ...indexViolations(snapshot)]).toEqual([]);
}

const concerns = ({ args }: Passing, id: string) => args.some((arg) => arg.includes(id));

describe('law 2: a process sleeps past the deadline', () => {
  let proxy: RedisProxy;
  let sleeper: IntakeProcess;
  beforeAll(async () => {
    proxy = await startRedisProxy(redis.url);
    sleeper = await startIntakeProcess({ redisUrl: proxy.url, policiesDir: written.dir });
  });
  afterAll(async () => {
    await sleeper.kill();
    await proxy.stop();
  });

  /** Stops the process at the first command of the approval that `at` picks, until `wake` is called. */
  function sleepAt(
    id: string,
    at: (command: Passing) => boolean,
  ): { asleep: Promise<void>; wake: () => void } {
    const asleep = Promise.withResolvers<void>();
    const woken = Promise.withResolvers<void>();
    proxy.intercept = (command) => {
      if (!concerns(command, id) || !at(command)) return undefined;
      proxy.intercept = () => undefined;
      sleeper.signal('SIGSTOP');
      asleep.resolve();
      // The command itself goes on its way: what Redis answers waits for the process to wake.
      return command.name === 'hget' ? undefined : { until: woken.promise };
    };
    return {
      asleep: asleep.promise,
      wake() {
        woken.resolve();
        sleeper.signal('SIGCONT');
      },
    };
  }

  const loads = ({ name }: Passing) => name === 'hget';
  const commits = ({ args }: Passing) => args.some((arg) => arg.includes('verdict.given'));

  test.each([
    ['between load and commit', loads],
    ['with its commit on the way', commits],
  ])('%s: its approval comes to nothing, while another intake fires the deadline', async (_when, at) => {
    const { request, deadline } = await waiting(0.5);
    const { asleep, wake } = sleepAt(request.id, at);
    const approval = decide({ ...calm, call: sleeper.call }, calm.keys.reviewer, request, 'approve');
    await asleep;
    const late = await firedAfter(request.id, deadline);
    wake();
    expect((await approval).code).toBe('already_decided');
    expect(await statusOf(request.id)).toBe('timed_out');
    expect(late).toBeGreaterThanOrEqual(0);
    expect(late).toBeLessThan(3_000);
    await expectNoViolation();
  });

  test.each([
    ['between load and commit', loads],
    ['with its commit on the way', commits],
  ])('%s: its approval comes to nothing, even where no one else is awake', async (_when, at) => {
    const { request, deadline } = await waiting(1.5);
    await calm.stop();
    try {
      const { asleep, wake } = sleepAt(request.id, at);
      const approval = decide({ ...calm, call: sleeper.call }, calm.keys.reviewer, request, 'approve');
      await asleep;
      await redisPast(deadline);
      expect(await statusOf(request.id)).toBe('pending');
      wake();
      expect((await approval).code).toBe('already_decided');
      expect(await statusOf(request.id)).toBe('timed_out');
      await expectNoViolation();
    } finally {
      calm = await startTestIntake({ redisUrl: redis.url, policies, keys: calm.keys });
    }
  });
});

describe('law 2: the deadline fires by itself, never early', () => {
  test('by its wake-up, soon', async () => {
    const { request, deadline } = await waiting(0.5);
    const late = await firedAfter(request.id, deadline);
    expect(late).toBeGreaterThanOrEqual(0);
    expect(late).toBeLessThan(3_000);
  });

  test('when BullMQ has lost every job', async () => {
    const { request, deadline } = await waiting(1);
    await vi.waitFor(async () => expect(await client.keys(`${bullPrefix}*delayed`)).not.toEqual([]));
    await client.del(...(await client.keys(`${bullPrefix}*`)));
    const late = await firedAfter(request.id, deadline);
    expect(late).toBeGreaterThanOrEqual(0);
    expect(late).toBeLessThan(3_000);
    await expectNoViolation();
  });

  test('when every intake was down at the time', async () => {
    const { request, deadline } = await waiting(0.5);
    await calm.stop();
    await redisPast(deadline);
    expect(await statusOf(request.id)).toBe('pending');
    calm = await startTestIntake({ redisUrl: redis.url, policies, keys: calm.keys });
    await firedAfter(request.id, deadline);
    await expectNoViolation();
  });

  const startWrong = (skew: number) =>
    startIntakeProcess({
      redisUrl: redis.url,
      policiesDir: written.dir,
      nodeOptions: ['--import', `${pathToFileURL(join(import.meta.dirname, 'skewed-clock.ts'))}?ms=${skew}`],
    });

  test('though a worker whose clock is ten minutes ahead takes its wake-up at once', async () => {
    const { request, deadline } = await waiting(300);
    const jobs = `${bullPrefix}:wakeups:delayed`;
    await vi.waitFor(async () => expect(await client.zcard(jobs)).toBeGreaterThan(0));
    await calm.stop();
    const wrong = await startWrong(600_000);
    try {
      // BullMQ judges by the worker's clock: the job is gone minutes before it is due.
      await vi.waitFor(async () => expect(await client.zcard(jobs)).toBe(0), {
        timeout: 20_000,
        interval: 20,
      });
      expect(await statusOf(request.id)).toBe('pending');
      const timers = workspaceKeys('default').timers;
      expect(Number(await client.zscore(timers, `expire:${request.id}`))).toBe(deadline);
      await expectNoViolation();
    } finally {
      await wrong.kill();
      calm = await startTestIntake({ redisUrl: redis.url, policies, keys: calm.keys });
    }
  });

  test.each([
    ['ten minutes ahead', 600_000],
    ['ten minutes behind', -600_000],
  ])('by an intake alone whose clock is %s, which judges tokens rightly as well', async (_which, skew) => {
    await calm.stop();
    const wrong = await startWrong(skew);
    const there = { ...calm, call: wrong.call };
    try {
      const ask = async (timeout: number) => {
        const body = { agent: 'tester', tool: 'pay', args: { n: ++n }, timeout };
        const path = '/v1/requests';
        return (await wrong.call<{ request: RequestView }>(calm.keys.agent, 'POST', path, body)).body.request;
      };
      const request = await ask(1.5);
      const deadline = Date.parse(request.expires_at ?? '');
      expect(Math.abs(deadline - Date.now())).toBeLessThan(5_000);

      const other = await ask(60);
      await decide(there, calm.keys.reviewer, other, 'approve');
      const { token = '', args } = await read(there, other.id);
      expect((await consume(there, { token, args })).status).toBe(200);

      const late = await firedAfter(request.id, deadline);
      expect(late).toBeGreaterThanOrEqual(0);
      expect(late).toBeLessThan(3_000);
      await expectNoViolation();
    } finally {
      await wrong.kill();
      calm = await startTestIntake({ redisUrl: redis.url, policies, keys: calm.keys });
    }
  });
});
