import { expect, test } from 'vitest';
import { onStage } from '../stage.ts';

const stage = onStage(`
version: 1
rules:
  - { name: reads-run, tools: ["*.get"], effect: allow }
`);

const count = () => stage.redis.zcard('cs:{default}:index:status:pending');

test('the same key and body answer with the same request, judged once', async () => {
  const before = await count();
  const body = { tool: 'a.write', args: { n: 1 } };
  const key = { 'idempotency-key': 'one' };
  const answers = await Promise.all([1, 2, 3, 4].map(() => stage.propose(body, key)));
  const ids = answers.map(({ body }) => (body.decision === 'approval_required' ? body.request.id : '?'));
  expect(new Set(ids).size).toBe(1);
  expect(answers.map(({ status }) => status)).toEqual([202, 202, 202, 202]);
  expect(await count()).toBe(before + 1);
});

test('the order of members and the spelling of numbers make no other body', async () => {
  const key = { 'idempotency-key': 'two' };
  const first = await stage.propose({ tool: 'a.write', args: { n: 100, m: 1 } }, key);
  const again = await fetch(`${stage.intake.url}/v1/requests`, {
    method: 'POST',
    headers: { authorization: `Bearer ${stage.keys.agent}`, ...key },
    body: '{"args": {"m": 1.0, "n": 1e2}, "agent": "tester", "tool": "a.write"}',
  });
  expect(again.status).toBe(202);
  const { request } = (await again.json()) as { request: { id: string } };
  expect(first.body).toMatchObject({ request: { id: request.id } });
});

const everything = {
  tool: 'a.write',
  args: { n: 1, m: { x: 1, y: 2 } },
  agent: 'tester',
  context: { b: 1, a: 2 },
  run_id: 'all',
  call_id: 'of-it',
  reason: 'because',
  preview: { summary: 'writes', affected: ['one', 'two'] },
  transcript: [{ role: 'user', text: 'please' }],
  resume: { state: { q: 1, p: 2 } },
  args_schema: { type: 'object', properties: { n: { type: 'number' }, m: { type: 'object' } } },
  links: [{ href: 'https://example.com/a', text: 'a' }],
  timeout: 60,
  requested_by: 'zoe',
  cost: 1,
};

/** The same value, the members of every object the other way round. */
function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([name, member]) => [name, reversed(member)]),
  );
}

test('the order of members makes no other body anywhere in it, and every member counts', async () => {
  const key = { 'idempotency-key': 'everything' };
  const first = await stage.propose(everything, key);
  if (first.body.decision !== 'approval_required') throw new Error(first.body.decision);
  const again = await stage.propose(reversed(everything) as typeof everything, key);
  expect(again.body).toMatchObject({ request: { id: first.body.request.id } });
  const { tool: _tool, args: _args, agent: _agent, ...optional } = everything;
  for (const name of Object.keys(optional)) {
    const { status, code } = await stage.propose({ ...everything, [name]: undefined }, key);
    expect([name, status, code]).toEqual([name, 409, 'idempotency_conflict']);
  }
  const inside = { ...everything, resume: { state: { q: 1, p: 3 } } };
  expect((await stage.propose(inside, key)).code).toBe('idempotency_conflict');
});

test('the same key with another body is a conflict that names the request', async () => {
  const key = { 'idempotency-key': 'three' };
  const first = await stage.propose({ tool: 'a.write', args: { n: 3 } }, key);
  const before = await count();
  const { status, code, body } = await stage.propose({ tool: 'a.write', args: { n: 4 } }, key);
  expect([status, code]).toEqual([409, 'idempotency_conflict']);
  if (first.body.decision !== 'approval_required') throw new Error(first.body.decision);
  expect(body).toMatchObject({ request_id: first.body.request.id });
  expect(await count()).toBe(before);
});

test('a repeat answers with the state as it is now', async () => {
  const key = { 'idempotency-key': 'four' };
  const body = { tool: 'a.write', args: { n: 5 } };
  const first = await stage.propose(body, key);
  if (first.body.decision !== 'approval_required') throw new Error(first.body.decision);
  await stage.decide(stage.keys.reviewer, first.body.request, { verdict: 'approve' });
  const again = await stage.propose(body, key);
  expect(again.body).toMatchObject({
    decision: 'approval_required',
    request: { id: first.body.request.id, status: 'approved', token: expect.any(String) },
  });
});

test('run_id and call_id are the key where no header is sent', async () => {
  const body = { tool: 'a.write', args: { n: 6 }, run_id: 'r', call_id: 'c' };
  const first = await stage.propose(body);
  const again = await stage.propose(body);
  if (first.body.decision !== 'approval_required') throw new Error(first.body.decision);
  expect(again.body).toMatchObject({ request: { id: first.body.request.id } });
  expect((await stage.propose({ ...body, args: { n: 7 } })).code).toBe('idempotency_conflict');
  const other = await stage.propose({ ...body, call_id: 'd' });
  expect(other.body).not.toMatchObject({ request: { id: first.body.request.id } });
});

test('keys belong to the agent: another one may use the same', async () => {
  const key = { 'idempotency-key': 'five' };
  const mine = await stage.propose({ tool: 'a.write', args: { n: 8 } }, key);
  const theirs = await stage.propose({ tool: 'a.write', args: { n: 9 }, agent: 'other' }, key);
  expect([mine.status, theirs.status]).toEqual([202, 202]);
});

test('a key that says nothing is refused, since every such call would be one call', async () => {
  const { status, code } = await stage.propose(
    { tool: 'a.write', args: { n: 10 } },
    { 'idempotency-key': ' ' },
  );
  expect([status, code]).toEqual([400, 'invalid_request']);
});

test('the token of an allowed call is not given again once it may not run', async () => {
  const key = { 'idempotency-key': 'six' };
  const body = { tool: 'a.get', args: { n: 1 } };
  const { body: first } = await stage.propose(body, key);
  if (first.decision !== 'allow') throw new Error(first.decision);
  const again = await stage.propose(body, key);
  expect(again.body).toMatchObject({ decision: 'allow', token: expect.any(String) });
  await stage.call(stage.keys.agent, 'POST', '/v1/tokens/consume', { token: first.token, args: body.args });
  const { body: used } = await stage.propose(body, key);
  expect(used).toEqual({ ...first, token: undefined });
});
