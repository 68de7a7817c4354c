/** What admins ask for in the feed: one request told again, all since a time, a test of a destination. */

import type { ServerResponse } from 'node:http';
import { type EventType, encodeEvent } from '@countersign/shared/feed';
import { bullPrefix, queues } from '@countersign/shared/keys';
import type { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { recordTtl } from '../../services/notifier/record/record.ts';
import type { Notifier } from '../../services/notifier/start.ts';
import { startTestNotifier } from '../support/notifier.ts';
import { type PagerDutyPeer, startPagerDutyPeer } from '../support/pagerduty-peer.ts';
import { startTestRedis, type TestRedis } from '../support/redis.ts';
import { until } from '../support/until.ts';
import { startWebhookReceiver, type WebhookReceiver } from '../support/webhook-receiver.ts';
import { secret, type TestWorkspace, testWorkspace } from './workspace.ts';

let server: TestRedis;
let redis: Redis;
let receiver: WebhookReceiver;
let notifier: Notifier;
let pagerduty: PagerDutyPeer;

beforeAll(async () => {
  [server, receiver, pagerduty] = await Promise.all([
    startTestRedis(),
    startWebhookReceiver(),
    startPagerDutyPeer(),
  ]);
  redis = server.client();
  notifier = await startTestNotifier({
    redisUrl: server.url,
    retrySchedule: [0, 20, 40],
    attemptTimeoutMs: 500,
    takeOverMs: 1_000,
  });
});
afterAll(async () => {
  await notifier.stop();
  await Promise.all([server.stop(), receiver.stop(), pagerduty.stop()]);
});

const routingKey = 'R'.repeat(32);

let count = 0;
async function begin() {
  const workspace = testWorkspace(redis, `errands-${count++}`);
  await workspace.open();
  const path = `/${workspace.name}`;
  await workspace.addDestination(receiver.url + path);
  const arrived = () => receiver.received.filter((webhook) => webhook.path === path);
  return { workspace, arrived, heard: () => arrived().map(({ body }) => [body.data.request.id, body.type]) };
}
/** What intake puts on record when an admin asks. */
const ask = (workspace: TestWorkspace, type: EventType, data: Record<string, unknown>) =>
  redis.xadd(
    workspace.keys.feed,
    '*',
    ...encodeEvent({ type, at: Date.now(), actor: { kind: 'person', id: 'admin' }, data }),
  );
const pagerUrl = () => `${pagerduty.url}/v2/enqueue`;
/** Incidents that stand open because of this workspace. */
const openIn = (workspace: TestWorkspace) =>
  pagerduty.open().filter(({ dedup_key }) => dedup_key.includes(`/${workspace.name}/`));
/** Errands of this workspace that are still to be done. */
const unfinished = async (workspace: TestWorkspace) => {
  const jobs = await redis.keys(`${bullPrefix}:${queues.errands}:${workspace.name}_*`);
  const ended = await Promise.all(jobs.map((job) => redis.hget(job, 'finishedOn')));
  return jobs.filter((_, n) => ended[n] === null);
};
const index = (workspace: TestWorkspace, status: string, id: string, created: number) =>
  redis.zadd(workspace.keys.index('status', status), created, id);

describe('a replay', () => {
  test('of one request brings its destination to the state of now, as a message of its own', async () => {
    const { workspace, arrived, heard } = await begin();
    await workspace.create('req_1');
    await workspace.approve('req_1');
    await until(() => expect(arrived()).toHaveLength(2));
    await ask(workspace, 'delivery.replay_requested', { destination: 'dst_1', request: 'req_1' });
    await until(() => expect(arrived()).toHaveLength(3));
    expect(heard().at(-1)).toEqual(['req_1', 'request.approved']);
    expect(arrived()[2]?.body.data.request).toMatchObject({ status: 'approved' });
    expect(new Set(arrived().map(({ id }) => id)).size).toBe(3);
    await until(async () => expect(await workspace.attempts()).toHaveLength(3));
    expect((await workspace.attempts()).every(({ outcome }) => outcome === 'delivered')).toBe(true);
  });

  test('since a time tells of every request that changed since and that the destination wants, and of no other', async () => {
    const { workspace, arrived, heard } = await begin();
    await workspace.addDestination(`${receiver.url}/${workspace.name}`, { match: { tools: ['orders.*'] } });
    const noon = Date.now() - 3_600_000;
    const made = { created_at: noon - 60_000, expires_at: null };
    await workspace.create('before', made);
    await workspace.create('decided-since', made);
    await workspace.change('decided-since', 'request.rejected', { status: 'rejected', decided_at: noon });
    await workspace.create('made-since', { created_at: noon + 1 });
    await workspace.create('not-wanted', { created_at: noon + 1, tool: 'mail.send' });
    for (const id of ['before', 'made-since', 'not-wanted']) await index(workspace, 'pending', id, noon);
    await index(workspace, 'rejected', 'decided-since', noon);
    await until(() => expect(arrived()).toHaveLength(4));
    const before = arrived().length;
    await ask(workspace, 'delivery.replay_requested', { destination: 'dst_1', since: noon });
    await until(() => expect(arrived()).toHaveLength(before + 2));
    await until(async () => {
      const queued = await redis.hget(
        `{cs:jobs}:errands:${workspace.name}_${(await workspace.feed()).find(({ type }) => type === 'delivery.replay_requested')?.id}`,
        'finishedOn',
      );
      expect(queued).not.toBeNull();
    });
    expect(heard().slice(before).sort()).toEqual([
      ['decided-since', 'request.rejected'],
      ['made-since', 'request.created'],
    ]);
    const events = await workspace.feed();
    const asked = events.find(({ type }) => type === 'delivery.replay_requested');
    expect(events.find(({ type }) => type === 'delivery.replayed')).toMatchObject({
      actor: { kind: 'system', id: 'notifier' },
      data: { replay: asked?.id, destination: 'dst_1', queued: 2 },
    });
  });

  test('of a request that waits is taken down at its end, though the destination is disabled by then', async () => {
    const { workspace } = await begin();
    await workspace.create('req_1');
    await until(async () => expect(await workspace.unhandled()).toBe(0));
    const pager = { id: 'dst_2', kind: 'pagerduty', secret: routingKey } as const;
    await workspace.addDestination(pagerUrl(), pager);
    await ask(workspace, 'delivery.replay_requested', { destination: 'dst_2', request: 'req_1' });
    const open = () => openIn(workspace);
    await until(() => expect(open()).toHaveLength(1));
    await workspace.addDestination(pagerUrl(), { ...pager, disabled: { at: 1, reason: 'by hand' } });
    await workspace.approve('req_1');
    await until(() => expect(open()).toEqual([]));
    const record = workspace.keys.delivery('pagerduty-dst_2', 'req_1');
    expect(await redis.pttl(record)).toBeLessThanOrEqual(recordTtl);
  });

  test('law 9: that is handed over twice is done once', async () => {
    const { workspace, arrived } = await begin();
    await workspace.create('req_1');
    await until(() => expect(arrived()).toHaveLength(1));
    const id = await ask(workspace, 'delivery.replay_requested', { destination: 'dst_1', request: 'req_1' });
    await until(() => expect(arrived()).toHaveLength(2));
    // As after a crash between doing it and acknowledging it: the group reads it once more.
    await redis.xgroup('SETID', workspace.keys.feed, 'notifier', `${Number(id?.split('-')[0]) - 1}-0`);
    await workspace.approve('req_1');
    await until(() => expect(arrived()).toHaveLength(3));
    await until(async () => expect(await workspace.unhandled()).toBe(0));
    expect(arrived().map(({ body }) => body.type)).toEqual([
      'request.created',
      'request.created',
      'request.approved',
    ]);
  });
});

describe('a test of a destination', () => {
  const asked = async (workspace: TestWorkspace) => {
    const event_id = await ask(workspace, 'destination.test_requested', { destination: 'dst_1' });
    return until(async () => {
      const line = (await workspace.attempts()).find((attempt) => attempt.event_id === event_id);
      if (line === undefined) throw new Error('not yet');
      return line;
    });
  };

  test('arrives by the very channel, signed, and says that it is one', async () => {
    const { workspace, arrived } = await begin();
    expect(await asked(workspace)).toMatchObject({ outcome: 'delivered', status: 204, attempt: 1 });
    const [webhook] = arrived();
    if (webhook === undefined) throw new Error('nothing arrived');
    receiver.verify(webhook, secret);
    expect(webhook.body).toMatchObject({
      type: 'destination.test',
      data: { request: { tool: 'countersign.test', reason: expect.stringContaining('This is a test') } },
    });
  });

  test('tells what the peer said, is not tried again and tells nobody else', async () => {
    const { workspace, arrived } = await begin();
    receiver.answerWith({ status: 500, body: `no, ${secret}` });
    expect(await asked(workspace)).toMatchObject({
      outcome: 'gave_up',
      status: 500,
      response: 'no, [redacted]',
    });
    await until(async () => expect(await workspace.unhandled()).toBe(0));
    expect(arrived()).toHaveLength(1);
    expect((await workspace.feed()).map(({ type }) => type)).toEqual(['destination.test_requested']);
  });

  const testPager = async (workspace: TestWorkspace) => {
    await workspace.addDestination(pagerUrl(), { kind: 'pagerduty', secret: routingKey });
    return asked(workspace);
  };
  /** Incidents that were ever opened because of this workspace. */
  const opened = (workspace: TestWorkspace) =>
    pagerduty.incidents.filter(({ dedup_key }) => dedup_key.includes(`/${workspace.name}/`));

  test('leaves no incident, though the answer to its trigger was lost', async () => {
    const { workspace } = await begin();
    // One that fails on a kept connection may be made again at once.
    pagerduty.answerWith('lost', 'lost');
    expect(await testPager(workspace)).toMatchObject({ outcome: 'gave_up' });
    expect(opened(workspace)).toHaveLength(1);
    await until(async () => expect(await unfinished(workspace)).toEqual([]));
    expect(openIn(workspace)).toEqual([]);
  });

  test('leaves no incident, though its resolve has to be tried again and the destination is deleted by then', async () => {
    const { workspace } = await begin();
    const deleting = (response: ServerResponse) => {
      void redis.hdel(workspace.keys.destinations, 'dst_1').then(() => response.writeHead(503).end());
    };
    pagerduty.answerWith('as usual', deleting);
    expect(await testPager(workspace)).toMatchObject({ outcome: 'delivered' });
    await until(() => expect(openIn(workspace)).toEqual([]));
    expect(opened(workspace)).toMatchObject([{ triggers: [{ event_action: 'trigger' }] }]);
    expect(await workspace.attempts()).toHaveLength(1);
  });

  test('that was refused has nothing to resolve', async () => {
    const { workspace } = await begin();
    const before = pagerduty.calls.length;
    pagerduty.answerWith(400);
    expect(await testPager(workspace)).toMatchObject({ outcome: 'gave_up', status: 400 });
    await until(async () => expect(await unfinished(workspace)).toEqual([]));
    expect(pagerduty.calls).toHaveLength(before + 1);
  });

  test('of one that asked to be left alone says so, and leaves it alone', async () => {
    const { workspace, arrived } = await begin();
    await redis.hset(workspace.keys.pace('webhook-dst_1'), 'held', Date.now() + 60_000);
    expect(await asked(workspace)).toMatchObject({ outcome: 'not_tried', code: 'held_back' });
    expect(arrived()).toEqual([]);
  });

  test('of one that is disabled says so', async () => {
    const { workspace } = await begin();
    await workspace.addDestination(receiver.url, { disabled: { at: 1, reason: 'by hand' } });
    expect(await asked(workspace)).toMatchObject({ outcome: 'not_tried', code: 'destination_disabled' });
  });
});
