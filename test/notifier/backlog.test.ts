import { expect, test } from 'vitest';
import { standingOf } from '../../services/notifier/attempts/backlog.ts';
import { jobIdOf } from '../../services/notifier/attempts/queue.ts';
import { notifierMetrics } from '../../services/notifier/metrics.ts';

const job = (channel: 'webhook' | 'slack', ms: number, replay?: true) =>
  jobIdOf({
    workspace: 'team-a',
    channel,
    id: 'dst_01ABC',
    request_id: 'req_1',
    event_id: `${ms}-0`,
    event_type: 'request.created',
    ...(replay && { replay }),
  });

test('the backlog is counted by channel, with its oldest event, from the names of jobs alone', () => {
  expect(
    standingOf('delayed', [job('webhook', 300), job('slack', 100), job('webhook', 200, true), 'odd']),
  ).toEqual([
    { channel: 'webhook', state: 'delayed', count: 2, oldest: 200 },
    { channel: 'slack', state: 'delayed', count: 1, oldest: 100 },
  ]);
});

test('both gauges come from one look at the queue, and say nothing when it can not be read', async () => {
  let looks = 0;
  const metrics = notifierMetrics(async () => {
    looks += 1;
    if (looks > 1) throw new Error('Redis is away');
    return standingOf('waiting', [job('slack', Date.now() - 60_000)]);
  });
  const text = await metrics.text();
  expect(text).toMatch(/countersign_notifier_backlog\{channel="slack",state="waiting"\} 1/);
  expect(text).toMatch(/countersign_notifier_oldest_seconds\{channel="slack",state="waiting"\} 6\d/);
  expect(looks).toBe(1);
  expect(await metrics.text()).not.toMatch(/countersign_notifier_(backlog|oldest_seconds)\{/);
});
