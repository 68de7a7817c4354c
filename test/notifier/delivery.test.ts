import { Writable } from 'node:stream';
import type { DeliveryAttempt } from '@countersign/shared/directory';
import { bullPrefix } from '@countersign/shared/keys';
import type { Redis } from 'ioredis';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { recordTtl } from '../../services/notifier/record/record.ts';
import type { Notifier } from '../../services/notifier/start.ts';
import { startTestNotifier } from '../support/notifier.ts';
import { type PushService, startPushService } from '../support/push-service.ts';
import { startTestRedis, type TestRedis } from '../support/redis.ts';
import { until } from '../support/until.ts';
import { startWebhookReceiver, type WebhookReceiver } from '../support/webhook-receiver.ts';
import { closedPort } from './conformance.ts';
import { secret, type TestWorkspace, testWorkspace } from './workspace.ts';

let server: TestRedis;
let redis: Redis;
let receiver: WebhookReceiver;
let push: PushService;
let notifier: Notifier;
const lines: string[] = [];
const logger = pino(
  { level: 'debug' },
  new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk));
      done();
    },
  }),
);

let count = 0;
/** A workspace of this test's own, and a path of the receiver's that only it calls. */
async function begin(): Promise<{
  workspace: TestWorkspace;
  url: string;
  arrived: () => WebhookReceiver['received'];
}> {
  const workspace = testWorkspace(redis, `w${++count}`);
  const path = `/${workspace.name}`;
  await workspace.open();
  return {
    workspace,
    url: receiver.url + path,
    arrived: () => receiver.received.filter((webhook) => webhook.path === path),
  };
}
const outcomes = async (workspace: TestWorkspace): Promise<DeliveryAttempt['outcome'][]> =>
  (await workspace.attempts()).map(({ outcome }) => outcome);

beforeAll(async () => {
  [server, receiver, push] = await Promise.all([
    startTestRedis(),
    startWebhookReceiver(),
    startPushService(),
  ]);
  redis = server.client();
  notifier = await startTestNotifier({
    redisUrl: server.url,
    logger,
    retrySchedule: [0, 20, 40, 60],
    attemptTimeoutMs: 500,
    takeOverMs: 1_000,
  });
});
afterAll(async () => {
  await notifier.stop();
  await Promise.all([server.stop(), receiver.stop(), push.stop()]);
});

describe('an event becomes deliveries', () => {
  test('a signed webhook with the request as it stands, logged and put on record', async () => {
    const { workspace, url, arrived } = await begin();
    await workspace.addDestination(url);
    const event = await workspace.create('req_1');
    const [webhook] = await until(() => {
      expect(arrived()).toHaveLength(1);
      return arrived();
    });
    if (webhook === undefined) throw new Error('nothing arrived');
    receiver.verify(webhook, secret);
    expect(webhook.body).toMatchObject({
      type: 'request.created',
      timestamp: new Date(Number(event.split('-')[0])).toISOString(),
      data: { request: { id: 'req_1', status: 'pending', args: { order: 'A-1', amount: 80 } } },
    });
    const attempts = await until(async () => {
      const logged = await workspace.attempts();
      expect(logged).toHaveLength(1);
      return logged;
    });
    expect(attempts[0]).toMatchObject({
      channel: 'webhook',
      destination: 'dst_1',
      attempt: 1,
      outcome: 'delivered',
      status: 204,
    });
    const notice = (await workspace.feed()).find(({ type }) => type === 'notice.delivered');
    expect(notice).toMatchObject({
      request_id: 'req_1',
      data: { destination: 'dst_1', event, event_type: 'request.created' },
    });
  });

  test('the agent’s callback when it ends, and pushes to reviewers when it begins and ends', async () => {
    const { workspace, url, arrived } = await begin();
    await workspace.addKey({
      id: 'agent-key',
      owner: 'dev',
      roles: ['agent'],
      callback_origin: receiver.url,
      callback_secret: secret,
    });
    await workspace.addKey({ id: 'k', owner: 'ann', roles: ['reviewer'] });
    const { id, endpoint, keys } = push.subscribe();
    await workspace.addSubscription({ id, person: 'ann', key_id: 'k', endpoint, keys });
    const pushes = () => push.received.filter(({ subscription }) => subscription === id);

    await workspace.create('req_1', { callback_url: url });
    await until(() => expect(pushes()).toHaveLength(1));
    expect(arrived()).toHaveLength(0);
    await workspace.approve('req_1');
    await until(() => expect([pushes().length, arrived().length]).toEqual([2, 1]));
    expect(arrived()[0]?.body).toMatchObject({
      type: 'request.approved',
      data: { request: { status: 'approved' } },
    });
    const [first, second] = pushes();
    expect(second?.topic).toBe(first?.topic);
    expect(push.faults).toEqual([]);
  });

  test('two events of one request arrive one after the other, in order', async () => {
    const { workspace, url, arrived } = await begin();
    await workspace.addDestination(url);
    for (let n = 0; n < 20; n++) {
      await workspace.create(`req_${n}`);
      await workspace.approve(`req_${n}`);
    }
    await until(() => expect(arrived()).toHaveLength(40));
    for (let n = 0; n < 20; n++) {
      const types = arrived()
        .filter(({ body }) => body.data.request.id === `req_${n}`)
        .map(({ body }) => body.type);
      expect(types).toEqual(['request.created', 'request.approved']);
    }
  });

  test('only the destinations that want it', async () => {
    const { workspace, url, arrived } = await begin();
    await workspace.addDestination(`${url}`, { id: 'all' });
    await workspace.addDestination(`${url}`, { id: 'none', match: { tools: ['mail.*'] } });
    await workspace.create('req_1');
    await until(async () => expect(await outcomes(workspace)).toEqual(['delivered']));
    expect(arrived()).toHaveLength(1);
  });
});

describe('a peer in trouble', () => {
  test('is tried again on the schedule with the same webhook-id, until it takes it', async () => {
    const { workspace, url, arrived } = await begin();
    await workspace.addDestination(url);
    receiver.answerWith(500, 503);
    await workspace.create('req_1');
    await until(async () => expect(await outcomes(workspace)).toEqual(['failed', 'failed', 'delivered']));
    expect(new Set(arrived().map(({ id }) => id)).size).toBe(1);
    expect(arrived().map(({ headers }) => headers['webhook-signature'])).toHaveLength(3);
    expect((await workspace.attempts()).map(({ attempt, code }) => [attempt, code])).toEqual([
      [1, 'http_500'],
      [2, 'http_503'],
      [3, undefined],
    ]);
  });

  test('that never takes it is given up when the schedule is through, and that goes on record', async () => {
    const { workspace, url } = await begin();
    await workspace.addDestination(url);
    receiver.answerWith(500, 500, 500, 500);
    await workspace.create('req_1');
    await until(async () =>
      expect(await outcomes(workspace)).toEqual(['failed', 'failed', 'failed', 'gave_up']),
    );
    const notice = (await workspace.feed()).find(({ type }) => type === 'notice.failed');
    expect(notice?.data).toMatchObject({ destination: 'dst_1', attempt: 4, code: 'http_500' });
  });

  test('is remembered for four days after the end of its request, whatever is told after it', async () => {
    const { workspace, url, arrived } = await begin();
    await workspace.addDestination(url);
    const record = workspace.keys.delivery('webhook-dst_1', 'req_1');
    await workspace.create('req_1');
    await until(() => expect(arrived()).toHaveLength(1));
    expect(await redis.pttl(record)).toBeGreaterThan(recordTtl);
    await workspace.approve('req_1');
    await until(() => expect(arrived()).toHaveLength(2));
    await workspace.change('req_1', 'outcome.reported', {});
    await until(() => expect(arrived()).toHaveLength(3));
    expect(await redis.pttl(record)).toBeLessThanOrEqual(recordTtl);
  });

  test('that asks for time is given it', async () => {
    const { workspace, url, arrived } = await begin();
    await workspace.addDestination(url);
    receiver.answerWith({ status: 429, headers: { 'retry-after': '1' } });
    await workspace.create('req_1');
    await until(() => expect(arrived()).toHaveLength(2));
    const [failed, delivered] = await until(async () => {
      const logged = await workspace.attempts();
      expect(logged).toHaveLength(2);
      return logged;
    });
    expect((delivered?.at ?? 0) - (failed?.at ?? 0)).toBeGreaterThanOrEqual(950);
  });

  test('that is gone is disabled at once, and later events are not sent to it', async () => {
    const { workspace, url, arrived } = await begin();
    await workspace.addDestination(url);
    receiver.answerWith(410);
    await workspace.create('req_1');
    await until(async () => expect(await outcomes(workspace)).toEqual(['gave_up']));
    const notice = (await workspace.feed()).find(({ type }) => type === 'notice.failed');
    expect(notice?.data).toMatchObject({ code: 'http_410', disabled: true });
    await workspace.approve('req_1');
    await until(async () => expect(await workspace.unhandled()).toBe(0));
    expect(arrived()).toHaveLength(1);
  });

  test('whose browser has left loses its subscription', async () => {
    const { workspace } = await begin();
    await workspace.addKey({ id: 'k', owner: 'ann', roles: ['reviewer'] });
    const { endpoint, keys } = push.subscribe();
    await workspace.addSubscription({ id: 's', person: 'ann', key_id: 'k', endpoint, keys });
    push.answerWith(410);
    await workspace.create('req_1');
    await until(async () => expect(await redis.hlen(workspace.keys.pushSubscriptions)).toBe(0));
  });

  test('that fell behind is brought to the latest state in one step', async () => {
    const { workspace, url, arrived } = await begin();
    await workspace.addDestination(url);
    receiver.answerWith({ status: 503, headers: { 'retry-after': '1' } });
    await workspace.create('req_1');
    await until(async () => expect(await outcomes(workspace)).toEqual(['failed']));
    await workspace.approve('req_1');
    await until(async () => expect(await outcomes(workspace)).toEqual(['failed', 'delivered']));
    await until(async () => {
      const states = await Promise.all((await workspace.jobs()).map((job) => redis.hget(job, 'returnvalue')));
      // Whichever looks first when the destination may be told again: one tells, the other has nothing left to say.
      expect(states.sort()).toEqual(['"delivered"', expect.stringMatching(/done|superseded/)]);
    });
    expect(arrived().map(({ body }) => body.type)).toEqual(['request.created', 'request.approved']);
  });

  test('at an address that is not public is never called, and that is told', async () => {
    const { workspace } = await begin();
    await workspace.addDestination('https://169.254.169.254/latest/meta-data/');
    await workspace.create('req_1');
    await until(async () => expect(await outcomes(workspace)).toEqual(['not_tried']));
    expect((await workspace.attempts())[0]).toMatchObject({ code: 'address_refused' });
  });
});

describe('there is nothing to deliver', () => {
  test.each([
    ['the request has left Redis', (workspace: TestWorkspace) => redis.del(workspace.keys.request('req_1'))],
    [
      'its payload has been erased',
      (workspace: TestWorkspace) => redis.del(workspace.keys.payload('req_1', 1)),
    ],
    [
      'the destination has been deleted',
      (workspace: TestWorkspace) => redis.hdel(workspace.keys.destinations, 'dst_1'),
    ],
  ])('when %s: it is let go without a word', async (_, vanish) => {
    const { workspace, url, arrived } = await begin();
    await workspace.addDestination(url);
    receiver.answerWith({ status: 503, headers: { 'retry-after': '1' } });
    await workspace.create('req_1');
    await until(async () => expect(await outcomes(workspace)).toEqual(['failed']));
    await vanish(workspace);
    await until(async () => {
      const [job] = await workspace.jobs();
      expect(await redis.hget(job ?? '', 'returnvalue')).toMatch(/request_gone|destination_deleted/);
    });
    expect(arrived()).toHaveLength(1);
    expect(await outcomes(workspace)).toEqual(['failed']);
  });

  test('when the destination has been disabled meanwhile: it is skipped, and logged', async () => {
    const { workspace, url, arrived } = await begin();
    await workspace.addDestination(url);
    receiver.answerWith({ status: 503, headers: { 'retry-after': '1' } });
    await workspace.create('req_1');
    await until(async () => expect(await outcomes(workspace)).toEqual(['failed']));
    await workspace.addDestination(url, { disabled: { at: 1, reason: 'by hand' } });
    await until(async () => expect(await outcomes(workspace)).toEqual(['failed', 'not_tried']));
    expect((await workspace.attempts())[1]).toMatchObject({ code: 'destination_disabled' });
    expect(arrived()).toHaveLength(1);
  });
});

test('an end is not told where nobody was reached for the beginning', async () => {
  const { workspace, url, arrived } = await begin();
  await workspace.addDestination(closedPort, { kind: 'teams' });
  await workspace.create('req_1');
  await until(async () => expect((await outcomes(workspace)).at(-1)).toBe('gave_up'));
  await workspace.addDestination(url, { kind: 'teams' });
  const end = await workspace.approve('req_1');
  const record = workspace.keys.delivery('teams-dst_1', 'req_1');
  await until(async () => expect(await redis.hget(record, 'delivered')).toBe(end));
  expect(arrived()).toEqual([]);
});

test('law 12: jobs, logs, the feed and the delivery log hold no secret, no URL of a browser and no argument', async () => {
  const { workspace, url, arrived } = await begin();
  const token = 'custom-header-credential';
  await workspace.addDestination(url, { headers: { authorization: token } });
  await workspace.addKey({ id: 'k', owner: 'ann', roles: ['reviewer'] });
  const { id, endpoint, keys } = push.subscribe();
  await workspace.addSubscription({ id, person: 'ann', key_id: 'k', endpoint, keys });
  // A peer that echoes what it was sent.
  receiver.answerWith({ status: 500, body: `you sent ${token} and ${secret}` });
  await workspace.create('req_1');
  await until(async () =>
    expect((await outcomes(workspace)).filter((outcome) => outcome === 'delivered')).toHaveLength(2),
  );
  expect(arrived()[0]?.headers.authorization).toBe(token);
  expect(await workspace.attempts()).toContainEqual(
    expect.objectContaining({ response: 'you sent [redacted] and [redacted]' }),
  );
  const jobs = await Promise.all(
    (await redis.keys(`${bullPrefix}:deliveries:*_*`)).map((job) => redis.hgetall(job)),
  );
  const written = [
    JSON.stringify(jobs),
    JSON.stringify(await workspace.feed()),
    JSON.stringify(await workspace.attempts()),
    ...lines,
  ];
  for (const forbidden of [secret, token, endpoint, keys.auth, 'A-1', 'opaque']) {
    expect(written.filter((text) => text.includes(forbidden))).toEqual([]);
  }
});

test('the metrics count attempts, their time and what waits', async () => {
  const text = await notifier.metrics();
  expect(text).toMatch(/countersign_notifier_attempts_total\{channel="webhook",outcome="delivered"\} \d+/);
  expect(text).toMatch(/countersign_notifier_attempt_seconds_bucket\{le="[\d.]+",channel="webhook"\} \d+/);
  expect(text).toMatch(/countersign_notifier_backlog gauge/);
  expect(await notifier.health()).toEqual({ ok: true, redis: true, stuck: [] });
});
