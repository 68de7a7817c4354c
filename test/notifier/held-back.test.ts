/** A destination that answers `Retry-After` is left alone altogether until then, by every process; nobody else waits. */
import { workspaceKeys } from '@countersign/shared/keys';
import type { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { conclude } from '../../services/notifier/attempts/conclude.ts';
import { definePaceScript, pause } from '../../services/notifier/attempts/pace.ts';
import { claim, defineRecordScripts, settle, want } from '../../services/notifier/record/record.ts';
import type { Notifier } from '../../services/notifier/start.ts';
import { startTestNotifier } from '../support/notifier.ts';
import { startTestRedis, type TestRedis } from '../support/redis.ts';
import { until } from '../support/until.ts';
import { startWebhookReceiver, type WebhookReceiver } from '../support/webhook-receiver.ts';
import { pendingRequest, testWorkspace } from './workspace.ts';

let server: TestRedis;
let redis: Redis;
let receiver: WebhookReceiver;
const notifiers: Notifier[] = [];
const day = 86_400_000;

beforeAll(async () => {
  [server, receiver] = await Promise.all([startTestRedis(), startWebhookReceiver()]);
  redis = server.client();
  defineRecordScripts(redis);
  definePaceScript(redis);
  for (let i = 0; i < 2; i += 1) {
    notifiers.push(
      await startTestNotifier({
        redisUrl: server.url,
        retrySchedule: [0, 10, 20, 40, 80, 160, 320, 640, 640, 640, 640, 640],
        attemptTimeoutMs: 2_000,
        takeOverMs: 1_000,
      }),
    );
  }
});
afterAll(async () => {
  await Promise.all(notifiers.map((notifier) => notifier.stop()));
  await Promise.all([server.stop(), receiver.stop()]);
});

test('two notifiers: no attempt begins before the time that the destination asked for, nothing is lost, order is kept', async () => {
  const workspace = testWorkspace(redis, 'asked');
  const keys = workspaceKeys('asked');
  await workspace.addDestination(`${receiver.url}/busy`);
  await workspace.open();
  const busy = { status: 429, headers: { 'retry-after': '1' } };
  // It says so three times: at once, to what comes when it is back, and among others.
  receiver.answerWith(busy, busy, 204, 204, 204, busy);
  const ids = Array.from({ length: 30 }, (_, i) => `req_${i}`);
  for (const id of ids) await workspace.create(id);
  for (const id of ids) await workspace.approve(id);
  const arrived = (id: string) =>
    receiver.received.filter(({ path, body }) => path === '/busy' && body.data.request.id === id);
  await until(() => {
    for (const id of ids) expect(arrived(id).at(-1)?.body.type).toBe('request.approved');
  });
  // The last one is recorded a moment after it arrived.
  await until(async () => expect(await redis.xlen(keys.deliveryLog)).toBe(receiver.received.length));

  const lines = (await redis.xrange(keys.deliveryLog, '-', '+')).map(([id, fields]) => ({
    recordedAt: Number(id.split('-')[0]),
    ...JSON.parse(fields[1] ?? ''),
  }));
  const asked = lines.filter(({ status }) => status === 429);
  expect(asked).toHaveLength(3);
  for (const { recordedAt } of asked) {
    const within = lines
      .map(({ at, latency_ms }) => at - latency_ms)
      .filter((begun) => begun > recordedAt && begun < recordedAt + 1_000);
    expect(within).toEqual([]);
  }
  for (const id of ids) {
    const types = arrived(id).map(({ body }) => body.type);
    expect(types).toEqual([...types].sort((a, b) => Number(a > b ? -1 : 1)));
  }
  // What was held back was no attempt: nothing is in the log but what arrived.
  expect(lines).toHaveLength(receiver.received.length);
});

test('meanwhile another destination gets what is its own', async () => {
  const workspace = testWorkspace(redis, 'other');
  await workspace.addDestination(`${receiver.url}/quiet`, { id: 'quiet' });
  await workspace.addDestination(`${receiver.url}/open`, { id: 'open' });
  await workspace.open();
  await redis.hset(workspace.keys.pace('webhook-quiet'), 'held', Date.now() + day);
  for (let n = 0; n < 30; n += 1) await workspace.create(`req_${n}`);
  const at = (path: string) => receiver.received.filter((webhook) => webhook.path === path);
  await until(() => expect(at('/open')).toHaveLength(30));
  expect(at('/quiet')).toEqual([]);
});

describe('a destination that is left alone', () => {
  let count = 0;
  const begin = () => {
    const workspace = `held-${count++}`;
    const name = (event_id: string) => ({
      workspace,
      destination: 'slack-d',
      request_id: 'r',
      event_id,
      event_type: 'request.created',
    });
    return { workspace, name, pace: workspaceKeys(workspace).pace('slack-d') };
  };

  test('holds back every delivery, and an older event is still waited for when it may be told again', async () => {
    const { workspace, name } = begin();
    const other = { ...name('5-0'), request_id: 'other' };
    await claim(redis, other, 'a', 60_000);
    await settle(redis, other, 'a', { result: 'failed', hold: { ms: 400, critical_ms: 400 } });
    for (const event of ['1-0', '2-0']) await want(redis, name(event), false);
    // It has been wanted for longer than anyone waits for what nobody ever tried.
    const record = workspaceKeys(workspace).delivery('slack-d', 'r');
    await redis.hset(record, 'wanted:1-0', Date.now() - 120_000);
    const held = await claim(redis, name('1-0'), 'b', 60_000);
    expect(held.turn).toBe('held');
    expect(held.turn === 'held' && held.until - held.now).toBeGreaterThan(0);
    expect(await claim(redis, name('2-0'), 'c', 60_000)).toMatchObject({ turn: 'held' });
    await until(async () =>
      expect(await claim(redis, name('2-0'), 'c', 60_000)).toMatchObject({ turn: 'busy' }),
    );
    expect(await claim(redis, name('1-0'), 'b', 60_000)).toMatchObject({ turn: 'go' });
  });

  test('is not told sooner because it asked for less the second time', async () => {
    const { name, pace } = begin();
    for (const ms of [60_000, 1_000]) {
      await settle(redis, name('1-0'), 'a', { result: 'failed', hold: { ms, critical_ms: ms } });
    }
    const held = Number(await redis.hget(pace, 'held'));
    expect(held).toBeGreaterThan(Date.now() + 50_000);
    expect(await redis.pttl(pace)).toBeGreaterThan(60_000);
  });

  test('is not told by what was asked before that and has yet to be sent', async () => {
    const { workspace, name } = begin();
    await settle(redis, name('1-0'), 'a', { result: 'failed', hold: { ms: 60_000, critical_ms: 30_000 } });
    const ask = (request_id: string, tier: 'low' | 'critical') =>
      pause(redis, { workspace, channel: 'slack', id: 'd', request_id, tier });
    expect(await ask('x', 'low')).toBeGreaterThan(50_000);
    const wait = await ask('y', 'critical');
    expect(wait).toBeGreaterThan(20_000);
    expect(wait).toBeLessThanOrEqual(30_000);
  });

  test('hears of what is critical before the rest', async () => {
    const { workspace, name } = begin();
    await settle(redis, name('1-0'), 'a', { result: 'failed', hold: { ms: 60_000, critical_ms: 0 } });
    const keys = workspaceKeys(workspace);
    for (const tier of ['low', 'critical'] as const) {
      const request = pendingRequest(workspace, tier);
      const terms = { ...request.terms, tier };
      await redis.hset(keys.request(tier), 'record', JSON.stringify({ ...request, terms }));
    }
    const turn = async (request_id: string) =>
      (await claim(redis, { ...name('2-0'), request_id }, request_id, 60_000)).turn;
    expect([await turn('low'), await turn('critical')]).toEqual(['held', 'go']);
  });
});

const hour = 3_600_000;
test.each([
  ['an hour', 'low', hour],
  ['five minutes', 'critical', hour / 12],
] as const)(
  'a notice that is put off for days is tried again after %s where it is %s',
  (_, tier, retry_after_ms) => {
    const request = pendingRequest('w', 'r');
    const record = { ...request, terms: { ...request.terms, tier } };
    const asked = { code: 'http_503', retry: 'scheduled', gone: false, retry_after_ms: 3 * day } as const;
    const made = { number: 1, last: false, at: 1, latency_ms: 1, secrets: () => [] };
    const job = { workspace: 'w', channel: 'webhook', id: 'd', request_id: 'r' } as const;
    const { result } = conclude({ ...job, event_id: '1-0', event_type: 'request.created' }, record, {
      ...made,
      outcome: { kind: 'failed', ...asked },
    });
    expect(result).toMatchObject({ next: 'retry', retry_after_ms });
  },
);

test.each([
  ['what it asks for', 5_000, { ms: 5_000, critical_ms: 5_000 }],
  ['an hour at most', 30 * day, { ms: hour, critical_ms: hour / 12 }],
])(
  'a destination is left alone for %s, and five minutes at most where it is critical',
  (_, retry_after_ms, hold) => {
    const job = {
      workspace: 'w',
      channel: 'webhook',
      id: 'd',
      request_id: 'r',
      event_id: '1-0',
      event_type: 'request.created',
    } as const;
    const outcome = {
      kind: 'failed',
      code: 'http_429',
      status: 429,
      retry: 'scheduled',
      gone: false,
    } as const;
    for (const last of [false, true]) {
      const made = {
        number: 1,
        last,
        at: 1,
        latency_ms: 1,
        outcome: { ...outcome, retry_after_ms },
        secrets: () => [],
      };
      expect(conclude(job, pendingRequest('w', 'r'), made).settlement).toMatchObject({ hold });
    }
  },
);
