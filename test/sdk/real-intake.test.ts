/** The sdk against the real intake and a real Redis, with the reviewer's side over REST. */
import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import {
  AlreadyConsumed,
  type ApprovalOptions,
  Cancelled,
  createClient,
  Denied,
  Frozen,
  type JsonObject,
  Refused,
  Rejected,
  type RequestView,
  Revoked,
  type Run,
  requireApproval,
  type Stopped,
  TimedOut,
} from '../../sdk/index.ts';
import { type DevelopmentKeys, prepareDevelopment } from '../../services/intake/development.ts';
import { type Intake, startIntake } from '../../services/intake/start.ts';
import { callerOf, writePolicies } from '../support/intake.ts';
import { startTestRedis, type TestRedis } from '../support/redis.ts';
import { failure, type Refund } from './agent.ts';
import { type Fault, faultyFetch, type Sent } from './faulty-fetch.ts';

const policy = `
version: 1
default: approval_required
rules:
  - { name: small, tools: [refund], when: param.amount <= 10, effect: allow }
  - { name: absurd, tools: [refund], when: param.amount > 9000, effect: deny, message: Never that much. }
  - { name: asked, tools: [refund], when: param.amount > 10, effect: approval_required }
  - { name: soft, tools: [mail], effect: approval_required, on_rejection: continue }
`;

let redis: TestRedis;
let intake: Intake;
let keys: DevelopmentKeys;
const policies = writePolicies({ 'policy.yaml': policy });
const logger = pino({ level: 'silent' });
const start = (port: number) => startIntake({ redisUrl: redis.url, policiesDir: policies.dir, port, logger });

beforeAll(async () => {
  redis = await startTestRedis();
  intake = await start(0);
  keys = (await prepareDevelopment({ redisUrl: redis.url, logger })).keys;
});
afterAll(async () => {
  await intake?.stop();
  await redis?.stop();
  policies.remove();
});

/** The tests share a server: each has an agent of its own. */
let agent = '';
let agents = 0;
beforeEach(() => {
  agent = `agent-${++agents}`;
});

type Options = Partial<ApprovalOptions<Refund, string, string>>;

function startAgent(
  plan: (call: Sent, nth: number) => Fault | undefined = () => undefined,
  options: Options = {},
) {
  const network = faultyFetch(fetch, plan);
  const client = createClient({ url: intake.url, key: keys.agent, agent, fetch: network.fetch });
  const ran: { args: Refund; run: Run }[] = [];
  const refund = requireApproval(
    async (args: Refund, run: Run) => {
      ran.push({ args, run });
      return `refunded ${args.amount}`;
    },
    { client, tool: 'refund', ...options },
  );
  return { client, refund, ran, sent: network.sent };
}

async function call<T>(
  key: keyof DevelopmentKeys,
  method: 'GET' | 'POST' | 'DELETE',
  path: string,
  body?: object,
) {
  const answer = await callerOf(intake.url)<T>(keys[key], method, path, body);
  if (answer.code !== undefined) throw new Error(`${method} ${path}: ${answer.code}`);
  return answer.body;
}

async function pending(count = 1): Promise<RequestView[]> {
  let found: RequestView[] = [];
  await expect
    .poll(async () => {
      const { items } = await call<{ items: RequestView[] }>('reviewer', 'GET', '/v1/queue?limit=200');
      found = items.filter((request) => request.agent === agent);
      return found.length;
    })
    .toBe(count);
  return found;
}

async function decide(
  request: RequestView | undefined,
  verdict: 'approve' | 'reject',
  more: JsonObject = {},
) {
  const { id, version, args_digest } = request ?? expect.fail('nothing is pending');
  return call('reviewer', 'POST', `/v1/requests/${id}/decision`, {
    verdict,
    seen: { version, args_digest },
    ...more,
  });
}

const large: Refund = { order: 'A1', amount: 240 };
const small: Refund = { order: 'A1', amount: 5 };

test('allowed, denied, approved, edited, rejected', async () => {
  const { refund, ran, client } = startAgent();
  expect(await refund(small)).toBe('refunded 5');
  expect(await failure(refund({ order: 'A1', amount: 9001 }))).toMatchObject({
    name: Denied.name,
    code: 'policy_denied',
    reason: 'Never that much.',
    rules: ['absurd'],
  });

  const approved = refund(large);
  await decide((await pending())[0], 'approve');
  expect(await approved).toBe('refunded 240');

  const edited = refund(large, { resume: { thread: 7 } });
  await decide((await pending())[0], 'approve', { args: { order: 'A1', amount: 24 }, reason: 'One item.' });
  expect(await edited).toBe('refunded 24');
  expect(ran.at(-1)?.run).toMatchObject({
    edited: true,
    changes: [{ path: '/amount', from: 240, to: 24 }],
    reason: 'One item.',
  });
  const onRecord = await client.get(ran.at(-1)?.run.request_id ?? '');
  expect(onRecord).toMatchObject({
    args: { amount: 24 },
    proposed_args: large,
    outcome: { status: 'succeeded' },
  });

  const rejected = failure(refund(large));
  await decide((await pending())[0], 'reject', { reason: 'Wrong customer.' });
  expect(await rejected).toMatchObject({ name: Rejected.name, reason: 'Wrong customer.' });
  expect(ran).toHaveLength(3);
});

test.each<Fault>(['lost', 'unsent', 'gateway'])(
  'law 9: every first answer is %s, and everything happens once',
  async (fault) => {
    const { refund, ran, sent } = startAgent((_, nth) => (nth === 0 ? fault : undefined));
    const result = refund(large);
    await decide((await pending())[0], 'approve');
    expect(await result).toBe('refunded 240');
    expect(ran).toHaveLength(1);
    expect(sent.filter(({ path }) => path === '/v1/tokens/consume')).toHaveLength(2);
  },
);

test('a wait lasts through a restart of the server', async () => {
  const { refund, ran } = startAgent();
  const result = refund(large);
  const [request] = await pending();
  await intake.stop();
  intake = await start(Number(new URL(intake.url).port));
  await decide(request, 'approve');
  expect(await result).toBe('refunded 240');
  expect(ran).toHaveLength(1);
});

test('a wait lasts through a crash of Redis', async () => {
  const { refund, ran } = startAgent();
  const result = refund(large);
  const [request] = await pending();
  await redis.kill9();
  await redis.restart();
  const decided = () => decide(request, 'approve').then(() => 'decided', String);
  await expect.poll(decided, { timeout: 20_000 }).toBe('decided');
  expect(await result).toBe('refunded 240');
  expect(ran).toHaveLength(1);
});

test('law 2: nobody decides in time', async () => {
  const { refund, ran } = startAgent();
  expect(await failure(refund(large, { timeout: 0.2 }))).toMatchObject({ name: TimedOut.name, reason: null });
  expect(ran).toHaveLength(0);
});

test('on_rejection: continue comes from policy, and its answer from the reviewer', async () => {
  const { refund } = startAgent(undefined, { tool: 'mail', onRejection: (stop: Stopped) => stop.answer });
  const result = refund(large);
  await decide((await pending())[0], 'reject', { reason: 'Too soon.' });
  expect(await result).toContain('Reason: Too soon.');
  expect(await refund(large), 'the same again, answered at once').toContain('Reason: Too soon.');
  expect(await refund(small, { timeout: 0.2 })).toContain('Nobody decided');
});

test('an abort withdraws the request', async () => {
  const { refund, client } = startAgent();
  const abort = new AbortController();
  const result = failure(refund(large, { signal: abort.signal }));
  const [request] = await pending();
  abort.abort();
  expect(await result).toMatchObject({ name: 'AbortError' });
  await expect.poll(async () => (await client.get(request?.id ?? '')).status).toBe('cancelled');
});

test('a request that is cancelled elsewhere, or superseded, ends as cancelled', async () => {
  const { refund, client } = startAgent();
  const cancelled = failure(refund(large));
  const [first] = await pending();
  await client.cancel(first?.id ?? '');
  expect(await cancelled).toBeInstanceOf(Cancelled);

  const superseded = failure(refund(large));
  const [second] = await pending();
  await refund({ order: 'A1', amount: 5 }, { supersedes: second?.id });
  expect(await superseded).toMatchObject({
    name: Cancelled.name,
    request: { superseded_by: expect.any(String) },
  });
});

test('revoked between the approval and the run', async () => {
  const { refund, ran } = startAgent();
  const proposed = await refund.propose(large);
  if (proposed.decision !== 'approval_required') throw new Error('not gated');
  await decide(proposed.request, 'approve');
  await call('reviewer', 'POST', `/v1/requests/${proposed.request.id}/revoke`, { reason: 'Stop.' });
  expect(await failure(refund.resume(proposed.request.id))).toMatchObject({
    name: Revoked.name,
    reason: 'Stop.',
  });
  expect(ran).toHaveLength(0);
});

test('a freeze stops what waits, what is proposed, and what was approved', async () => {
  const { refund, ran } = startAgent();
  const approved = await refund.propose(large, { run_id: 'r', call_id: 'c' });
  if (approved.decision !== 'approval_required') throw new Error('not gated');
  await decide(approved.request, 'approve');
  const waits = failure(refund(large));
  await pending();
  const freeze = { scope: 'agent', match: agent, reason: 'Something is off.' };
  const { id } = await call<{ id: string }>('admin', 'POST', '/v1/freeze', freeze);
  expect(await waits).toBeInstanceOf(Frozen);
  expect(await failure(refund(small))).toBeInstanceOf(Frozen);
  expect(await failure(refund.resume(approved.request.id))).toBeInstanceOf(Frozen);
  await call('admin', 'DELETE', `/v1/freeze/${id}`);
  expect(await refund.resume(approved.request.id)).toBe('refunded 240');
  expect(ran).toHaveLength(1);
});

test('a hundred calls at once, all approved, run once each', async () => {
  const { refund, ran } = startAgent();
  const amounts = Array.from({ length: 100 }, (_, index) => 100 + index);
  const results = Promise.all(amounts.map((amount) => refund({ order: 'A1', amount })));
  await Promise.all((await pending(100)).map((request) => decide(request, 'approve')));
  expect(await results).toEqual(amounts.map((amount) => `refunded ${amount}`));
  expect(ran.map(({ args }) => args.amount).toSorted((a, b) => a - b)).toEqual(amounts);
});

test('the same run_id and call_id join the first request, and do not run twice', async () => {
  const { refund, ran } = startAgent();
  const same = { run_id: 'r', call_id: 'c' };
  const both = Promise.allSettled([refund(large, same), refund(large, same)]);
  await decide((await pending())[0], 'approve');
  expect((await both).map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
  expect(await failure(refund(large, same))).toBeInstanceOf(AlreadyConsumed);
  expect(await failure(refund(small, same))).toMatchObject({
    name: Refused.name,
    code: 'idempotency_conflict',
  });
  expect(ran).toHaveLength(1);
});

test('a wrong key is refused at once', async () => {
  const client = createClient({ url: intake.url, key: 'cs_default_wrong', agent });
  expect(await failure(client.propose({ tool: 'refund', args: {} }))).toMatchObject({
    name: Refused.name,
    code: 'unauthorized',
    status: 401,
  });
});

test('arguments that JSON carries and the server does not take are named by it', async () => {
  const { refund } = startAgent();
  expect(await failure(refund({ order: 'A1', amount: 2 ** 53 }))).toMatchObject({ code: 'unsafe_integer' });
  expect(await failure(refund({ order: '\ud800', amount: 1 }))).toMatchObject({ code: 'lone_surrogate' });
});
