import type { PushSubscriptionRecord } from '@countersign/shared/directory';
import { vapidKeys } from '@countersign/shared/directory';
import { viewOf } from '@countersign/shared/request';
import type { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { callbackChannel } from '../../services/notifier/channels/callback.ts';
import type { Address, Channel, Notice, Outcome } from '../../services/notifier/channels/channel.ts';
import { pushChannel } from '../../services/notifier/channels/push.ts';
import { webhookChannel } from '../../services/notifier/channels/webhook.ts';
import { outbound } from '../../services/notifier/outbound.ts';
import { type PushService, startPushService } from '../support/push-service.ts';
import { startTestRedis, type TestRedis } from '../support/redis.ts';
import { startWebhookReceiver, type WebhookReceiver } from '../support/webhook-receiver.ts';
import { pendingRequest, secret, type TestWorkspace, testWorkspace } from './workspace.ts';

let server: TestRedis;
let redis: Redis;
let receiver: WebhookReceiver;
let push: PushService;
const out = outbound({ allowLoopback: true, timeoutMs: 300 });
const strictOut = outbound({ allowLoopback: false, timeoutMs: 300 });
const payload = { args: { amount: 80 }, salt: 's', why: [], said: { resume: 'opaque' } };

beforeAll(async () => {
  [server, receiver, push] = await Promise.all([
    startTestRedis(),
    startWebhookReceiver(),
    startPushService(),
  ]);
  redis = server.client();
});
afterAll(async () => {
  out.close();
  strictOut.close();
  await Promise.all([server.stop(), receiver.stop(), push.stop()]);
});

function noticeFor({ workspace, request }: Address): Notice {
  const view = viewOf(request, { first: payload, current: payload }, () => undefined);
  return {
    id: `${workspace}_1-0_webhook-x`,
    type: 'request.created',
    timestamp: '2026-01-01T00:00:00.000Z',
    request: view,
  };
}

type Harness = {
  /** Puts the destination in place, in a workspace of its own. */
  place: (workspace: TestWorkspace) => Promise<Address>;
  channel: (guarded: typeof out) => Promise<Channel<unknown>>;
  /** A fresh server misbehaves in the same way, whichever protocol it speaks. */
  answerWith: WebhookReceiver['answerWith'];
  arrived: () => number;
  goneBy: number;
  /** What tells the peer that two attempts are the same. */
  reference: () => unknown;
};

/** Channels keep their own kind of target to themselves; the suite needs only what they share. */
function anyTarget<Target>(channel: Channel<Target>): Channel<unknown> {
  return channel as Channel<unknown>;
}

const address = (workspace: TestWorkspace, id: string, callback_url?: string): Address => ({
  workspace: workspace.name,
  id,
  request: pendingRequest(workspace.name, 'req_1', callback_url === undefined ? {} : { callback_url }),
});

const harnesses: Record<string, Harness> = {
  webhook: {
    place: async (workspace) => {
      await workspace.addDestination(receiver.url);
      return address(workspace, 'dst_1');
    },
    channel: async (guarded) => anyTarget(webhookChannel(redis, guarded)),
    answerWith: (...next) => receiver.answerWith(...next),
    arrived: () => receiver.received.length,
    goneBy: 410,
    reference: () => receiver.received.at(-1)?.id,
  },
  callback: {
    place: async (workspace) => {
      const callback = { callback_origin: receiver.url, callback_secret: secret };
      await workspace.addKey({ id: 'agent-key', owner: 'dev', roles: ['agent'], ...callback });
      return address(workspace, 'agent-key', `${receiver.url}/callback`);
    },
    channel: async (guarded) => anyTarget(callbackChannel(redis, guarded)),
    answerWith: (...next) => receiver.answerWith(...next),
    arrived: () => receiver.received.length,
    goneBy: 410,
    reference: () => receiver.received.at(-1)?.id,
  },
  push: {
    place: async (workspace) => {
      await workspace.addKey({ id: 'k', owner: 'ann', roles: ['reviewer'] });
      const { id, endpoint, keys } = push.subscribe();
      await workspace.addSubscription({ id, person: 'ann', key_id: 'k', endpoint, keys });
      return address(workspace, id);
    },
    channel: async (guarded) => anyTarget(pushChannel(redis, guarded, await vapidKeys(redis))),
    answerWith: (...next) => push.answerWith(...next),
    arrived: () => push.arrivals(),
    goneBy: 404,
    reference: () => push.received.at(-1)?.topic,
  },
};

describe.each(Object.entries(harnesses))('the channel %s', (name, harness) => {
  let workspace: TestWorkspace;
  let number = 0;
  const attempt = async (guarded = out): Promise<Outcome> => {
    workspace = testWorkspace(redis, `${name}-${number++}`);
    const at = await harness.place(workspace);
    const channel = await harness.channel(guarded);
    const found = await channel.find(at);
    if (!found.found) throw new Error(found.why);
    return channel.deliver(found.target, noticeFor(at), { number: 1, now: Date.now() });
  };

  test('delivers, and a 2xx is all that says so', async () => {
    expect(await attempt()).toMatchObject({ kind: 'delivered' });
    harness.answerWith(202);
    expect(await attempt()).toMatchObject({ kind: 'delivered', status: 202 });
  });

  test.each([500, 502, 401])('takes a %i for a failure to be tried again', async (status) => {
    harness.answerWith(status);
    expect(await attempt()).toMatchObject({
      kind: 'failed',
      code: `http_${status}`,
      retry: 'scheduled',
      gone: false,
    });
  });

  test('passes on how long the peer wants it to wait', async () => {
    harness.answerWith({ status: 429, headers: { 'retry-after': '9' } });
    expect(await attempt()).toMatchObject({ kind: 'failed', retry: 'scheduled', retry_after_ms: 9_000 });
  });

  test('takes a redirect for a failure, and does not follow it', async () => {
    const before = harness.arrived();
    harness.answerWith({ status: 302, headers: { location: receiver.url } });
    expect(await attempt()).toMatchObject({ kind: 'failed', code: 'http_302', retry: 'scheduled' });
    expect(harness.arrived()).toBe(before + 1);
  });

  test('leaves a peer that hangs at the deadline', async () => {
    harness.answerWith(() => {});
    expect(await attempt()).toMatchObject({ kind: 'failed', code: 'timeout', retry: 'scheduled' });
  });

  test('takes a broken connection for a failure to be tried again', async () => {
    harness.answerWith(
      (response) => response.socket?.destroy(),
      (response) => response.socket?.destroy(),
    );
    expect(await attempt()).toMatchObject({ kind: 'failed', code: 'econnreset', retry: 'scheduled' });
    harness.answerWith();
  });

  test('never tries again, and sees that nobody does, when the peer says that it is gone', async () => {
    harness.answerWith(harness.goneBy);
    expect(await attempt()).toMatchObject({ kind: 'failed', retry: 'never', gone: true });
  });

  test('sends nothing to an address that is not public', async () => {
    const before = harness.arrived();
    const outcome = await attempt(strictOut);
    expect(outcome.kind).toBe('not_tried');
    expect(harness.arrived()).toBe(before);
  });

  test('uses the same reference on every attempt', async () => {
    const at = await harness.place(testWorkspace(redis, `${name}-same`));
    const channel = await harness.channel(out);
    const references = new Set<unknown>();
    for (const number of [1, 2, 3]) {
      const found = await channel.find(at);
      if (!found.found) throw new Error(found.why);
      await channel.deliver(found.target, noticeFor(at), { number, now: Date.now() });
      references.add(harness.reference());
    }
    expect(references.size).toBe(1);
    expect(references).not.toContain(undefined);
  });

  test('is not found any more when what it leads to is gone', async () => {
    const empty = testWorkspace(redis, `${name}-empty`);
    const channel = await harness.channel(out);
    expect(await channel.find(address(empty, 'nothing', receiver.url))).toMatchObject({
      found: false,
      quiet: true,
    });
  });

  test('knows its own secrets, so that no log repeats them', async () => {
    const at = await harness.place(testWorkspace(redis, `${name}-secrets`));
    const channel = await harness.channel(out);
    const found = await channel.find(at);
    expect(found.found && channel.secrets(found.target).length).toBeGreaterThan(0);
  });
});

describe('a webhook', () => {
  test('is signed so that the reference implementation accepts it, and says what happened to which request', async () => {
    const workspace = testWorkspace(redis, 'signed');
    await workspace.addDestination(receiver.url, {
      headers: { 'X-Team': 'finance', 'webhook-id': 'forged', Host: 'evil' },
    });
    const channel = webhookChannel(redis, out);
    const at = address(workspace, 'dst_1');
    const found = await channel.find(at);
    if (!found.found) throw new Error(found.why);
    await channel.deliver(found.target, noticeFor(at), { number: 1, now: Date.now() });
    const arrived = receiver.received.at(-1);
    if (arrived === undefined) throw new Error('nothing arrived');
    receiver.verify(arrived, secret);
    expect(arrived.headers['x-team']).toBe('finance');
    expect(arrived.headers.host).toBe(new URL(receiver.url).host);
    expect(arrived.body).toMatchObject({
      type: 'request.created',
      data: { request: { id: 'req_1', args: { amount: 80 } } },
    });
    expect(arrived.body.data.request).not.toHaveProperty('token');
    expect(arrived.body.data.request).not.toHaveProperty('resume');
  });

  test('that is gone is disabled, unless someone has changed it since', async () => {
    const workspace = testWorkspace(redis, 'gone');
    const stored = async () => JSON.parse((await redis.hget(workspace.keys.destinations, 'dst_1')) ?? '{}');
    await workspace.addDestination(receiver.url);
    const channel = webhookChannel(redis, out);
    const found = await channel.find(address(workspace, 'dst_1'));
    if (!found.found) throw new Error(found.why);
    await workspace.addDestination(`${receiver.url}/moved`);
    await channel.retire(address(workspace, 'dst_1'), found.target, 5);
    expect(await stored()).not.toHaveProperty('disabled');
    await workspace.addDestination(receiver.url);
    await channel.retire(address(workspace, 'dst_1'), found.target, 5);
    expect(await stored()).toMatchObject({ disabled: { at: 5, reason: 'It answered 410 Gone.' } });
    expect(await channel.find(address(workspace, 'dst_1'))).toMatchObject({ why: 'destination_disabled' });
  });
});

describe('a callback', () => {
  test.each([
    ['another origin', 'https://agent.example', 'https://agent.example.evil.example/x'],
    ['another port', 'https://agent.example', 'https://agent.example:8443/x'],
    ['plain http for https', 'https://agent.example', 'http://agent.example/x'],
    ['an origin hidden in the user part', 'https://agent.example', 'https://agent.example@evil.example/x'],
  ])('law 14: goes nowhere but to its key’s origin: %s', async (_, callback_origin, url) => {
    const workspace = testWorkspace(redis, `origin-${Buffer.from(url).toString('hex').slice(-20)}`);
    await workspace.addKey({
      id: 'agent-key',
      owner: 'dev',
      roles: ['agent'],
      callback_origin,
      callback_secret: secret,
    });
    const found = await callbackChannel(redis, out).find(address(workspace, 'agent-key', url));
    expect(found).toMatchObject({ found: false, why: 'callback_origin_mismatch' });
  });

  test('is not made for a key that is revoked', async () => {
    const workspace = testWorkspace(redis, 'revoked');
    const callback = { callback_origin: receiver.url, callback_secret: secret, revoked_at: 1 };
    await workspace.addKey({ id: 'agent-key', owner: 'dev', roles: ['agent'], ...callback });
    const found = await callbackChannel(redis, out).find(address(workspace, 'agent-key', receiver.url));
    expect(found).toMatchObject({ found: false, why: 'key_revoked' });
  });
});

describe('a push', () => {
  async function send(change: Parameters<typeof pendingRequest>[2], workspaceName: string) {
    const workspace = testWorkspace(redis, workspaceName);
    await workspace.addKey({ id: 'k', owner: 'ann', roles: ['reviewer'] });
    const { id, endpoint, keys } = push.subscribe();
    await workspace.addSubscription({ id, person: 'ann', key_id: 'k', endpoint, keys });
    const vapid = await vapidKeys(redis);
    const channel = pushChannel(redis, out, vapid);
    const at: Address = {
      workspace: workspace.name,
      id,
      request: pendingRequest(workspace.name, 'req_1', change),
    };
    const found = await channel.find(at);
    if (!found.found) throw new Error(found.why);
    await channel.deliver(found.target, noticeFor(at), { number: 1, now: at.request.created_at });
    return { received: push.received.at(-1), vapid, workspace, channel, at, target: found.target };
  }

  test('law 12: holds an id, a tier and a status, signed with the key that browsers subscribed with', async () => {
    const { received, vapid } = await send({}, 'push-payload');
    expect(received?.payload).toEqual({ id: 'req_1', tier: 'high', status: 'pending' });
    expect(received?.sender).toBe(vapid.publicKey);
    expect(received?.urgency).toBe('high');
    expect(received?.vapid.sub).toBe(vapid.subject);
    expect(push.faults).toEqual([]);
  });

  test('is kept by the push service no longer than it matters, and never longer than an hour', async () => {
    const created_at = Date.now();
    expect((await send({ created_at, expires_at: created_at + 90_500 }, 'push-ttl-1')).received?.ttl).toBe(
      90,
    );
    expect((await send({ created_at, expires_at: created_at + 9e7 }, 'push-ttl-2')).received?.ttl).toBe(
      3_600,
    );
    expect((await send({ created_at, expires_at: null }, 'push-ttl-3')).received?.ttl).toBe(3_600);
    expect((await send({ created_at, expires_at: created_at - 1 }, 'push-ttl-4')).received?.ttl).toBe(0);
  });

  test('to a browser that has left takes its subscription with it', async () => {
    const { workspace, channel, at, target } = await send({}, 'push-gone');
    await channel.retire(at, target, 0);
    expect(await redis.hlen(workspace.keys.pushSubscriptions)).toBe(0);
  });

  test('to keys that are none is not tried', async () => {
    const vapid = await vapidKeys(redis);
    const channel = pushChannel(redis, out, vapid);
    const subscription: PushSubscriptionRecord = {
      id: 's',
      person: 'ann',
      key_id: 'k',
      endpoint: 'https://push.example/x',
      keys: { p256dh: 'short', auth: 'short' },
      created_at: 0,
    };
    const at = address(testWorkspace(redis, 'push-keys'), 's');
    const outcome = await channel.deliver({ subscription, stored: '' }, noticeFor(at), { number: 1, now: 0 });
    expect(outcome).toEqual({ kind: 'not_tried', code: 'invalid_subscription' });
  });

  test('is not sent to someone whose key is revoked', async () => {
    const workspace = testWorkspace(redis, 'push-revoked');
    await workspace.addKey({ id: 'k', owner: 'ann', roles: ['reviewer'], revoked_at: 1 });
    const { id, endpoint, keys } = push.subscribe();
    await workspace.addSubscription({ id, person: 'ann', key_id: 'k', endpoint, keys });
    const found = await pushChannel(redis, out, await vapidKeys(redis)).find(address(workspace, id));
    expect(found).toMatchObject({ found: false, why: 'key_revoked' });
  });

  test('is signed with one key pair, whoever makes it first', async () => {
    const fresh = await startTestRedis();
    const clients = Array.from({ length: 8 }, () => fresh.client());
    const pairs = await Promise.all(clients.map((client) => vapidKeys(client)));
    expect(new Set(pairs.map(({ privateKey }) => privateKey)).size).toBe(1);
    await fresh.stop();
  });
});
