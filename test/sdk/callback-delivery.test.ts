/** The asynchronous mode, whole: propose, forget, be called back, resume. */
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createClient, InvalidCallback, requireApproval, verifyCallback } from '../../sdk/index.ts';
import type { Notifier } from '../../services/notifier/start.ts';
import { startTestIntake, type TestIntake } from '../support/intake.ts';
import { startTestNotifier } from '../support/notifier.ts';
import { startTestRedis, type TestRedis } from '../support/redis.ts';
import { startWebhookReceiver, type WebhookReceiver } from '../support/webhook-receiver.ts';
import { failure, type Refund } from './agent.ts';

let redis: TestRedis;
let intake: TestIntake;
let notifier: Notifier;
let receiver: WebhookReceiver;
beforeAll(async () => {
  redis = await startTestRedis();
  intake = await startTestIntake({ redisUrl: redis.url });
  const logger = pino({ level: 'error' });
  notifier = await startTestNotifier({ redisUrl: redis.url, logger });
  receiver = await startWebhookReceiver();
});
afterAll(async () => {
  await receiver?.stop();
  await notifier?.stop();
  await intake?.stop();
  await redis?.stop();
});

test('the callback says which request to resume, and only its key’s secret fits it', async () => {
  const { call, keys, url } = intake;
  const made = await call<{ key: string; callback_secret: string }>(keys.admin, 'POST', '/v1/keys', {
    roles: ['agent'],
    owner: 'dev',
    agents: ['order-processor'],
    callback_origin: receiver.url,
  });
  const { key, callback_secret } = made.body;
  const client = createClient({ url, key, agent: 'order-processor' });
  const refund = requireApproval(async ({ amount }: Refund, run) => ({ amount, resume: run.resume }), {
    client,
    tool: 'refund',
    details: { callback_url: `${receiver.url}/countersign` },
  });

  const proposed = await refund.propose({ order: 'A1', amount: 240 }, { resume: { thread: 7 } });
  if (proposed.decision !== 'approval_required') throw new Error('not gated');
  const { id, version, args_digest } = proposed.request;
  await call(keys.reviewer, 'POST', `/v1/requests/${id}/decision`, {
    verdict: 'approve',
    args: { order: 'A1', amount: 24 },
    seen: { version, args_digest },
  });

  await expect.poll(() => receiver.received.map(({ body }) => body.type)).toContain('request.approved');
  const { headers, text } =
    receiver.received.find(({ body }) => body.type === 'request.approved') ?? expect.fail();
  expect(
    await failure(verifyCallback(headers, text, `whsec_${btoa('another secret of some length')}`)),
  ).toBeInstanceOf(InvalidCallback);
  const event = await verifyCallback(headers, text, callback_secret);
  expect(event.data.request).toMatchObject({ id, status: 'approved' });
  expect(event.data.request.token, 'law 12: no token in a callback').toBeUndefined();
  expect(await refund.resume(event.data.request.id)).toEqual({ amount: 24, resume: { thread: 7 } });
});
