/** Law 14: what a caller says of itself gives it no power. */
import type { CreatedKey, Proposed } from '@countersign/shared/contracts';
import { beforeAll, expect, test } from 'vitest';
import { onStage } from './stage.ts';

const stage = onStage(`
version: 1
rules:
  - { name: admins-run, tools: [pay.*], when: context.is_admin, effect: allow }
  - { name: guests-wait, tools: [mail.*], when: "not has(context.is_admin)", effect: approval_required, tier: high }
  - { name: admins-mail, tools: [mail.*], when: "has(context.is_admin)", effect: allow }
  - { name: for-night, agents: [night-*], tools: [lights.*], effect: allow }
`);

let untrusted: string;
beforeAll(async () => {
  const { body } = await stage.call<CreatedKey>(stage.keys.admin, 'POST', '/v1/keys', {
    roles: ['agent'],
    owner: 'zoe',
    agents: ['night-*', 'exactly'],
  });
  untrusted = body.key;
});
const propose = async (key: string, body: object) =>
  stage.call<Proposed>(key, 'POST', '/v1/requests', { tool: 'pay.out', args: {}, agent: 'night-1', ...body });

test('trusted context counts', async () => {
  const { body } = await propose(stage.keys.agent, { context: { is_admin: true } });
  expect(body).toMatchObject({ decision: 'allow', rules: ['admins-run'] });
});

test('untrusted context reads as missing: the condition fails and a human looks, who sees it marked', async () => {
  const { body } = await propose(untrusted, { context: { is_admin: true } });
  if (body.decision !== 'approval_required') throw new Error(body.decision);
  expect(body.request).toMatchObject({
    rules: ['admins-run'],
    context: { is_admin: true },
    context_trusted: false,
  });
  expect(body.request.why[0]?.error).toMatch(/context\.is_admin/);
});

test('a policy may ask whether there is trusted context', async () => {
  const context = { is_admin: true };
  expect((await propose(stage.keys.agent, { tool: 'mail.send', context })).body.decision).toBe('allow');
  expect((await propose(untrusted, { tool: 'mail.send', context })).body).toMatchObject({
    decision: 'approval_required',
    request: { rules: ['guests-wait'], tier: 'high' },
  });
});

test('an edit is judged without untrusted context too', async () => {
  const { body } = await propose(untrusted, { context: { is_admin: true }, args: { n: 1 } });
  if (body.decision !== 'approval_required') throw new Error(body.decision);
  const edited = await stage.decide(stage.keys.reviewer, body.request, {
    verdict: 'approve',
    args: { n: 2 },
  });
  expect(edited.body).toMatchObject({ status: 'approved', args: { n: 2 } });
});

test('agent names are globs of the key: what fits is allowed, what does not is not', async () => {
  for (const agent of ['night-1', 'night-', 'exactly'])
    expect((await propose(untrusted, { agent })).status).toBeLessThan(300);
  for (const agent of ['night', 'day-1', 'exactly-not', 'Night-1', '*', 'tester'])
    expect((await propose(untrusted, { agent })).code).toBe('agent_not_allowed');
});

test('a rule for some agents binds only those whose key may be them', async () => {
  const lights = { tool: 'lights.off' };
  expect((await propose(untrusted, { ...lights, agent: 'night-1' })).body.decision).toBe('allow');
  expect((await propose(untrusted, { ...lights, agent: 'exactly' })).body.decision).toBe('approval_required');
});
