import { expect, test, vi } from 'vitest';
import { readBacklog, standingOf } from '../../services/notifier/attempts/backlog.ts';
import { type DeliveryJob, jobIdOf, jobOptions, openQueue } from '../../services/notifier/attempts/queue.ts';
import { notifierMetrics } from '../../services/notifier/metrics.ts';
import { startTestRedis } from '../support/redis.ts';

const named = (channel: 'webhook' | 'slack', ms: number, replay?: true): DeliveryJob => ({
  workspace: 'team-a',
  channel,
  id: 'dst_01ABC',
  request_id: 'req_1',
  event_id: `${ms}-0`,
  event_type: 'request.created',
  ...(replay && { replay }),
});
const job = (...of: Parameters<typeof named>): string => jobIdOf(named(...of));

test('the backlog is counted by channel, with its oldest event, from the names of jobs alone', () => {
  const ids = [job('webhook', 300), job('slack', 100), job('webhook', 200, true), 'odd'];
  expect(standingOf('delayed', [{ total: 4, ids }])).toEqual([
    { channel: 'webhook', state: 'delayed', count: 2, oldest: 200 },
    { channel: 'slack', state: 'delayed', count: 1, oldest: 100 },
  ]);
});

test('where there are many more than were looked at, the rest are taken to be alike', () => {
  const ids = [job('webhook', 300), job('slack', 100), job('webhook', 200)];
  const few = { total: 1, ids: [job('slack', 50)] };
  expect(standingOf('waiting', [{ total: 3_000, ids }, few])).toEqual([
    { channel: 'webhook', state: 'waiting', count: 2_000, oldest: 200 },
    { channel: 'slack', state: 'waiting', count: 1_001, oldest: 50 },
  ]);
});

test('of a long queue a part is read, the oldest first, and all are counted', async () => {
  const server = await startTestRedis();
  const queue = openQueue(server.client(), () => {});
  try {
    const jobs = Array.from({ length: 5_000 }, (_, n) => named('webhook', n + 1));
    await queue.addBulk(jobs.map((data) => ({ name: data.channel, data, opts: jobOptions(data, 3) })));
    const replayed = Array.from({ length: 10 }, (_, n) => named('slack', n + 1, true));
    await queue.addBulk(replayed.map((data) => ({ name: data.channel, data, opts: jobOptions(data, 3) })));
    const ranges = vi.spyOn(queue, 'getRanges');
    expect(await readBacklog(queue)).toEqual([
      { channel: 'webhook', state: 'waiting', count: 5_000, oldest: 1 },
      { channel: 'slack', state: 'waiting', count: 10, oldest: 1 },
    ]);
    const read = await Promise.all(ranges.mock.results.map(({ value }) => value as Promise<string[]>));
    expect(read.flat().length).toBeLessThan(2_500);
  } finally {
    await queue.close();
    await server.stop();
  }
});

test('both gauges come from one look at the queue, and say nothing when it can not be read', async () => {
  let looks = 0;
  const metrics = notifierMetrics(async () => {
    looks += 1;
    if (looks > 1) throw new Error('Redis is away');
    return standingOf('waiting', [{ total: 1, ids: [job('slack', Date.now() - 60_000)] }]);
  });
  const text = await metrics.text();
  expect(text).toMatch(/countersign_notifier_backlog\{channel="slack",state="waiting"\} 1/);
  expect(text).toMatch(/countersign_notifier_oldest_seconds\{channel="slack",state="waiting"\} 6\d/);
  expect(looks).toBe(1);
  expect(await metrics.text()).not.toMatch(/countersign_notifier_(backlog|oldest_seconds)\{/);
});
