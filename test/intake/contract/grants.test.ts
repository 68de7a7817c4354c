import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Grants, JsonObject, Proposed, RequestView } from '@countersign/shared/contracts';
import { decodeJwt } from 'jose';
import { describe, expect, test, vi } from 'vitest';
import type { Answer } from '../../support/intake.ts';
import { onStage } from '../stage.ts';

const policy = `
version: 1
groups: { finance: [ann] }
tools: { note.wipe: { reversible: false } }
rules:
  - { name: notes, tools: ['note.*'], effect: approval_required, grants: { calls: 3, for: 1h, per: [param.to] } }
  - { name: exact, tools: [exact.add], effect: approval_required, grants: { calls: 3, for: 1h } }
  - { name: brief, tools: [brief.add], effect: approval_required, grants: { calls: 3, for: 1h } }
  - { name: money, tools: [money.add], effect: approval_required, reviewers: [finance], grants: { calls: 3, for: 1h } }
  - { name: known, tools: [known.add], effect: approval_required, grants: { calls: 3, for: 1h, per: [context.customer] } }
  - { name: plain, tools: [plain.add], effect: approval_required }
  - { name: never, tools: ['*'], when: has(param.evil), effect: deny }
`;
const stage = onStage(policy);

let n = 0;
const someone = (): string => `person-${++n}`;

/** Approves a first call and grants the next like it. */
async function grant(
  tool: string,
  args: JsonObject,
  more: { calls?: number; seconds?: number; key?: string; propose?: Record<string, unknown> } = {},
): Promise<Answer<RequestView>> {
  const { calls = 3, seconds = 3600, key = stage.keys.reviewer, propose } = more;
  const request = await stage.ask(tool, args, propose);
  return stage.decide(key, request, { verdict: 'approve', grant: { calls, seconds } });
}

const decisionOf = async (tool: string, args: JsonObject, more?: Record<string, unknown>): Promise<string> =>
  (await stage.propose({ tool, args, ...more })).body.decision;

const list = async (key = stage.keys.reviewer) =>
  (await stage.call<Grants>(key, 'GET', '/v1/grants')).body.items;
const mine = async (id: string | undefined, key?: string) =>
  (await list(key)).find((grant) => grant.id === id);

const eventsOf = async (grant: string | undefined) =>
  (await stage.redis.xrange('cs:{default}:feed', '-', '+'))
    .map(([, fields]) => JSON.parse(fields[3] ?? ''))
    .filter(({ data }) => data?.grant === grant);

describe('giving a grant', () => {
  test('the request says what may be granted, and the approval says what was', async () => {
    const request = await stage.ask('note.add', { to: someone() });
    expect(request.grantable).toEqual({ calls: 3, seconds: 3600, per: ['param.to'] });
    const { status, body } = await stage.decide(stage.keys.reviewer, request, {
      verdict: 'approve',
      grant: { calls: 2, seconds: 60 },
    });
    expect(status).toBe(200);
    expect(body).toMatchObject({ status: 'approved', granted: { calls: 2 } });
    expect(body).not.toHaveProperty('grantable');
    const lasts = Date.parse(body.granted?.expires_at ?? '') - Date.parse(body.decided_at ?? '');
    expect(lasts).toBe(60_000);
    expect(await eventsOf(body.granted?.id)).toMatchObject([
      { type: 'grant.created', actor: { kind: 'person', id: 'ann' }, data: { calls: 2, per: ['param.to'] } },
    ]);
  });

  test('nothing is granted that nobody asked for', async () => {
    const to = someone();
    const request = await stage.ask('note.add', { to });
    const { body } = await stage.decide(stage.keys.reviewer, request, { verdict: 'approve' });
    expect(body).not.toHaveProperty('granted');
    expect(await decisionOf('note.add', { to })).toBe('approval_required');
  });

  test.each([
    ['more calls than policy lets', 'note.add', { calls: 4, seconds: 60 }],
    ['longer than policy lets', 'note.add', { calls: 1, seconds: 3601 }],
    ['where policy lets nothing', 'plain.add', { calls: 1, seconds: 60 }],
    ['what can not be taken back', 'note.wipe', { calls: 1, seconds: 60 }],
  ])('%s is 422 and decides nothing', async (_, tool, asked) => {
    const request = await stage.ask(tool, { to: someone() });
    const { status, code } = await stage.decide(stage.keys.reviewer, request, {
      verdict: 'approve',
      grant: asked,
    });
    expect([status, code]).toEqual([422, 'grant_not_allowed']);
    expect((await stage.read(stage.keys.reviewer, request.id)).body.status).toBe('pending');
  });

  test('neither an edit nor a rejection grants anything', async () => {
    const request = await stage.ask('note.add', { to: someone() });
    const asked = { calls: 1, seconds: 60 };
    const edit = { verdict: 'approve', args: { to: someone() }, grant: asked } as const;
    expect((await stage.decide(stage.keys.reviewer, request, edit)).code).toBe('grant_not_allowed');
    const no = { verdict: 'reject', grant: asked } as const;
    expect((await stage.decide(stage.keys.reviewer, request, no)).code).toBe('grant_not_allowed');
  });

  test('what the agent says can not be taken back is offered no grant', async () => {
    const request = await stage.ask('note.add', { to: someone() }, { preview: { reversible: false } });
    expect(request).not.toHaveProperty('grantable');
  });
});

describe('using a grant', () => {
  test('the next calls like it are let through at once, and no more of them', async () => {
    const to = someone();
    const { body: first } = await grant('note.add', { to, text: 'one' });
    const through: Proposed[] = [];
    for (const text of ['two', 'three', 'four', 'five']) {
      through.push((await stage.propose({ tool: 'note.add', args: { to, text } })).body);
    }
    expect(through.map(({ decision }) => decision)).toEqual(['allow', 'allow', 'allow', 'approval_required']);
    const [allowed] = through;
    if (allowed?.decision !== 'allow') throw new Error('it was let through');
    expect(allowed.grant).toEqual({ id: first.granted?.id, by: 'ann' });
    expect(decodeJwt(allowed.token ?? '')).toMatchObject({ approvers: ['ann'], effect: 'approval_required' });
    const { body } = await stage.read(stage.keys.reviewer, allowed.request_id);
    expect(body).toMatchObject({
      status: 'approved',
      decided_by: 'grant',
      grant_used: { id: first.granted?.id, by: 'ann' },
      verdicts: [],
    });
    const used = (await eventsOf(first.granted?.id)).filter(({ type }) => type === 'grant.used');
    expect(used.map(({ data }) => data.use).sort()).toEqual([1, 2, 3]);
    expect(used.every(({ data }) => data.by === 'ann')).toBe(true);
  });

  test('its token runs exactly the call that was let through, once', async () => {
    const to = someone();
    await grant('note.add', { to });
    const args = { to, text: 'again' };
    const { body } = await stage.propose({ tool: 'note.add', args });
    if (body.decision !== 'allow') throw new Error('it was let through');
    const consume = (sent: JsonObject) =>
      stage.call(stage.keys.agent, 'POST', '/v1/tokens/consume', { token: body.token, args: sent });
    expect((await consume({ to, text: 'other' })).code).toBe('args_mismatch');
    expect((await consume(args)).status).toBe(200);
    expect((await consume(args)).code).toBe('token_consumed');
  });

  test('a repeated proposal uses one call of it', async () => {
    const to = someone();
    const { body } = await grant('note.add', { to }, { calls: 2 });
    const once = () => stage.propose({ tool: 'note.add', args: { to } }, { 'idempotency-key': to });
    const answers = [await once(), await once(), await once()];
    expect(
      new Set(answers.map(({ body }) => (body.decision === 'allow' ? body.request_id : ''))),
    ).toHaveProperty('size', 1);
    expect((await mine(body.granted?.id))?.left).toBe(1);
  });

  test('without `per`, like means the same arguments', async () => {
    const args = { to: someone(), list: [1, { a: 2 }] };
    await grant('exact.add', args);
    expect(await decisionOf('exact.add', { ...args, more: 1 })).toBe('approval_required');
    expect(await decisionOf('exact.add', { list: [1, { a: 2 }], to: args.to })).toBe('allow');
  });

  test('likeness may rest on trusted context', async () => {
    const context = { customer: someone() };
    await grant('known.add', { n: 1 }, { propose: { context } });
    expect(await decisionOf('known.add', { n: 2 }, { context })).toBe('allow');
    expect(await decisionOf('known.add', { n: 2 }, { context: { customer: someone() } })).toBe(
      'approval_required',
    );
    expect(await decisionOf('known.add', { n: 2 })).toBe('approval_required');
  });

  test.each([
    ['another value at the path', { args: { to: 'somebody else' } }],
    ['another tool', { tool: 'note.put' }],
    ['another agent', { agent: 'other' }],
    ['a call that the agent says can not be taken back', { preview: { reversible: false } }],
  ])('%s waits for a human', async (_, other) => {
    const to = someone();
    await grant('note.add', { to });
    const { body } = await stage.propose({ tool: 'note.add', args: { to }, ...other });
    expect(body.decision).toBe('approval_required');
  });

  test('another key that speaks for the same agent waits for a human', async () => {
    const to = someone();
    await grant('note.add', { to });
    const made = await stage.call<{ key: string }>(stage.keys.admin, 'POST', '/v1/keys', {
      roles: ['agent'],
      owner: 'else',
      agents: ['*'],
    });
    const body = { agent: 'tester', tool: 'note.add', args: { to } };
    const answer = await stage.call<Proposed>(made.body.key, 'POST', '/v1/requests', body);
    expect(answer.body.decision).toBe('approval_required');
  });

  test('law 4: what policy denies stays denied', async () => {
    const to = someone();
    await grant('note.add', { to });
    expect(await decisionOf('note.add', { to, evil: true })).toBe('deny');
  });

  test('law 8: whoever gave it approves nothing that was started for them', async () => {
    const to = someone();
    await grant('note.add', { to });
    expect(await decisionOf('note.add', { to }, { requested_by: 'ann' })).toBe('approval_required');
    expect(await decisionOf('note.add', { to })).toBe('allow');
  });

  test('another grant for the same calls stands in where the first can not', async () => {
    const to = someone();
    const pending = await stage.ask('note.add', { to });
    await grant('note.add', { to });
    const second = { verdict: 'approve', grant: { calls: 1, seconds: 60 } } as const;
    await stage.decide(stage.keys.lead, pending, second);
    expect(await decisionOf('note.add', { to }, { requested_by: 'ann' })).toBe('allow');
  });
});

describe('its end', () => {
  test('law 2: by the clock of Redis', async () => {
    const args = { to: someone() };
    const { body } = await grant('brief.add', args, { seconds: 1 });
    await vi.waitFor(async () => expect(await mine(body.granted?.id)).toBeUndefined(), {
      timeout: 3_000,
      interval: 50,
    });
    expect(await decisionOf('brief.add', args)).toBe('approval_required');
  });

  test('revoked by whoever may decide such requests, and by an admin', async () => {
    for (const key of [stage.keys.lead, stage.keys.admin]) {
      const to = someone();
      const { body } = await grant('note.add', { to });
      const id = body.granted?.id ?? '';
      expect(await mine(id, key)).toMatchObject({
        by: 'ann',
        left: 3,
        calls: 3,
        per: ['param.to'],
        request: { id: body.id },
      });
      expect((await stage.call(key, 'DELETE', `/v1/grants/${id}`)).status).toBe(204);
      expect(await mine(id, key)).toBeUndefined();
      expect(await decisionOf('note.add', { to })).toBe('approval_required');
      expect((await stage.call(key, 'DELETE', `/v1/grants/${id}`)).code).toBe('not_found');
      expect(await eventsOf(id)).toMatchObject([{ type: 'grant.created' }, { type: 'grant.revoked' }]);
    }
  });

  test('others neither see it nor revoke it', async () => {
    const { body } = await grant('money.add', { to: someone() });
    const id = body.granted?.id ?? '';
    expect(await mine(id)).toBeDefined();
    expect(await mine(id, stage.keys.lead)).toBeUndefined();
    expect((await stage.call(stage.keys.lead, 'DELETE', `/v1/grants/${id}`)).code).toBe('not_found');
    expect((await stage.call(stage.keys.agent, 'GET', '/v1/grants')).code).toBe('forbidden');
  });

  test('a freeze that meets it ends it for good', async () => {
    const to = someone();
    const { body } = await grant('note.add', { to });
    const { admin } = stage.keys;
    const set = { scope: 'tool', match: 'note.add', reason: 'Look.' };
    const frozen = await stage.call<{ id: string }>(admin, 'POST', '/v1/freeze', set);
    expect(await decisionOf('note.add', { to })).toBe('deny');
    await stage.call(admin, 'DELETE', `/v1/freeze/${frozen.body.id}`);
    expect(await decisionOf('note.add', { to })).toBe('approval_required');
    expect(await mine(body.granted?.id)).toBeUndefined();
  });

  test('whoever gave it and has lost their keys lets nothing through', async () => {
    const key = await stage.intake.addReviewer('eve');
    const to = someone();
    await grant('note.add', { to }, { key });
    const { body } = await stage.call<{ items: { id: string; owner: string }[] }>(
      stage.keys.admin,
      'GET',
      '/v1/keys',
    );
    const id = body.items.find(({ owner }) => owner === 'eve')?.id;
    await stage.call(stage.keys.admin, 'DELETE', `/v1/keys/${id}`);
    expect(await decisionOf('note.add', { to })).toBe('approval_required');
  });

  test('another policy ends it, even one that asks for the same', async () => {
    const to = someone();
    const { body } = await grant('note.add', { to });
    const path = join(stage.intake.policiesDir, 'policy.yaml');
    writeFileSync(path, `${policy}# another\n`);
    await vi.waitFor(async () => expect(await mine(body.granted?.id)).toBeUndefined(), {
      timeout: 5_000,
      interval: 50,
    });
    expect(await decisionOf('note.add', { to })).toBe('approval_required');
  });
});
