import type { PushSubscriptionRecord } from '@countersign/shared/directory';
import { vapidKeys } from '@countersign/shared/directory';
import type { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { callbackChannel } from '../../services/notifier/channels/callback.ts';
import type { Address } from '../../services/notifier/channels/channel.ts';
import { pushChannel } from '../../services/notifier/channels/push.ts';
import { webhookChannel } from '../../services/notifier/channels/webhook.ts';
import { type PushService, startPushService } from '../support/push-service.ts';
import { startTestRedis, type TestRedis } from '../support/redis.ts';
import { startWebhookReceiver, type WebhookReceiver } from '../support/webhook-receiver.ts';
import {
  addressOf,
  anyTarget,
  conforms,
  firstAttempt,
  type Harness,
  httpFaults,
  noticeFor,
  out,
  privateKey,
} from './conformance.ts';
import { pendingRequest, secret, testWorkspace } from './workspace.ts';

let server: TestRedis;
let redis: Redis;
let receiver: WebhookReceiver;
let push: PushService;

beforeAll(async () => {
  [server, receiver, push] = await Promise.all([
    startTestRedis(),
    startWebhookReceiver(),
    startPushService(),
  ]);
  redis = server.client();
});
afterAll(async () => {
  await Promise.all([server.stop(), receiver.stop(), push.stop()]);
});

const harnesses: Record<string, Harness> = {
  webhook: {
    place: async (workspace) => {
      await workspace.addDestination(receiver.url);
      return addressOf(workspace, 'dst_1');
    },
    channel: async (guarded) => anyTarget(webhookChannel(redis, { out: guarded, privateKey })),
    redis: () => redis,
    arrived: () => receiver.received.length,
    faults: httpFaults((...next) => receiver.answerWith(...next), { knows: true, goneBy: 410 }),
    reference: () => receiver.received.at(-1)?.id,
  },
  callback: {
    place: async (workspace) => {
      const callback = { callback_origin: receiver.url, callback_secret: secret };
      await workspace.addKey({ id: 'agent-key', owner: 'dev', roles: ['agent'], ...callback });
      return addressOf(workspace, 'agent-key', { callback_url: `${receiver.url}/callback` });
    },
    channel: async (guarded) => anyTarget(callbackChannel(redis, { out: guarded, privateKey })),
    redis: () => redis,
    arrived: () => receiver.received.length,
    faults: httpFaults((...next) => receiver.answerWith(...next), { knows: true, goneBy: 410 }),
    reference: () => receiver.received.at(-1)?.id,
  },
  push: {
    place: async (workspace) => {
      await workspace.addKey({ id: 'k', owner: 'ann', roles: ['reviewer'] });
      const { id, endpoint, keys } = push.subscribe();
      await workspace.addSubscription({ id, person: 'ann', key_id: 'k', endpoint, keys });
      return addressOf(workspace, id);
    },
    channel: async (guarded) => anyTarget(pushChannel(redis, guarded, await vapidKeys(redis))),
    redis: () => redis,
    arrived: () => push.arrivals(),
    faults: httpFaults((...next) => push.answerWith(...next), { knows: true, goneBy: 404 }),
    reference: () => push.received.at(-1)?.topic,
  },
};

for (const [name, harness] of Object.entries(harnesses)) conforms(name, harness);

describe('a webhook', () => {
  test('is signed so that the reference implementation accepts it, and says what happened to which request', async () => {
    const workspace = testWorkspace(redis, 'signed');
    await workspace.addDestination(receiver.url, {
      headers: { 'X-Team': 'finance', 'webhook-id': 'forged', Host: 'evil' },
    });
    const channel = webhookChannel(redis, { out, privateKey });
    const at = addressOf(workspace, 'dst_1');
    const found = await channel.find(at);
    if (!found.found) throw new Error(found.why);
    await channel.deliver(found.target, noticeFor(at), firstAttempt);
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
    const channel = webhookChannel(redis, { out, privateKey });
    const found = await channel.find(addressOf(workspace, 'dst_1'));
    if (!found.found) throw new Error(found.why);
    await workspace.addDestination(`${receiver.url}/moved`);
    await channel.retire(addressOf(workspace, 'dst_1'), found.target, 5);
    expect(await stored()).not.toHaveProperty('disabled');
    await workspace.addDestination(receiver.url);
    await channel.retire(addressOf(workspace, 'dst_1'), found.target, 5);
    expect(await stored()).toMatchObject({ disabled: { at: 5, reason: 'It answered 410 Gone.' } });
    expect(await channel.find(addressOf(workspace, 'dst_1'))).toMatchObject({ why: 'destination_disabled' });
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
    const found = await callbackChannel(redis, { out, privateKey }).find(
      addressOf(workspace, 'agent-key', { callback_url: url }),
    );
    expect(found).toMatchObject({ found: false, why: 'callback_origin_mismatch' });
  });

  test('goes on in the trace that the agent proposed in, sampled or not', async () => {
    const workspace = testWorkspace(redis, 'traced');
    const callback = { callback_origin: receiver.url, callback_secret: secret };
    await workspace.addKey({ id: 'agent-key', owner: 'dev', roles: ['agent'], ...callback });
    const trace = { trace_id: '0af7651916cd43dd8448eb211c80319c', parent_id: 'b7ad6b7169203331', flags: 0 };
    const channel = callbackChannel(redis, { out, privateKey });
    const at = addressOf(workspace, 'agent-key', {
      callback_url: receiver.url,
      trace: { ...trace, state: 'vendor=1' },
    });
    const found = await channel.find(at);
    if (!found.found) throw new Error(found.why);
    await channel.deliver(found.target, noticeFor(at), firstAttempt);
    expect(receiver.received.at(-1)?.headers).toMatchObject({
      traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00',
      tracestate: 'vendor=1',
    });
  });

  test('is not made for a key that is revoked', async () => {
    const workspace = testWorkspace(redis, 'revoked');
    const callback = { callback_origin: receiver.url, callback_secret: secret, revoked_at: 1 };
    await workspace.addKey({ id: 'agent-key', owner: 'dev', roles: ['agent'], ...callback });
    const found = await callbackChannel(redis, { out, privateKey }).find(
      addressOf(workspace, 'agent-key', { callback_url: receiver.url }),
    );
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
    await channel.deliver(found.target, noticeFor(at), {
      number: 1,
      now: at.request.created_at,
      tried: false,
      kept: undefined,
    });
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
    const at = addressOf(testWorkspace(redis, 'push-keys'), 's');
    const outcome = await channel.deliver({ subscription, stored: '' }, noticeFor(at), {
      number: 1,
      now: 0,
      tried: false,
      kept: undefined,
    });
    expect(outcome).toEqual({ kind: 'not_tried', code: 'invalid_subscription' });
  });

  test('is not sent to someone whose key is revoked', async () => {
    const workspace = testWorkspace(redis, 'push-revoked');
    await workspace.addKey({ id: 'k', owner: 'ann', roles: ['reviewer'], revoked_at: 1 });
    const { id, endpoint, keys } = push.subscribe();
    await workspace.addSubscription({ id, person: 'ann', key_id: 'k', endpoint, keys });
    const found = await pushChannel(redis, out, await vapidKeys(redis)).find(addressOf(workspace, id));
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
