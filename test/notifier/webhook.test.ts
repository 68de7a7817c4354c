/** What a webhook's receiver can rely on: whose it is, and how much of a request is in it. */
import { createPublicKey, verify } from 'node:crypto';
import { signingKeyOf, webhookKeys } from '@countersign/shared/directory';
import type { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { signedHeaders } from '../../services/notifier/channels/signature.ts';
import { webhookChannel } from '../../services/notifier/channels/webhook.ts';
import { bodyCap, bodyOf } from '../../services/notifier/channels/webhook-body.ts';
import { startTestRedis, type TestRedis } from '../support/redis.ts';
import { startWebhookReceiver, type WebhookReceiver } from '../support/webhook-receiver.ts';
import { addressOf, firstAttempt, noticeFor, out, privateKey, publicKey } from './conformance.ts';
import { secret, testWorkspace } from './workspace.ts';

let server: TestRedis;
let redis: Redis;
let receiver: WebhookReceiver;
beforeAll(async () => {
  [server, receiver] = await Promise.all([startTestRedis(), startWebhookReceiver()]);
  redis = server.client();
});
afterAll(() => Promise.all([server.stop(), receiver.stop()]));

const signaturesOf = (header: unknown): [version: string, signature: string][] =>
  String(header)
    .split(' ')
    .map((each) => each.split(',') as [string, string]);

describe('the signatures of a webhook', () => {
  const previous = `whsec_${Buffer.alloc(32, 9).toString('base64')}`;
  async function deliver(name: string, until: number) {
    const workspace = testWorkspace(redis, name);
    await workspace.addDestination(receiver.url, { previous_secret: { secret: previous, until } });
    const at = addressOf(workspace, 'dst_1');
    const channel = webhookChannel(redis, { out, privateKey });
    const found = await channel.find(at);
    if (!found.found) throw new Error(found.why);
    expect(channel.secrets(found.target)).toContain(previous);
    await channel.deliver(found.target, noticeFor(at), firstAttempt);
    const arrived = receiver.received.at(-1);
    if (arrived === undefined) throw new Error('nothing arrived');
    return arrived;
  }

  test('are by both secrets while one is being rotated, and by the new one alone afterwards', async () => {
    const during = await deliver('during', firstAttempt.now + 1);
    receiver.verify(during, secret);
    receiver.verify(during, previous);
    const after = await deliver('after', firstAttempt.now);
    receiver.verify(after, secret);
    expect(() => receiver.verify(after, previous)).toThrow('No matching signature found');
  });

  test('are by the installation’s key pair too, for receivers that keep no secret', async () => {
    const { headers, id, text } = await deliver('asymmetric', 0);
    const [, signature] = signaturesOf(headers['webhook-signature']).find(([kind]) => kind === 'v1a') ?? [];
    const content = Buffer.from(`${id}.${headers['webhook-timestamp']}.${text}`);
    expect(verify(null, content, publicKey, Buffer.from(signature ?? '', 'base64'))).toBe(true);
    const other = Buffer.concat([content, Buffer.from(' ')]);
    expect(verify(null, other, publicKey, Buffer.from(signature ?? '', 'base64'))).toBe(false);
  });

  test('are by one key pair, whoever makes it first, which is written as the specification has it', async () => {
    const pairs = await Promise.all(Array.from({ length: 8 }, () => webhookKeys(server.client())));
    expect(new Set(pairs.map((pair) => pair.publicKey)).size).toBe(1);
    const keys = await webhookKeys(redis);
    expect(keys.publicKey).toMatch(/^whpk_[A-Za-z0-9+/]{43}=$/);
    expect(keys.privateKey).toMatch(/^whsk_[A-Za-z0-9+/]{43}=$/);
    const x = Buffer.from(keys.publicKey.slice(5), 'base64').toString('base64url');
    const shown = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
    const headers = await signedHeaders({ secrets: [], privateKey: signingKeyOf(keys) }, 'id', 5_000, '{}');
    const [[kind, signature] = ['', '']] = signaturesOf(headers['webhook-signature']);
    expect(kind).toBe('v1a');
    expect(verify(null, Buffer.from('id.5.{}'), shown, Buffer.from(signature, 'base64'))).toBe(true);
  });
});

describe('a webhook’s body', () => {
  const notice = noticeFor(addressOf(testWorkspace({} as Redis, 'w'), 'dst_1'));
  const large = 'x'.repeat(15_000);
  const read = (request: object) =>
    JSON.parse(bodyOf({ ...notice, request: { ...notice.request, ...request } }));

  test('is the whole request where it fits', () => {
    const { data } = read({ context: { note: 'short' } });
    expect(data).not.toHaveProperty('truncated');
    expect(data.request).toMatchObject({ args: { amount: 80 }, context: { note: 'short' } });
  });

  test('leaves out what the agent said before it leaves out the arguments, and says what and where to read it', () => {
    const { data } = read({ transcript: large, context: { note: large }, preview: { summary: 'Refund' } });
    expect(data.truncated).toEqual({ fields: ['transcript'], read: '/v1/requests/req_1' });
    expect(data.request).toMatchObject({ args: { amount: 80 }, context: { note: large } });
    expect(data.request).not.toHaveProperty('transcript');
  });

  test('leaves out arguments that are too large, and the card that shows them', () => {
    const { data } = read({ args: { text: large }, card: [{ text: large }], context: { note: large } });
    expect(data.truncated.fields).toEqual(['context', 'args', 'card']);
    expect(data.request).not.toHaveProperty('args');
    expect(data.request).toMatchObject({ id: 'req_1', status: 'pending', args_digest: 'sha256:aa' });
  });

  test('is never larger than Standard Webhooks recommends, whatever is large about the request', () => {
    for (const field of Object.keys(notice.request)) {
      if (
        [
          'id',
          'workspace',
          'agent',
          'tool',
          'status',
          'tier',
          'version',
          'args_digest',
          'expires_at',
          'review',
        ].includes(field)
      )
        continue;
      const body = bodyOf({ ...notice, request: { ...notice.request, [field]: '€'.repeat(20_000) } });
      expect([field, Buffer.byteLength(body) <= bodyCap]).toEqual([field, true]);
      expect(JSON.parse(body).data.truncated.fields).toContain(field);
    }
  });

  test('says what is to be undone, and until when, however long the reason is', () => {
    const review = { until: '2026-11-22T00:00:00.000Z', undo: 'orders.void_refund' };
    const { data } = read({ review: { ...review, reason: '€'.repeat(8_000) } });
    expect(data.request.review).toEqual(review);
    expect(data.truncated.fields).toContain('review.reason');
  });
});
