/** An undo, whole: it runs, a reviewer wants it undone, the agent is called back, undoes it and says so. */
import type { Proposed, RequestView } from '@countersign/shared/contracts';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createClient, requireApproval, undoRequested, verifyCallback } from '../../sdk/index.ts';
import type { Notifier } from '../../services/notifier/start.ts';
import { startTestIntake, type TestIntake } from '../support/intake.ts';
import { startTestNotifier } from '../support/notifier.ts';
import { startTestRedis, type TestRedis } from '../support/redis.ts';
import { startWebhookReceiver, type WebhookReceiver } from '../support/webhook-receiver.ts';

const policies = `
version: 1
tools: { crm.tag: { compensation: crm.untag } }
rules:
  - { name: tags, tools: [crm.tag], effect: review_after, review: { undo_within: 300ms } }
`;

let redis: TestRedis;
let intake: TestIntake;
let notifier: Notifier;
let receiver: WebhookReceiver;
let agent: { key: string; callback_secret: string };

beforeAll(async () => {
  redis = await startTestRedis();
  intake = await startTestIntake({ redisUrl: redis.url, policies });
  const logger = pino({ level: 'error' });
  notifier = await startTestNotifier({ redisUrl: redis.url, logger });
  receiver = await startWebhookReceiver();
  const { call, keys } = intake;
  const body = { roles: ['agent'], owner: 'dev', agents: ['crm'], callback_origin: receiver.url };
  agent = (await call<typeof agent>(keys.admin, 'POST', '/v1/keys', body)).body;
  const ops = { name: 'ops', kind: 'webhook', url: `${receiver.url}/ops` };
  await call(keys.admin, 'POST', '/v1/destinations', ops);
});
afterAll(async () => {
  await receiver?.stop();
  await notifier?.stop();
  await intake?.stop();
  await redis?.stop();
});

const clientOf = () => createClient({ url: intake.url, key: agent.key, agent: 'crm' });

/** Runs a tag through the SDK, as an agent would. */
async function tag(customer: string): Promise<{ id: string; until: string | undefined }> {
  const run = requireApproval(
    async (_: { customer: string }, { request_id, review }) => ({ request_id, review }),
    {
      client: clientOf(),
      tool: 'crm.tag',
      details: { callback_url: `${receiver.url}/agent` },
    },
  );
  const { request_id, review } = await run({ customer });
  expect(review?.undo).toBe('crm.untag');
  return { id: request_id, until: review?.until };
}

async function wantUndone(id: string): Promise<void> {
  const { call, keys } = intake;
  const { body } = await call<RequestView>(keys.reviewer, 'GET', `/v1/requests/${id}`);
  const { version, args_digest } = body;
  const said = { verdict: 'undo', reason: 'The wrong customer.', seen: { version, args_digest } };
  expect((await call(keys.reviewer, 'POST', `/v1/requests/${id}/review`, said)).status).toBe(200);
}

const callbacks = (id: string) =>
  receiver.received.filter(({ path, body }) => path === '/agent' && body.data.request.id === id);

test('nobody is interrupted; the agent is called back, signed, with all that it needs; it says that it is done', async () => {
  const { id, until } = await tag('c-1');
  const shown = (await intake.call<RequestView>(agent.key, 'GET', `/v1/requests/${id}`)).body;
  expect(shown.review?.until).not.toBe(undefined);
  expect(Date.parse(shown.review?.until ?? '')).toBeGreaterThanOrEqual(Date.parse(until ?? ''));
  // All that is told until then is that it has run.
  const told = () => receiver.received.map(({ path, body }) => [path, body.type]);
  await expect.poll(told, { timeout: 10_000 }).toEqual([['/ops', 'outcome.reported']]);

  await wantUndone(id);
  await expect
    .poll(() => callbacks(id).map(({ body }) => body.type), { timeout: 10_000 })
    .toEqual(['review.undo_requested']);
  const [{ headers, text } = expect.fail()] = callbacks(id);
  const event = await verifyCallback(headers, text, agent.callback_secret);
  expect(event.data.request).toMatchObject({
    id,
    tool: 'crm.tag',
    args: { customer: 'c-1' },
    status: 'undo_requested',
    review: { undo: 'crm.untag', reason: 'The wrong customer.' },
  });
  expect(text).not.toMatch(/"token"/);

  const undone: unknown[] = [];
  const undo = ({ args }: RequestView) => undone.push(args);
  expect(await undoRequested(clientOf(), id, undo)).toBe('undone');
  expect(await undoRequested(clientOf(), id, undo)).toBeUndefined();
  expect(undone).toEqual([{ customer: 'c-1' }]);
  expect((await intake.call<RequestView>(agent.key, 'GET', `/v1/requests/${id}`)).body.status).toBe('undone');
});

test('an undo that the agent does not answer is told of, and what fails says so', async () => {
  const { id } = await tag('c-2');
  await wantUndone(id);
  const told = () =>
    receiver.received.flatMap(({ path, body }) =>
      path === '/ops' && body.data.request.id === id ? [body.type] : [],
    );
  await expect.poll(told, { timeout: 10_000 }).toContain('review.undo_overdue');
  const failing = () => {
    throw new Error('gone');
  };
  expect(await undoRequested(clientOf(), id, failing)).toBe('undo_failed');
  const { body } = await intake.call<RequestView>(agent.key, 'GET', `/v1/requests/${id}`);
  expect(body).toMatchObject({ status: 'undo_failed', outcome: { detail: 'Error: gone' } });
});

test('an answer to a proposal that the SDK has not asked for is the same contract', async () => {
  const { body } = await intake.call<Proposed>(agent.key, 'POST', '/v1/requests', {
    agent: 'crm',
    tool: 'crm.tag',
    args: { customer: 'c-3' },
  });
  expect(body).toMatchObject({ decision: 'allow', review: { undo: 'crm.untag' } });
});
