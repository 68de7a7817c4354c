/** The main job, end to end, nothing faked but the push service's place: every peer here is a real one. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient, requireApproval } from '@countersign/sdk';
import type { RequestView } from '@countersign/shared/contracts';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { prepareDevelopment } from '../../services/intake/development.ts';
import type { Notifier } from '../../services/notifier/start.ts';
import { type ExtensionBrowser, launchExtension } from '../extension/browser.ts';
import { startTestIntake, type TestIntake } from '../support/intake.ts';
import { startTestNotifier } from '../support/notifier.ts';
import { type PushService, startPushService } from '../support/push-service.ts';
import { startTestRedis, type TestRedis } from '../support/redis.ts';
import { startWebhookReceiver, type WebhookReceiver } from '../support/webhook-receiver.ts';

const policies = `
version: 1
default: allow
tools:
  orders.process_refund:
    reversible: false
    sensitivity: financial
    card: { title: "Refund {amount} {currency} to {email}" }
rules:
  - name: big-refunds
    tools: [orders.process_refund]
    when: param.amount > 50
    effect: approval_required
    tier: medium
    message: This refund needs a person.
    editable: [amount, note]
`;

let redis: TestRedis;
let intake: TestIntake;
let notifier: Notifier;
let receiver: WebhookReceiver;
let push: PushService;
let browser: ExtensionBrowser;
let folder: string;

beforeAll(async () => {
  redis = await startTestRedis();
  intake = await startTestIntake({ redisUrl: redis.url, policies });
  const logger = pino({ level: 'error' });
  notifier = await startTestNotifier({ redisUrl: redis.url, logger });
  receiver = await startWebhookReceiver();
  push = await startPushService();
  browser = await launchExtension();
  folder = await mkdtemp(join(tmpdir(), 'countersign-journey-'));
}, 120_000);

afterAll(async () => {
  await browser?.close();
  await notifier?.stop();
  await intake?.stop();
  await receiver?.stop();
  await push?.stop();
  await redis?.stop();
  if (folder) await rm(folder, { recursive: true, force: true });
});

/** The tool: it really does something that can be checked afterwards. */
async function refund(args: {
  amount: number;
  currency: string;
  email: string;
  note: string;
}): Promise<string> {
  const journal = join(folder, 'refunds.jsonl');
  const before = await readFile(journal, 'utf8').catch(() => '');
  await writeFile(journal, `${before}${JSON.stringify(args)}\n`);
  return `refunded ${args.amount}`;
}

test('a risky call stops, a person is told, edits the amount in the extension and approves, and the tool runs once with exactly that', async () => {
  const { keys, call } = intake;
  const destination = await call<{ id: string; secret: string }>(keys.admin, 'POST', '/v1/destinations', {
    name: 'on-call',
    kind: 'webhook',
    url: `${receiver.url}/hook`,
  });
  expect(destination.status).toBe(201);
  const subscription = push.subscribe();
  const { endpoint, keys: browserKeys } = subscription;
  expect(
    (await call(keys.reviewer, 'POST', '/v1/push-subscriptions', { endpoint, keys: browserKeys })).status,
  ).toBe(201);

  // The reviewer connects the extension with a one-time code, typed into the real popup.
  const { pairCode } = await prepareDevelopment({
    redisUrl: redis.url,
    known: keys,
    logger: pino({ level: 'error' }),
  });
  const popup = await browser.open('popup');
  await popup.getByLabel('Server address or pairing link').fill(`${intake.url}/#pair=${pairCode}`);
  await popup.getByRole('button', { name: 'Connect' }).click();
  await popup.getByText('Nothing waits for you.').waitFor();

  // The agent calls its function as if nothing were in the way.
  const client = createClient({ url: intake.url, key: keys.agent, agent: 'order-processor' });
  const guarded = requireApproval(refund, {
    client,
    tool: 'orders.process_refund',
    details: {
      reason: 'Two captures for one order.',
      preview: { affected: '1 customer, 1 payment' },
      run_id: 'run-1',
      call_id: 'call-1',
    },
  });
  const proposed = { amount: 2400, currency: 'EUR', email: 'a.smith@acme.example', note: 'Duplicate charge' };
  const running = guarded(proposed);

  // Everyone is told: a push that only the browser can read, and a signed webhook.
  await vi.waitFor(() => expect(push.received).not.toHaveLength(0), { timeout: 10_000 });
  const pushed = push.received[0]?.payload as { request_id?: string; id?: string; tier: string };
  const id = String(pushed.request_id ?? pushed.id);
  expect(id).toMatch(/^req_/);
  expect(JSON.stringify(push.received)).not.toContain('acme');
  expect(push.faults).toEqual([]);
  await vi.waitFor(
    () => expect(receiver.received.map(({ body }) => body.type)).toContain('request.created'),
    { timeout: 10_000 },
  );
  const [created] = receiver.received;
  if (created === undefined) throw new Error('the webhook has just been seen');
  receiver.verify(created, destination.body.secret);
  expect(created.body.data.request).toMatchObject({ id, status: 'pending', args: proposed });
  expect(created.text).not.toContain('token');

  // The card says what will change, before anything else.
  await popup
    .getByText(/a\.smith@acme\.example/)
    .first()
    .click();
  await popup.getByRole('heading', { name: /Refund .*2,400.* to a\.smith@acme\.example/ }).waitFor();
  await popup.getByRole('button', { name: /^edit/i }).click();
  await popup.getByLabel('Amount').fill('129');
  await popup.getByRole('button', { name: /look/i }).click();
  const approve = popup.getByRole('button', { name: /approve/i });
  await approve.waitFor();
  await expect.poll(() => approve.getAttribute('aria-disabled')).not.toBe('true');
  await expect
    .poll(
      async () => {
        if (await approve.isVisible()) await approve.click();
        return (await call<RequestView>(keys.lead, 'GET', `/v1/requests/${id}`)).body.status;
      },
      { timeout: 10_000, interval: 700 },
    )
    .toBe('approved');

  // The tool ran once, with the edited arguments, and the outcome is on record.
  expect(await running).toBe('refunded 129');
  const journal = (await readFile(join(folder, 'refunds.jsonl'), 'utf8')).trim().split('\n');
  expect(journal.map((line) => JSON.parse(line))).toEqual([{ ...proposed, amount: 129 }]);
  await expect
    .poll(async () => (await call<RequestView>(keys.lead, 'GET', `/v1/requests/${id}`)).body.outcome?.status)
    .toBe('succeeded');
  const { body: final } = await call<RequestView>(keys.lead, 'GET', `/v1/requests/${id}`);
  expect(final).toMatchObject({
    status: 'approved',
    decided_by: 'ann',
    proposed_args: proposed,
    args: { ...proposed, amount: 129 },
    rules: ['big-refunds'],
    decision: { verdict: 'approve', edited: true, changes: [{ path: '/amount', from: 2400, to: 129 }] },
  });

  // Whoever was told of the question is told of the answer.
  await vi.waitFor(
    () => expect(receiver.received.map(({ body }) => body.type)).toContain('request.approved'),
    { timeout: 10_000 },
  );
  for (const webhook of receiver.received) receiver.verify(webhook, destination.body.secret);

  // And the feed says, in order, what happened.
  const client2 = redis.client();
  const feed = await client2.xrange('cs:{default}:feed', '-', '+');
  client2.disconnect();
  const told = feed
    .map(([, fields]) => JSON.parse(fields[3] ?? '{}') as { type: string; request_id?: string })
    .filter(
      (event) =>
        event.request_id === id && !event.type.startsWith('notice.') && event.type !== 'request.viewed',
    )
    .map((event) => event.type);
  expect(told).toEqual([
    'action.proposed',
    'request.created',
    'request.edited',
    'verdict.given',
    'request.approved',
    'token.issued',
    'token.consumed',
    'outcome.reported',
  ]);
}, 90_000);
