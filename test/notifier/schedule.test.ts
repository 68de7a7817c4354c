import type { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { pauseBefore, standardSchedule } from '../../services/notifier/attempts/schedule.ts';
import { startTestNotifier } from '../support/notifier.ts';
import { startTestRedis, type TestRedis } from '../support/redis.ts';
import { startWebhookReceiver, type WebhookReceiver } from '../support/webhook-receiver.ts';
import { testWorkspace } from './workspace.ts';

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;

/** When each attempt is made, ms from the first, where all fail and none takes any time. */
function timesOf(random: number): number[] {
  let at = 0;
  return standardSchedule.map((_, made) => {
    at += made === 0 ? 0 : pauseBefore(standardSchedule, made, undefined, random);
    return at;
  });
}

describe('the retry schedule', () => {
  test('is the one that Standard Webhooks recommends: ten attempts over some 75 hours', () => {
    const earliest = [
      0,
      5 * second,
      5 * minute,
      30 * minute,
      2 * hour,
      5 * hour,
      10 * hour,
      14 * hour,
      20 * hour,
      24 * hour,
    ].map((_, index, pauses) => pauses.slice(0, index + 1).reduce((sum, pause) => sum + pause, 0));
    expect(timesOf(0)).toEqual(earliest);
    expect((earliest.at(-1) ?? 0) / hour).toBeCloseTo(75.58, 1);
  });

  test('is spread by chance, never early, and by a tenth at most', () => {
    for (const random of [0, 0.1, 0.5, 0.999]) {
      for (const [index, at] of timesOf(random).entries()) {
        const planned = timesOf(0)[index] ?? 0;
        expect(at).toBeGreaterThanOrEqual(planned);
        expect(at).toBeLessThanOrEqual(planned * 1.1);
      }
    }
    expect(pauseBefore(standardSchedule, 2, undefined, 0.999)).toBe(329_970);
  });

  test('waits as long as the peer asks at any attempt, but not for more than an hour and never for less than it would', () => {
    for (const [made, planned] of standardSchedule.entries()) {
      if (made === 0) continue;
      for (const asked of [0, 1, minute, 3 * hour, 23 * hour, 90 * hour, Number.MAX_SAFE_INTEGER]) {
        const pause = pauseBefore(standardSchedule, made, asked, 0);
        expect(pause).toBe(Math.max(planned, Math.min(asked, hour)));
      }
    }
  });

  test('keeps the last pause where it is asked for more attempts than it has', () => {
    expect(pauseBefore([0, 10], 7, undefined, 0)).toBe(10);
  });
});

describe('the same schedule, a hundred thousand times as fast, through the queue', () => {
  const scale = 100_000;
  let server: TestRedis;
  let redis: Redis;
  let receiver: WebhookReceiver;
  beforeAll(async () => {
    [server, receiver] = await Promise.all([startTestRedis(), startWebhookReceiver()]);
    redis = server.client();
  });
  afterAll(() => Promise.all([server.stop(), receiver.stop()]));

  test('makes ten attempts, none before its time, all with one webhook-id, and then gives up', async () => {
    const schedule = standardSchedule.map((pause) => pause / scale);
    const workspace = testWorkspace(redis, 'w');
    await workspace.open();
    await workspace.addDestination(receiver.url);
    receiver.answerWith(...Array.from({ length: 20 }, () => 503));
    const notifier = await startTestNotifier({
      redisUrl: server.url,
      retrySchedule: schedule,
    });
    await workspace.create('req_1');
    const attempts = await vi.waitFor(
      async () => {
        const logged = await workspace.attempts();
        expect(logged.at(-1)?.outcome).toBe('gave_up');
        return logged;
      },
      { timeout: 15_000, interval: 20 },
    );
    await notifier.stop();
    expect(attempts.map(({ attempt }) => attempt)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    for (const [index, { at }] of attempts.entries()) {
      const pause = at - (attempts[index - 1]?.at ?? at);
      // Two clocks, each rounded to the millisecond.
      expect(pause).toBeGreaterThanOrEqual(Math.floor(schedule[index] ?? 0) - 2);
    }
    expect(receiver.received).toHaveLength(10);
    expect(new Set(receiver.received.map(({ id }) => id)).size).toBe(1);
  });
});
