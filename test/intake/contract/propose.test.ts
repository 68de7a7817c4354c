import { canonicalize } from '@countersign/shared/canonical';
import { argsDigest } from '@countersign/shared/digest';
import { verifyToken } from '@countersign/shared/token';
import { describe, expect, test } from 'vitest';
import { onStage } from '../stage.ts';

const stage = onStage(`
version: 1
default: approval_required
tools:
  pay.refund:
    reversible: false
    sensitivity: financial
    compensation: pay.claw_back
    card: { title: "Refund {amount} to {to}" }
rules:
  - { name: reads-run, tools: ["*.get"], effect: allow }
  - { name: never, tools: ["*.drop"], effect: deny, message: Tables stay. }
  - name: money
    tools: [pay.refund]
    when: param.amount > 10 and context.tenant == "acme"
    effect: approval_required
    tier: high
    quorum: 1
    timeout: 10m
    hold: 2s
    friction: acknowledge
    on_rejection: continue
    editable: [amount, note]
    message: This moves money.
`);

const everything = {
  context: { tenant: 'acme' },
  run_id: 'run-1',
  call_id: 'call-1',
  reason: 'The customer asked.',
  preview: {
    summary: 'Gives money back',
    affected: ['one customer'],
    reversible: false,
    alternatives: 'none',
  },
  transcript: [{ role: 'user', text: 'Give me my money back' }],
  resume: { step: 7 },
  args_schema: { type: 'object' },
  links: [{ href: 'https://example.com/order/1', text: 'The order' }],
  timeout: 60,
  requested_by: 'dora',
  cost: 0.25,
};

describe('an allowed call', () => {
  test('is 200 with a token for exactly these args', async () => {
    const args = { id: 'A1' };
    const { status, body, headers } = await stage.propose({ tool: 'orders.get', args });
    expect(status).toBe(200);
    expect(headers.get('location')).toBeNull();
    if (body.decision !== 'allow') throw new Error(body.decision);
    expect(body).toEqual({
      decision: 'allow',
      request_id: expect.stringMatching(/^req_/),
      token: expect.any(String),
      args_digest: argsDigest(canonicalize(args)),
      rules: ['reads-run'],
    });
    const jwks = await (await fetch(`${stage.intake.url}/.well-known/jwks.json`)).json();
    const verified = await verifyToken(body.token ?? '', jwks, {
      issuer: 'countersign',
      audience: 'countersign:default',
      now: Date.now(),
    });
    if (!verified.ok) throw new Error(verified.message);
    expect(verified.claims).toMatchObject({
      sub: 'tester',
      request_id: body.request_id,
      workspace: 'default',
      tool: 'orders.get',
      args_digest: body.args_digest,
      effect: 'allow',
      approvers: [],
    });
    expect(verified.claims.exp - verified.claims.iat).toBeLessThanOrEqual(300);
  });

  test('is on record, decided by policy', async () => {
    const { body } = await stage.propose({ tool: 'orders.get', args: { id: 'A2' } });
    if (body.decision !== 'allow') throw new Error(body.decision);
    const { body: request } = await stage.read(stage.keys.agent, body.request_id);
    expect(request).toMatchObject({ status: 'approved', decided_by: 'policy', expires_at: null });
    expect(request.token).toEqual(expect.any(String));
  });
});

describe('a denied call', () => {
  test('is 200 with the reason and the rule, and no token anywhere', async () => {
    const { status, body } = await stage.propose({ tool: 'db.drop', args: {} });
    expect(status).toBe(200);
    if (body.decision !== 'deny') throw new Error(body.decision);
    expect(body).toEqual({
      decision: 'deny',
      request_id: expect.stringMatching(/^req_/),
      stop_reason: 'policy_denied',
      reason: 'Tables stay.',
      on_rejection: 'fail',
      rules: ['never'],
    });
    const { body: request } = await stage.read(stage.keys.agent, body.request_id);
    expect(request).toMatchObject({
      status: 'rejected',
      decided_by: 'policy',
      stop_reason: 'policy_denied',
      decision: { verdict: 'reject', edited: false, changes: [], reason: 'Tables stay.' },
    });
    expect(request.token).toBeUndefined();
  });
});

describe('a call that needs a human', () => {
  test('is 202 with the request, and its address in Location', async () => {
    const args = { amount: 40, to: 'dora@example.com', note: 'late' };
    const { status, body, headers } = await stage.propose({ tool: 'pay.refund', args, ...everything });
    expect(status).toBe(202);
    if (body.decision !== 'approval_required') throw new Error(body.decision);
    const { request } = body;
    expect(headers.get('location')).toBe(`/v1/requests/${request.id}`);
    const { timeout: _timeout, ...said } = everything;
    expect(request).toMatchObject({
      ...said,
      workspace: 'default',
      agent: 'tester',
      tool: 'pay.refund',
      args,
      args_digest: argsDigest(canonicalize(args)),
      context_trusted: true,
      version: 1,
      revision: 1,
      tier: 'high',
      status: 'pending',
      message: 'This moves money.',
      rules: ['money'],
      quorum: 1,
      progress: {
        needed: 1,
        given: 0,
        requirements: [{ rule: 'money', slots: [{ from: null, need: 1 }], met: false }],
      },
      on_rejection: 'continue',
      policy_digest: expect.stringMatching(/^sha256:/),
      editable: ['amount', 'note'],
      friction: { kind: 'acknowledge', paths: ['amount', 'to'] },
      tool_facts: { reversible: false, sensitivity: 'financial', compensation: 'pay.claw_back' },
      hold: 2,
      verdicts: [],
      viewed_by: [],
      warnings: [],
    });
    expect(request.policy_digests).toEqual([request.policy_digest]);
    expect(request.card?.title.map((part) => ('text' in part ? part.text : part.value)).join('')).toBe(
      'Refund 40 to dora@example.com',
    );
    expect(Date.parse(request.expires_at ?? '') - Date.parse(request.created_at)).toBe(60_000);
    for (const later of ['release_at', 'decided_at', 'decision', 'stop_reason', 'outcome', 'token'])
      expect(request).not.toHaveProperty(later);
  });

  test('says why: the condition and the values it saw', async () => {
    const request = await stage.ask('pay.refund', { amount: 41 }, { context: { tenant: 'acme' } });
    expect(request.why).toMatchObject([
      {
        name: 'money',
        file: 'policy.yaml',
        effect: 'approval_required',
        message: 'This moves money.',
        when: 'param.amount > 10 and context.tenant == "acme"',
        values: { 'param.amount': 41, 'context.tenant': 'acme' },
      },
    ]);
  });

  test('a longer timeout than policy gives is ignored', async () => {
    const { created_at, expires_at } = await stage.ask(
      'pay.refund',
      { amount: 42 },
      { context: { tenant: 'acme' }, timeout: 86_400 },
    );
    expect(Date.parse(expires_at ?? '') - Date.parse(created_at)).toBe(600_000);
  });

  test('law 3: a parameter that the condition misses sends the call to a human, and says which', async () => {
    const { why, rules } = await stage.ask('pay.refund', { note: 'no amount' });
    expect(rules).toEqual(['money']);
    expect(why[0]?.error).toMatch(/param\.amount/);
  });

  test('an unknown tool falls to the default', async () => {
    expect(await stage.ask('nobody.knows', {})).toMatchObject({
      rules: ['default'],
      tier: 'medium',
      quorum: 1,
    });
  });
});
