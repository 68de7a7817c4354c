/** The queue may lie on another machine than the requests, and lose what it had: what is to be delivered is not lost. */
import { type EventType, encodeEvent } from '@countersign/shared/feed';
import { bullPrefix, queues } from '@countersign/shared/keys';
import type { Redis } from 'ioredis';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type DeliveryQueue, openQueue } from '../../services/notifier/attempts/queue.ts';
import { sweep } from '../../services/notifier/dispatch/sweeper.ts';
import { notifierMetrics } from '../../services/notifier/metrics.ts';
import {
  claim,
  defineRecordScripts,
  recordTtl,
  settle,
  want,
} from '../../services/notifier/record/record.ts';
import { defineLookAgainScript, lookAgain } from '../../services/notifier/record/wanted.ts';
import type { Notifier } from '../../services/notifier/start.ts';
import { startTestNotifier } from '../support/notifier.ts';
import { startTestRedis, type TestRedis } from '../support/redis.ts';
import { until } from '../support/until.ts';
import { startWebhookReceiver, type WebhookReceiver } from '../support/webhook-receiver.ts';
import { type TestWorkspace, testWorkspace } from './workspace.ts';

const minute = 60_000;
const servers: TestRedis[] = [];
let receiver: WebhookReceiver;

beforeAll(async () => {
  receiver = await startWebhookReceiver();
});
afterAll(async () => {
  await Promise.all([...servers.map((server) => server.stop()), receiver.stop()]);
});
async function startRedis(): Promise<TestRedis> {
  const server = await startTestRedis();
  servers.push(server);
  return server;
}

describe('with the queue gone', () => {
  let redis: Redis;
  let notifier: Notifier;
  beforeAll(async () => {
    const server = await startRedis();
    redis = server.client();
    notifier = await startTestNotifier({
      redisUrl: server.url,
      // What fails once is tried again by itself long after this test.
      retrySchedule: [0, 100 * minute],
      attemptTimeoutMs: 500,
      takeOverMs: 200,
    });
  });
  afterAll(() => notifier.stop());

  /** What a failover does to the machine that has the queue alone. */
  const loseQueue = async () => {
    await redis.del(await redis.keys(`${bullPrefix}:${queues.deliveries}:*`));
  };
  const begin = async (name: string) => {
    const workspace = testWorkspace(redis, name);
    await workspace.open();
    await workspace.addDestination(`${receiver.url}/${name}`);
    return { workspace, arrived: () => receiver.received.filter(({ path }) => path === `/${name}`) };
  };
  const ask = (workspace: TestWorkspace, type: EventType, data: Record<string, unknown>) =>
    redis.xadd(
      workspace.keys.feed,
      '*',
      ...encodeEvent({ type, at: Date.now(), actor: { kind: 'person', id: 'admin' }, data }),
    );

  test('law 9: what was to be tried again is tried again, as the same message', async () => {
    const { workspace, arrived } = await begin('retried');
    receiver.answerWith(503);
    await workspace.create('req_1');
    await until(async () => expect(await workspace.attempts()).toHaveLength(1));
    await loseQueue();
    await until(async () =>
      expect((await workspace.attempts()).map(({ outcome }) => outcome)).toEqual(['failed', 'delivered']),
    );
    const [first, second] = arrived();
    expect([second?.id, second?.body.type]).toEqual([first?.id, first?.body.type]);
    await until(async () => expect(await redis.zcard(workspace.keys.wanted)).toBe(0));
  });

  test('law 9: so is a replay, each of its requests', async () => {
    const { workspace, arrived } = await begin('replayed');
    const ids = ['req_1', 'req_2'];
    for (const id of ids) {
      await workspace.create(id);
      await redis.zadd(workspace.keys.index('status', 'pending'), Date.now(), id);
    }
    await until(() => expect(arrived()).toHaveLength(2));
    receiver.answerWith(503, 503);
    await ask(workspace, 'delivery.replay_requested', { destination: 'dst_1', since: 0 });
    await until(async () => expect(await workspace.attempts()).toHaveLength(4));
    await loseQueue();
    await until(async () => expect(await workspace.attempts()).toHaveLength(6));
    const [, , ...replayed] = arrived();
    const told = Map.groupBy(replayed, ({ id }) => id);
    expect([...told.values()].map((each) => each.map(({ body }) => body.data.request.id)).sort()).toEqual(
      ids.map((id) => [id, id]),
    );
  });
});

describe('a sweep', () => {
  let redis: Redis;
  let queue: DeliveryQueue;
  beforeAll(async () => {
    redis = (await startRedis()).client();
    defineRecordScripts(redis);
    defineLookAgainScript(redis);
    queue = openQueue(redis.duplicate(), () => {});
  });
  afterAll(() => queue.close());

  const of = (workspace: string, event_id: string) => ({
    workspace,
    destination: 'webhook-d',
    request_id: 'r',
    event_id,
    event_type: 'request.created',
  });
  /** An event of now, and some later ones. */
  const events = (): string[] => Array.from({ length: 3 }, (_, n) => `${Date.now()}-${n}`);
  const wanted = (workspace: string) => redis.zcard(testWorkspace(redis, workspace).keys.wanted);
  const metrics = notifierMetrics(async () => []);
  const logger = pino({ level: 'silent' });
  const sweeping = () => ({ redis, adding: redis, queue, attempts: 3, metrics, logger });

  test('makes a job that the queue does not have, and leaves alone what it has', async () => {
    const [event = ''] = events();
    await want(redis, of('lost', event), false);
    expect(await sweep(sweeping(), 'lost', 0)).toBe(1);
    const [job] = await queue.getWaiting();
    expect(job).toMatchObject({
      name: 'webhook',
      data: {
        workspace: 'lost',
        channel: 'webhook',
        id: 'd',
        request_id: 'r',
        event_id: event,
        event_type: 'request.created',
      },
      opts: { attempts: 3 },
    });
    expect(await sweep(sweeping(), 'lost', 0)).toBe(0);
    expect(await queue.getWaitingCount()).toBe(1);
    expect(await metrics.text()).toContain('countersign_notifier_requeued_total 1');
  });

  test('looks at nothing before its time, and at nothing twice in a row', async () => {
    const [event = ''] = events();
    const name = of('patient', event);
    await want(redis, name, false);
    const look = (firstMs: number) => lookAgain(redis, 'patient', { firstMs, laterMs: minute, most: 10 });
    expect(await look(minute)).toEqual({ names: [], more: false });
    expect(await look(0)).toEqual({ names: [name], more: false });
    expect(await look(0)).toEqual({ names: [], more: false });
  });

  test('goes on until nothing is left to look at', async () => {
    for (let n = 0; n < 3; n++)
      await want(redis, { ...of('many', `${Date.now()}-0`), request_id: `r${n}` }, false);
    const look = { firstMs: 0, laterMs: minute, most: 2 };
    const looks = [await lookAgain(redis, 'many', look), await lookAgain(redis, 'many', look)];
    expect(looks.map(({ names, more }) => [names.length, more])).toEqual([
      [2, true],
      [1, false],
    ]);
  });

  test('forgets what is wanted for longer than its record lives', async () => {
    await want(redis, of('old', `${Date.now() - recordTtl - minute}-0`), false);
    expect(await sweep(sweeping(), 'old', 0)).toBe(0);
    expect(await wanted('old')).toBe(0);
  });

  test('finds nothing that has ended, however it did', async () => {
    const [first = '', second = '', third = ''] = events();
    const name = (event: string) => of('ended', event);
    for (const event of [first, second, third]) await want(redis, name(event), false);
    await claim(redis, name(first), 'a', minute);
    await settle(redis, name(first), 'a', { result: 'failed' });
    expect(await wanted('ended')).toBe(3);
    expect(await claim(redis, name(first), 'b', minute)).toMatchObject({ turn: 'superseded' });
    expect(await wanted('ended')).toBe(2);
    await claim(redis, name(second), 'c', minute);
    await settle(redis, name(second), 'c', { result: 'dropped' });
    expect(await wanted('ended')).toBe(1);
    await claim(redis, name(third), 'd', minute);
    await settle(redis, name(third), 'd', { result: 'delivered' });
    expect(await wanted('ended')).toBe(0);
  });

  test('finds nothing that a later event has made moot, once its own job has come', async () => {
    const [first = '', second = ''] = events();
    await want(redis, of('moot', first), false);
    await claim(redis, of('moot', second), 'a', minute);
    await settle(redis, of('moot', second), 'a', { result: 'delivered' });
    expect(await claim(redis, of('moot', first), 'b', minute)).toMatchObject({ turn: 'done' });
    expect(await wanted('moot')).toBe(0);
  });
});
