/** A destination for which nothing works any more is taken out of use, and its owner can see when and why. */
import type { DestinationRecord } from '@countersign/shared/directory';
import type { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { forgottenAfter, isGivenUp } from '../../services/notifier/attempts/failing.ts';
import { pauseBefore, standardSchedule } from '../../services/notifier/attempts/schedule.ts';
import type { Notifier } from '../../services/notifier/start.ts';
import { startTestNotifier } from '../support/notifier.ts';
import { startTestRedis, type TestRedis } from '../support/redis.ts';
import { until } from '../support/until.ts';
import { startWebhookReceiver, type WebhookReceiver } from '../support/webhook-receiver.ts';
import { type TestWorkspace, testWorkspace } from './workspace.ts';

const day = 86_400_000;
const hour = 3_600_000;
let server: TestRedis;
let redis: Redis;
let receiver: WebhookReceiver;
let notifier: Notifier;

beforeAll(async () => {
  [server, receiver] = await Promise.all([startTestRedis(), startWebhookReceiver()]);
  redis = server.client();
  notifier = await startTestNotifier({
    redisUrl: server.url,
    retrySchedule: [0, 10_000_000],
    attemptTimeoutMs: 500,
  });
});
afterAll(async () => {
  await notifier.stop();
  await Promise.all([server.stop(), receiver.stop()]);
});

let count = 0;
async function begin(known?: string) {
  const workspace = testWorkspace(redis, `failing-${count++}`);
  await workspace.open();
  await workspace.addDestination(receiver.url);
  if (known !== undefined) await redis.hset(workspace.keys.failing, 'webhook-dst_1', known);
  return workspace;
}
const counted = (workspace: TestWorkspace) => redis.hget(workspace.keys.failing, 'webhook-dst_1');
const destination = async (workspace: TestWorkspace): Promise<DestinationRecord> =>
  JSON.parse((await redis.hget(workspace.keys.destinations, 'dst_1')) ?? '{}');
const attempted = (workspace: TestWorkspace, outcome: string) =>
  until(async () => expect((await workspace.attempts()).at(-1)?.outcome).toBe(outcome));

test.each([
  ['three days and ten attempts', 3 * day, 10, true],
  ['three days, and hardly an attempt', 3 * day, 9, false],
  ['many attempts in less than three days', 3 * day - 1, 500, false],
])('%s', (_, lasted, attempts, given) => {
  expect(isGivenUp(10 * day + lasted, 10 * day, attempts)).toBe(given);
});

test('the silence after which failures are forgotten is longer than any pause of one delivery', () => {
  const pauses = standardSchedule.map((_, made) => pauseBefore(standardSchedule, made, Infinity, 1));
  expect(Math.max(...pauses)).toBeLessThan(forgottenAfter);
});

describe('a destination', () => {
  test('whose every attempt has failed for three days is disabled, with an event that says why', async () => {
    const since = Date.now() - 3 * day - 60_000;
    const workspace = await begin(`${since} 30 ${Date.now() - 26 * hour}`);
    receiver.answerWith(503);
    await workspace.create('req_1');
    const event = await until(async () => {
      const found = (await workspace.feed()).find(({ type }) => type === 'destination.disabled');
      expect(found).toBeDefined();
      return found;
    });
    const reason = 'All 31 attempts of 3 days have failed, the last with http_503.';
    expect(event).toMatchObject({
      actor: { kind: 'system', id: 'notifier' },
      data: { destination: 'dst_1', kind: 'webhook', reason },
    });
    expect((await destination(workspace)).disabled).toMatchObject({ reason, at: event?.at });
    expect(await notifier.metrics()).toMatch(/countersign_notifier_disabled_total\{channel="webhook"\} 1/);
    const before = receiver.received.length;
    await workspace.approve('req_1');
    await until(async () => expect(await workspace.unhandled()).toBe(0));
    expect(receiver.received).toHaveLength(before);
  });

  test('that failed begins to be counted, and anything that arrives makes it be forgotten', async () => {
    const workspace = await begin();
    receiver.answerWith(500);
    await workspace.create('req_1');
    await attempted(workspace, 'failed');
    await until(async () => expect(await counted(workspace)).toMatch(/^\d+ 1 \d+$/));
    await workspace.create('req_2');
    await attempted(workspace, 'delivered');
    await until(async () => expect(await counted(workspace)).toBeNull());
  });

  test('that failed long ago, and now again, has not been failing all the while', async () => {
    const workspace = await begin(`${Date.now() - 30 * day} 30 ${Date.now() - 2 * day}`);
    receiver.answerWith(503);
    const before = Date.now();
    await workspace.create('req_1');
    await attempted(workspace, 'failed');
    await until(async () => {
      const [since, attempts] = (await counted(workspace))?.split(' ').map(Number) ?? [];
      expect(attempts).toBe(1);
      expect(since).toBeGreaterThanOrEqual(before);
    });
    expect((await destination(workspace)).disabled).toBeUndefined();
  });

  test('that was changed since is left as it is', async () => {
    const workspace = await begin(`${Date.now() - 4 * day} 30 ${Date.now() - hour}`);
    receiver.answerWith((response) => {
      void workspace
        .addDestination(`${receiver.url}/moved`, { disabled: { at: 1, reason: 'by hand' } })
        .then(() => {
          response.writeHead(503).end();
        });
    });
    await workspace.create('req_1');
    await attempted(workspace, 'failed');
    expect((await destination(workspace)).disabled).toEqual({ at: 1, reason: 'by hand' });
  });

  test('that says it is gone is disabled at once, and that is on record too', async () => {
    const workspace = await begin();
    receiver.answerWith(410);
    await workspace.create('req_1');
    await attempted(workspace, 'gave_up');
    const event = (await workspace.feed()).find(({ type }) => type === 'destination.disabled');
    expect(event?.data).toMatchObject({ destination: 'dst_1', reason: 'It answered 410 Gone.' });
  });
});
