/** F4: an agent's wait is a span of its own trace, from the header of its proposal to what the operator's endpoint takes in. */
import { type ChildProcess, spawn } from 'node:child_process';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { createClient } from '../../../sdk/index.ts';
import { spanIdOf } from '../../../services/notifier/traces/span.ts';
import { startTestIntake, type TestIntake } from '../../support/intake.ts';
import { type OtlpReceiver, type ReceivedSpan, startOtlpReceiver } from '../../support/otlp-receiver.ts';
import { startTestRedis, type TestRedis } from '../../support/redis.ts';
import { ROOT } from '../../support/sources.ts';

const policies = `
version: 1
default: allow
groups: { finance: [dora] }
rules:
  - name: big-refunds
    tools: [orders.process_refund]
    when: param.amount > 50
    effect: approval_required
    tier: high
    reviewers: [finance]
`;
const trace_id = '4bf92f3577b34da6a3ce929d0e0e4736';
const parent_id = '00f067aa0ba902b7';
const traceparent = `00-${trace_id}-${parent_id}-01`;

let redis: TestRedis;
let receiver: OtlpReceiver;
let intake: TestIntake;
let notifier: ChildProcess;

beforeAll(async () => {
  [redis, receiver] = await Promise.all([startTestRedis(), startOtlpReceiver()]);
  intake = await startTestIntake({ redisUrl: redis.url, policies });
  // As an operator starts it, with the variables that OpenTelemetry has for it.
  notifier = spawn(process.execPath, ['services/notifier/main.ts'], {
    cwd: ROOT,
    env: {
      PATH: process.env.PATH,
      NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE,
      REDIS_URL: redis.url,
      PORT: '0',
      DEVELOPMENT: 'yes',
      LOG_LEVEL: 'error',
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      OTEL_EXPORTER_OTLP_HEADERS: 'api-key=a%20b',
      OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
      OTEL_SERVICE_NAME: 'approvals',
      OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test',
      TRACE_REVIEWERS: 'ids',
    },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
});
afterAll(async () => {
  notifier?.kill('SIGKILL');
  await intake?.stop();
  await Promise.all([redis?.stop(), receiver?.stop()]);
});

const spanOf = (id: string): Promise<ReceivedSpan> =>
  vi.waitFor(
    () => {
      const span = receiver.spans.find(({ attributes }) => attributes['countersign.request_id'] === id);
      if (span === undefined) throw new Error(`no span of ${id}; ${receiver.faults}`);
      return span;
    },
    { timeout: 60_000, interval: 50 },
  );

test('the agent’s trace says where it paused, for how long, and who released it', async () => {
  const dora = await intake.addReviewer('dora');
  const client = createClient({
    url: intake.url,
    key: intake.keys.agent,
    agent: 'tester',
    inject: (headers) => {
      Object.assign(headers, { traceparent, tracestate: 'vendor=1', authorization: 'Bearer stolen' });
    },
  });
  const proposed = await client.propose({
    tool: 'orders.process_refund',
    args: { amount: 80, iban: 'DE02-secret' },
    reason: 'Charged twice.',
    run_id: 'run-1',
    call_id: 'call-1',
  });
  if (proposed.decision !== 'approval_required') throw new Error(proposed.decision);
  const { id, version, args_digest, created_at } = proposed.request;
  await intake.call(dora, 'POST', `/v1/requests/${id}/view`, { seen: { version, args_digest } });
  const decided = await intake.call<{ decided_at: string }>(dora, 'POST', `/v1/requests/${id}/decision`, {
    verdict: 'approve',
    args: { amount: 60, iban: 'DE02-secret' },
    reason: 'The order total.',
    seen: { version, args_digest },
  });
  expect(decided.status).toBe(200);

  const span = await spanOf(id);
  const [start, end] = [Date.parse(created_at), Date.parse(decided.body.decided_at)];
  expect(span).toMatchObject({
    trace_id,
    parent_span_id: parent_id,
    span_id: spanIdOf({ workspace: 'default', id }),
    trace_state: 'vendor=1',
    name: 'approval orders.process_refund',
    start,
    end,
    resource: { 'service.name': 'approvals', 'deployment.environment.name': 'test' },
    attributes: {
      'gen_ai.tool.name': 'orders.process_refund',
      'gen_ai.agent.name': 'tester',
      'gen_ai.tool.call.id': 'call-1',
      'countersign.run_id': 'run-1',
      'countersign.rules': ['big-refunds'],
      'countersign.tier': 'high',
      'countersign.status': 'approved',
      'countersign.decision': 'approve',
      'countersign.edited': true,
      'countersign.decided_by': 'reviewer',
      'countersign.reviewer_groups': ['finance'],
      'countersign.reviewers': ['dora'],
      'countersign.wait_ms': end - start,
    },
  });
  const happened = span.events.map(({ name }) => name).filter((name) => !name.startsWith('notice.'));
  expect(happened).toEqual(expect.arrayContaining(['request.viewed', 'request.edited', 'verdict.given']));
  // Law 12, and what an operator's variables ask for.
  expect(JSON.stringify(receiver.spans)).not.toMatch(/DE02|Charged|order total|cs_/);
  expect(receiver.calls[0]).toMatchObject({ 'api-key': 'a b', 'content-encoding': 'gzip' });
});

test('the trace of a proposal is kept to itself: no view, no event and no sealed entry holds it', async () => {
  const body = { agent: 'tester', tool: 'orders.process_refund', args: { amount: 70 } };
  const { keys, call } = intake;
  const { body: answer } = await call<{ request: { id: string } }>(keys.agent, 'POST', '/v1/requests', body, {
    traceparent,
  });
  const seen = await call(keys.agent, 'GET', `/v1/requests/${answer.request.id}`);
  const feed = await redis.client().xrange('cs:{default}:feed', '-', '+');
  expect(JSON.stringify([answer, seen.body, feed])).not.toContain(trace_id);
});

test('a malformed or repeated traceparent neither stops a proposal nor makes a span', async () => {
  const { keys, call } = intake;
  const body = { agent: 'tester', tool: 'orders.process_refund', args: { amount: 90 } };
  for (const wrong of [`ff${traceparent.slice(2)}`, `${traceparent}, ${traceparent}`, 'x'.repeat(8_000)]) {
    const { status, body: answer } = await call<{ request: { id: string } }>(
      keys.agent,
      'POST',
      '/v1/requests',
      body,
      { traceparent: wrong },
    );
    expect(status).toBe(202);
    const stored = await redis.client().hget(`cs:{default}:request:${answer.request.id}`, 'record');
    expect(JSON.parse(stored ?? '{}')).not.toHaveProperty('trace');
  }
});

test('a repeat of a proposal stays in the trace of the first', async () => {
  const { keys, call } = intake;
  const body = { agent: 'tester', tool: 'orders.process_refund', args: { amount: 99 } };
  const send = (parent: string) =>
    call<{ request: { id: string } }>(keys.agent, 'POST', '/v1/requests', body, {
      'idempotency-key': 'once',
      traceparent: parent,
    });
  const first = await send(traceparent);
  const second = await send(`00-${trace_id}-aaaaaaaaaaaaaaaa-01`);
  expect(second.body.request.id).toBe(first.body.request.id);
  await call(keys.agent, 'POST', `/v1/requests/${first.body.request.id}/cancel`, {});
  const span = await spanOf(first.body.request.id);
  expect(span.parent_span_id).toBe(parent_id);
  expect(span.attributes).toMatchObject({
    'countersign.status': 'cancelled',
    'countersign.decided_by': 'agent',
  });
});
