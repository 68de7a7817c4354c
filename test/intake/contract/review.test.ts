/** Calls that run first and are reviewed afterwards, over HTTP. */
import type { Proposed, RequestView, Reviews } from '@countersign/shared/contracts';
import { decodeEvent } from '@countersign/shared/feed';
import { workspaceKeys } from '@countersign/shared/keys';
import { describe, expect, test, vi } from 'vitest';
import type { Answer } from '../../support/intake.ts';
import { onStage } from '../stage.ts';

const stage = onStage(`
version: 1
tools:
  "crm.*": { reversible: true, compensation: crm.restore_note }
rules:
  - { name: notes, tools: [crm.*], effect: review_after, tier: low }
  - { name: mail, tools: [mail.*], effect: review_after, reviewers: [bo] }
  - { name: rare, tools: [rare.*], effect: review_after, review: { sample: 0.000001 } }
  - { name: some, tools: [some.*], effect: review_after, review: { sample: 0.5 } }
  - { name: brief, tools: [brief.*], effect: review_after, review: { window: 400ms } }
  - { name: lapsing, tools: [lapse.*], effect: review_after, valid_for: 300ms }
  - { name: batched, tools: [log.*], effect: review_after, tier: low }
  - { name: undone, tools: [crm.late], effect: review_after, review: { undo_within: 200ms } }
`);

type Allowed = Extract<Proposed, { decision: 'allow' }>;
let n = 0;

async function allowed(tool: string): Promise<Allowed> {
  const { status, body } = await stage.propose({ tool, args: { nonce: ++n } });
  if (body.decision !== 'allow') throw new Error(`expected to run: ${JSON.stringify(body)}`);
  expect(status).toBe(200);
  return body;
}

/** Proposes a call and runs it: its token is used, and the run goes well. */
async function run(tool: string): Promise<RequestView> {
  const { request_id: id, token } = await allowed(tool);
  const { keys, call, act } = stage;
  const used = await call(keys.agent, 'POST', '/v1/tokens/consume', { token, args: { nonce: n } });
  expect(used.status).toBe(200);
  return (await act(keys.agent, id, 'outcome', { status: 'succeeded' })).body;
}

function review(
  key: string,
  { id, version, args_digest }: RequestView,
  body: { verdict: 'fine' | 'undo'; reason?: string },
): Promise<Answer<RequestView>> {
  return stage.act(key, id, 'review', { seen: { version, args_digest }, ...body });
}

async function reviews(key: string): Promise<Reviews> {
  return (await stage.call<Reviews>(key, 'GET', '/v1/reviews?limit=200')).body;
}

async function eventsOf(id: string) {
  const { feed } = workspaceKeys('default');
  const entries = await stage.redis.xrange(feed, '-', '+');
  return entries.map(([at, fields]) => decodeEvent(at, fields)).filter(({ request_id }) => request_id === id);
}

const reads = async (id: string) => (await stage.read(stage.keys.reviewer, id)).body;

describe('running', () => {
  test('it is let through at once, with what the agent has to know of its review', async () => {
    const { request_id, token, review: told, rules } = await allowed('crm.update');
    expect(token).toBeDefined();
    expect(rules).toEqual(['notes']);
    expect(told?.undo).toBe('crm.restore_note');
    const shown = await reads(request_id);
    expect(shown).toMatchObject({ status: 'running', expires_at: null, review: told });
    expect(Date.parse(told?.until ?? '') - Date.parse(shown.created_at)).toBe(24 * 3_600_000);
  });

  test('a repeat under the same idempotency key is the same call, and the token is used up once', async () => {
    const body = { tool: 'crm.update', args: { same: 1 } };
    const key = { 'idempotency-key': 'review-1' };
    const first = (await stage.propose(body, key)).body as Allowed;
    const again = (await stage.propose(body, key)).body as Allowed;
    expect(again).toMatchObject({ request_id: first.request_id, review: first.review });
    const consume = (token: unknown) =>
      stage.call(stage.keys.agent, 'POST', '/v1/tokens/consume', { token, args: { same: 1 } });
    expect((await consume(first.token)).status).toBe(200);
    expect((await consume(again.token)).code).toBe('token_consumed');
  });

  test('it is in the list of those who may look once it ran, in nobody’s queue, and the window counts from the run', async () => {
    const { request_id } = await allowed('crm.update');
    expect((await reviews(stage.keys.reviewer)).items.map(({ id }) => id)).not.toContain(request_id);
    const ran = await run('crm.update');
    expect(Date.parse(ran.review?.until ?? '')).toBe(Date.parse(ran.consumed_at ?? '') + 24 * 3_600_000);
    expect((await reviews(stage.keys.reviewer)).items.map(({ id }) => id)).toContain(ran.id);
    const queue = await stage.call<Reviews>(stage.keys.reviewer, 'GET', '/v1/queue');
    expect(queue.body.items.map(({ id }) => id)).not.toContain(ran.id);
    const mail = await run('mail.send');
    expect((await reviews(stage.keys.reviewer)).items.map(({ id }) => id)).not.toContain(mail.id);
    expect((await reviews(stage.keys.lead)).items.map(({ id }) => id)).toContain(mail.id);
  });

  test('what was not drawn runs as if allowed, and that it was not is on record', async () => {
    const { request_id, review: told } = await allowed('rare.call');
    expect(told).toBeUndefined();
    expect(await reads(request_id)).toMatchObject({ status: 'approved', decided_by: 'policy' });
    const [, let_through] = await eventsOf(request_id);
    expect(let_through).toMatchObject({
      type: 'action.allowed',
      data: { review: { sample: 0.000001, sampled: false } },
    });
  });

  test('a call that was drawn stays drawn until it has run, however often and under whatever name it is proposed', async () => {
    const { keys, call, act } = stage;
    const args = { id: 'same' };
    const proposed = async (more = {}): Promise<Allowed> =>
      (await stage.propose({ tool: 'some.call', args, ...more })).body as Allowed;
    const untilDrawn = async (drawn: boolean): Promise<Allowed> => {
      for (let tries = 0; tries < 100; tries++) {
        const answer = await proposed();
        if ((answer.review !== undefined) === drawn) return answer;
        // What was drawn is used up, or nothing else would be drawn.
        await call(keys.agent, 'POST', '/v1/tokens/consume', { token: answer.token, args });
      }
      throw new Error('a hundred draws in a row came out the same');
    };
    const first = await untilDrawn(true);
    await act(keys.agent, first.request_id, 'cancel');
    const others = [
      { agent: 'somebody-else' },
      { run_id: 'r-2' },
      { context: { x: 1 } },
      { reason: 'please' },
    ];
    for (const more of others) expect((await proposed(more)).review).toBeDefined();
    const again = await Promise.all(Array.from({ length: 20 }, () => proposed()));
    expect(again.every((answer) => answer.review !== undefined)).toBe(true);
    const drawn = (await Promise.all(again.map(({ request_id }) => eventsOf(request_id)))).map(
      ([, let_through]) => let_through?.data?.review,
    );
    // Chance alone would have drawn only some of them.
    expect(drawn).toContainEqual({ sample: 0.5, sampled: true, again: true });
    const last = await proposed();
    expect(last.review).toBeDefined();
    const used = await call(keys.agent, 'POST', '/v1/tokens/consume', { token: last.token, args });
    expect(used.status).toBe(200);
    await untilDrawn(false);
  });

  test('of many proposals of one call at once, none that comes after a drawn one is not drawn', async () => {
    const calls = Array.from({ length: 40 }, () =>
      stage.propose({ tool: 'some.call', args: { id: 'many' } }),
    );
    const ids = new Set((await Promise.all(calls)).map(({ body }) => (body as Allowed).request_id));
    const { feed } = workspaceKeys('default');
    const events = (await stage.redis.xrange(feed, '-', '+')).map(([at, fields]) => decodeEvent(at, fields));
    const drawn = events
      .filter(({ type, request_id }) => type === 'action.allowed' && ids.has(request_id ?? ''))
      .map(({ data = {} }) => (data.review as { sampled: boolean }).sampled);
    expect(drawn).toHaveLength(40);
    expect(drawn.slice(drawn.indexOf(true)).every(Boolean)).toBe(true);
  });

  test('what is not run while it may ends without a review; it never was in the list', async () => {
    const { request_id } = await allowed('lapse.call');
    await vi.waitFor(async () => expect((await reads(request_id)).status).toBe('cancelled'), 5_000);
    const types = (await eventsOf(request_id)).map(({ type }) => type);
    expect(types).toEqual(['action.proposed', 'action.allowed', 'token.issued', 'request.cancelled']);
  });

  test('before it runs a reviewer can take the leave back, and the agent can withdraw; afterwards neither', async () => {
    const { act, keys } = stage;
    const one = await allowed('crm.update');
    const { body } = await act(keys.reviewer, one.request_id, 'revoke', { reason: 'no' });
    expect(body).toMatchObject({ status: 'cancelled', stop_reason: 'approval_revoked' });
    const { token } = one;
    const late = await stage.call(keys.agent, 'POST', '/v1/tokens/consume', { token, args: { nonce: n } });
    expect(late.code).toBe('approval_revoked');
    const other = await allowed('crm.update');
    expect((await act(keys.agent, other.request_id, 'cancel')).body.status).toBe('cancelled');
    const ran = await run('crm.update');
    expect((await act(keys.reviewer, ran.id, 'revoke')).code).toBe('token_consumed');
    expect((await act(keys.agent, ran.id, 'cancel')).code).toBe('token_consumed');
  });
});

describe('reviewing', () => {
  test('one look that finds nothing ends it; the same again is the same, anything else comes too late', async () => {
    const ran = await run('crm.update');
    const { status, body } = await review(stage.keys.reviewer, ran, { verdict: 'fine' });
    expect([status, body.status, body.review?.by]).toEqual([200, 'reviewed', 'ann']);
    const again = await review(stage.keys.reviewer, ran, { verdict: 'fine' });
    expect([again.status, again.body.revision]).toEqual([200, body.revision]);
    const other = await review(stage.keys.lead, ran, { verdict: 'undo', reason: 'wrong' });
    expect(other.code).toBe('already_decided');
    expect((await reviews(stage.keys.reviewer)).items.map(({ id }) => id)).not.toContain(ran.id);
  });

  test('refuses what was not seen, what has not run, and whoever may not look (laws 6 and 8)', async () => {
    const ran = await run('crm.update');
    const stale = { ...ran, args_digest: 'sha256:other' };
    expect((await review(stage.keys.reviewer, stale, { verdict: 'fine' })).code).toBe('stale');
    const waiting = await reads((await allowed('crm.update')).request_id);
    expect((await review(stage.keys.reviewer, waiting, { verdict: 'fine' })).code).toBe('not_consumed');
    const mail = await run('mail.send');
    expect((await review(stage.keys.reviewer, mail, { verdict: 'fine' })).code).toBe('not_your_request');
    const drawn = await reads((await allowed('rare.call')).request_id);
    expect((await review(stage.keys.reviewer, drawn, { verdict: 'fine' })).code).toBe('not_under_review');
    expect((await review(stage.keys.reviewer, ran, { verdict: 'undo' })).code).toBe('invalid_request');
    expect((await stage.act(stage.keys.reviewer, ran.id, 'review', { verdict: 'fine' })).code).toBe(
      'invalid_request',
    );
    const seen = { version: ran.version, args_digest: ran.args_digest };
    expect(
      (await stage.act(stage.keys.reviewer, ran.id, 'decision', { verdict: 'approve', seen })).code,
    ).toBe('already_decided');
  });

  test('law 2: after the window nobody’s word counts, and it says that nobody looked', async () => {
    const ran = await run('brief.call');
    await vi.waitFor(async () => expect((await reads(ran.id)).status).toBe('unreviewed'), 5_000);
    expect((await review(stage.keys.reviewer, ran, { verdict: 'fine' })).code).toBe('already_decided');
    expect((await eventsOf(ran.id)).at(-1)?.type).toBe('review.unreviewed');
  });

  test('a reviewer’s reason is kept beside the log, and goes when the request is erased', async () => {
    const ran = await run('crm.update');
    await review(stage.keys.reviewer, ran, { verdict: 'undo', reason: 'Ann Smith called.' });
    const told = (await eventsOf(ran.id)).at(-1);
    expect(told).toMatchObject({ type: 'review.undo_requested', data: { undo: 'crm.restore_note' } });
    expect(told?.words?.commitment).toMatch(/^sha256:/);
    expect(JSON.stringify(told)).not.toContain('Ann Smith');
    const erase = () => stage.call(stage.keys.admin, 'POST', '/v1/audit/erase', { request_id: ran.id });
    expect((await erase()).code).toBe('still_pending');
    await stage.act(stage.keys.agent, ran.id, 'outcome', { status: 'undone' });
    expect((await erase()).status).toBe(202);
    expect(JSON.stringify(await reads(ran.id))).not.toContain('Ann Smith');
  });
});

describe('undoing', () => {
  test('is asked of the agent, and done only when the agent says so', async () => {
    const ran = await run('crm.update');
    const { body } = await review(stage.keys.reviewer, ran, {
      verdict: 'undo',
      reason: 'The wrong customer.',
    });
    expect(body).toMatchObject({
      status: 'undo_requested',
      outcome: { status: 'succeeded' },
      review: { verdict: 'undo', by: 'ann', reason: 'The wrong customer.' },
    });
    expect((await reviews(stage.keys.lead)).items[0]?.id).toBe(ran.id);
    const done = await stage.act(stage.keys.agent, ran.id, 'outcome', { status: 'undone' });
    expect(done.body).toMatchObject({ status: 'undone', outcome: { status: 'undone' } });
    const again = await stage.act(stage.keys.agent, ran.id, 'outcome', { status: 'undone' });
    expect([again.status, again.body.revision]).toEqual([200, done.body.revision]);
    const other = await stage.act(stage.keys.agent, ran.id, 'outcome', { status: 'undo_failed' });
    expect(other.code).toBe('outcome_conflict');
  });

  test('is never offered where policy names nothing that undoes it, and never reported unasked', async () => {
    const ran = await run('log.write');
    expect(ran.review?.undo).toBeNull();
    expect((await review(stage.keys.reviewer, ran, { verdict: 'undo', reason: 'x' })).code).toBe(
      'undo_not_offered',
    );
    const report = await stage.act(stage.keys.agent, ran.id, 'outcome', { status: 'undone' });
    expect(report.code).toBe('undo_not_requested');
  });

  test('an agent that says nothing leaves it asked for, and somebody is told', async () => {
    const ran = await run('crm.late');
    await review(stage.keys.reviewer, ran, { verdict: 'undo', reason: 'no' });
    await vi.waitFor(async () => expect((await reads(ran.id)).review?.overdue).toBe(true), 5_000);
    expect(await reads(ran.id)).toMatchObject({ status: 'undo_requested' });
    expect((await eventsOf(ran.id)).at(-1)?.type).toBe('review.undo_overdue');
    const failed = await stage.act(stage.keys.agent, ran.id, 'outcome', { status: 'undo_failed' });
    expect(failed.body.status).toBe('undo_failed');
  });
});

describe('several at once', () => {
  test('rows of a batch are marked together once those that were drawn have been opened', async () => {
    const { keys, call } = stage;
    const ran = [await run('log.write'), await run('log.write'), await run('log.write')];
    const { batches } = await reviews(keys.reviewer);
    const batch = batches.find(({ tool }) => tool === 'log.write');
    expect(ran.every(({ id }) => batch?.rows.includes(id))).toBe(true);
    const items = ran.map(({ id, version, args_digest }) => ({ id, seen: { version, args_digest } }));
    type Results = { results: { id: string; ok: boolean; problem?: { code: string } }[] };
    const mark = async () =>
      (await call<Results>(keys.reviewer, 'POST', '/v1/reviews', { items, batch: batch?.id })).body.results;
    expect((await mark()).map(({ problem }) => problem?.code)).toEqual(Array(3).fill('confirmation_missing'));
    for (const id of batch?.must_open ?? []) await stage.act(keys.reviewer, id, 'view');
    expect((await mark()).map(({ ok }) => ok)).toEqual([true, true, true]);
    const said = (await eventsOf(ran[0]?.id ?? '')).at(-1);
    expect(said).toMatchObject({ type: 'review.reviewed', data: { batch: batch?.id } });
    const stranger = await call<Results>(keys.lead, 'POST', '/v1/reviews', { items, batch: batch?.id });
    expect(stranger.body.results.map(({ problem }) => problem?.code)).toEqual(Array(3).fill('not_in_batch'));
  });
});
