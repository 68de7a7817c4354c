import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type DevelopmentKeys, prepareDevelopment } from '../../services/intake/development.ts';
import { type Intake, startIntake } from '../../services/intake/start.ts';
import type { Notifier } from '../../services/notifier/start.ts';
import { startTestNotifier } from '../support/notifier.ts';
import { type PushService, startPushService } from '../support/push-service.ts';
import { startTestRedis, type TestRedis } from '../support/redis.ts';
import { until } from '../support/until.ts';
import { startWebhookReceiver, type WebhookReceiver } from '../support/webhook-receiver.ts';

const policy = `
version: 1
default: allow
rules:
  - name: big-refunds
    tools: [orders.process_refund]
    effect: approval_required
    tier: medium
`;
const logger = pino({ level: 'silent' });

let server: TestRedis;
let receiver: WebhookReceiver;
let push: PushService;
let intake: Intake;
let notifier: Notifier;
let keys: DevelopmentKeys;
let policiesDir: string;

beforeAll(async () => {
  policiesDir = await mkdtemp(join(tmpdir(), 'countersign-policies-'));
  await writeFile(join(policiesDir, 'refunds.yaml'), policy);
  [server, receiver, push] = await Promise.all([
    startTestRedis(),
    startWebhookReceiver(),
    startPushService(),
  ]);
  intake = await startIntake({ redisUrl: server.url, policiesDir, port: 0, logger });
  ({ keys } = await prepareDevelopment({ redisUrl: server.url, logger }));
  notifier = await startTestNotifier({ redisUrl: server.url, logger });
});
afterAll(async () => {
  await Promise.all([notifier.stop(), intake.stop()]);
  await Promise.all([server.stop(), receiver.stop(), push.stop()]);
  await rm(policiesDir, { recursive: true, force: true });
});

async function call(
  key: string,
  method: string,
  path: string,
  body: object,
): Promise<Record<string, unknown>> {
  const response = await fetch(intake.url + path, {
    method,
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const answer = (await response.json()) as Record<string, unknown>;
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${JSON.stringify(answer)}`);
  return answer;
}

test('a proposal and its decision reach a webhook, the reviewer’s browser and the agent’s callback', async () => {
  const { secret } = await call(keys.admin, 'POST', '/v1/destinations', {
    name: 'ops',
    kind: 'webhook',
    url: `${receiver.url}/ops`,
    match: { tools: ['orders.*'] },
  });
  const agent = await call(keys.admin, 'POST', '/v1/keys', {
    roles: ['agent'],
    owner: 'dev',
    agents: ['order-processor'],
    callback_origin: receiver.url,
  });
  const { id: subscription, ...browser } = push.subscribe();
  await call(keys.reviewer, 'POST', '/v1/push-subscriptions', browser);

  const { request } = (await call(String(agent.key), 'POST', '/v1/requests', {
    tool: 'orders.process_refund',
    agent: 'order-processor',
    args: { order: 'A-1', amount: 80 },
    resume: { step: 3 },
    callback_url: `${receiver.url}/agent`,
  })) as { request: { id: string; version: number; args_digest: string } };

  const at = (path: string) => receiver.received.filter((webhook) => webhook.path === path);
  await until(() => expect(at('/ops')).toHaveLength(1));
  await until(() => expect(push.received).toHaveLength(1));
  expect(at('/ops')[0]?.body).toMatchObject({
    type: 'request.created',
    data: { request: { id: request.id, status: 'pending', args: { order: 'A-1', amount: 80 } } },
  });
  expect(push.received[0]).toMatchObject({
    subscription,
    payload: { id: request.id, tier: 'medium' },
    urgency: 'normal',
  });
  expect(at('/agent')).toHaveLength(0);

  await call(keys.reviewer, 'POST', `/v1/requests/${request.id}/decision`, {
    verdict: 'approve',
    args: { order: 'A-1', amount: 60 },
    seen: { version: request.version, args_digest: request.args_digest },
  });
  const approved = () => receiver.received.filter(({ body }) => body.type === 'request.approved');
  await until(() =>
    expect(
      approved()
        .map(({ path }) => path)
        .sort(),
    ).toEqual(['/agent', '/ops']),
  );
  for (const webhook of approved()) {
    receiver.verify(webhook, String(webhook.path === '/ops' ? secret : agent.callback_secret));
    expect(webhook.body.data.request).toMatchObject({
      status: 'approved',
      args: { order: 'A-1', amount: 60 },
      proposed_args: { order: 'A-1', amount: 80 },
      decided_by: 'ann',
    });
    expect(webhook.text).not.toMatch(/"token"|"resume"/);
  }
  await until(() => expect(push.received.length).toBeGreaterThanOrEqual(2));
  expect(new Set(push.received.map(({ topic }) => topic)).size).toBe(1);
  expect(push.faults).toEqual([]);
});
