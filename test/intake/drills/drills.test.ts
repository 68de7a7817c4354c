/** Drills over HTTP: what a reviewer sees of them, and what others do. */
import type { Drill, DrillResult, Drills, DrillTeams } from '@countersign/shared/contracts';
import { beforeAll, describe, expect, test } from 'vitest';
import { onStage } from '../stage.ts';
import { answer, approveRefunds, keys, recordOf, start } from './stage.ts';

const policy = `
version: 1
groups: { payments: [ann, p1, p2, p3, p4], small: [ann, p1] }
tools: { orders.refund: { reversible: false, card: { title: "Refund {amount} for {order_id}" } } }
tiers: { high: { friction: { retype: [amount] } } }
rules:
  - { name: refunds, tools: [orders.refund], effect: approval_required, tier: medium }
  - { name: wires, tools: [bank.wire], effect: approval_required, tier: high, reviewers: [payments] }
  - { name: small-ones, tools: [notes.add], effect: approval_required, tier: low }
`;
const stage = onStage(policy);
const mine = async () => (await stage.call<Drills>(stage.keys.reviewer, 'GET', '/v1/drills')).body;
const stop = (id: string) => stage.call<DrillResult>(stage.keys.reviewer, 'POST', `/v1/drills/${id}/stop`);
const eventsOf = async (drill: string) =>
  (await stage.redis.xrange(keys.feed, '-', '+'))
    .map(([, fields]) => JSON.parse(fields[3] ?? ''))
    .filter(({ data }) => data?.drill === drill);

test('where nothing was decided there are the forty cards that come with every installation', async () => {
  const { status, body } = await start(stage, undefined, {});
  expect([status, body.cards]).toEqual([201, 40]);
  const { items } = await recordOf(stage);
  expect(items.every(({ of }) => of.startsWith('library:'))).toBe(true);
  expect(items.filter(({ wrong }) => wrong)).toHaveLength(20);
  let drill = body;
  const tiers = new Set<string>();
  while (drill.card !== undefined) {
    const { request, number } = drill.card;
    tiers.add(request.tier);
    // With the friction that such a tier has here.
    expect(request.friction.kind).toBe(request.tier === 'high' ? 'retype' : 'none');
    const answered = await answer(stage, drill, 'rightly');
    expect(answered.status).toBe(200);
    const { feedback } = answered.body;
    expect(feedback).toMatchObject({ correct: true, card: number, against: { in: expect.any(String) } });
    expect('look' in feedback).toBe(feedback.wrong);
    drill = answered.body.drill;
  }
  expect(tiers).toEqual(new Set(['medium', 'high', 'critical']));
  expect(drill.result).toMatchObject({
    answered: 40,
    wrong: { n: 20, found: 20 },
    right: { n: 20, approved: 20 },
  });
});

describe('with a history', () => {
  beforeAll(async () => {
    await approveRefunds(stage, 9);
    await approveRefunds(stage, 1, 'notes.add');
  });

  test('half of the cards are wrong, each is made of something else, and all are shown as requests that wait', async () => {
    const { status, body } = await start(stage);
    expect(status).toBe(201);
    expect(body).toMatchObject({ cards: 9, answered: 0, card: { number: 1 } });
    const { items } = await recordOf(stage);
    expect(items.filter(({ wrong }) => wrong)).toHaveLength(5);
    expect(new Set(items.map(({ of }) => of)).size).toBe(9);
    expect(body.card?.request).toMatchObject({
      tool: 'orders.refund',
      status: 'pending',
      tier: 'medium',
      rules: ['refunds'],
      expires_at: null,
      editable: [],
      verdicts: [],
      card: { title: expect.any(Array) },
      tool_facts: { reversible: false },
    });
    expect(body.card?.request.id).toMatch(/^drl_[0-9A-Z]{26}-1$/);
    expect(body.card?.request).not.toHaveProperty('run_id');
  });

  test('one that is under way is given again, with the same card to the letter', async () => {
    const first = await start(stage);
    const again = await start(stage);
    expect(again.status).toBe(200);
    expect(again.body).toEqual(first.body);
    expect((await mine()).drill).toEqual(first.body);
  });

  test('each answer is told at once what was wrong, where to look, and what to hold it against', async () => {
    let { body: drill } = await start(stage);
    for (let n = 1; n <= 4; n++) {
      const item = (await recordOf(stage)).items[n - 1];
      const shown = drill.card?.request;
      const how = n % 2 === 0 ? 'rightly' : 'wrongly';
      const { status, body } = await answer(stage, drill, how);
      expect(status).toBe(200);
      const { feedback } = body;
      expect(feedback).toMatchObject({ card: n, correct: how === 'rightly', wrong: item?.wrong });
      const path = feedback.path ?? '';
      expect(['amount', 'order_id']).toContain(path);
      expect(feedback.shown).toEqual(shown?.args[path]);
      expect(feedback.against).toMatchObject({ in: 'reason' });
      const named = item?.wrong ? feedback.right : feedback.shown;
      expect(feedback.against?.says).toContain(String(named));
      if (item?.wrong) expect(feedback.shown).not.toEqual(feedback.right);
      else expect(feedback).not.toHaveProperty('right');
      expect(body.drill).toMatchObject({ answered: n, card: { number: n + 1 } });
      drill = body.drill;
    }
  });

  test('the same answer again gets the same feedback, another is refused, and neither counts twice', async () => {
    const { body: drill } = await start(stage);
    const first = await answer(stage, drill, 'rightly');
    const again = await answer(stage, drill, 'rightly');
    expect(again.body).toEqual(first.body);
    expect((await answer(stage, drill, 'wrongly')).code).toBe('card_answered');
    expect((await mine()).drill?.answered).toBe(5);
  });

  test('an answer to another card, or to what was not shown, is refused', async () => {
    const { body: drill } = await start(stage);
    const later = { ...drill, card: drill.card && { ...drill.card, number: 8 } } as Drill;
    expect((await answer(stage, later, 'rightly')).code).toBe('stale');
    const seen = { version: 1, args_digest: `sha256:${'0'.repeat(64)}` };
    expect((await answer(stage, drill, 'rightly', { seen })).code).toBe('stale');
    expect((await mine()).drill?.answered).toBe(5);
  });

  test('two answers to one card at once count as one', async () => {
    const { body: drill } = await start(stage);
    const both = await Promise.all([answer(stage, drill, 'rightly'), answer(stage, drill, 'wrongly')]);
    expect(both.map(({ code }) => code).toSorted()).toEqual(['card_answered', undefined]);
    expect((await mine()).drill?.answered).toBe(6);
  });

  test('what a card was made of is gone: the card is passed over, and its words are nowhere', async () => {
    const { body: drill } = await start(stage);
    const { items } = await recordOf(stage);
    const gone = items[(drill.card?.number ?? 0) - 1]?.of ?? '';
    await stage.redis.del(keys.payload(gone, 1));
    const { body: next } = await start(stage);
    expect(next).toMatchObject({ id: drill.id, cards: 8, answered: 6, card: { number: 8 } });
    expect((await answer(stage, drill, 'rightly')).code).toBe('stale');
    const kept = JSON.stringify(await stage.redis.hgetall(keys.drill('ann')));
    expect(kept).not.toContain('ord-');
    expect(kept).not.toContain('returned');
  });

  test('after the last card it says how it went, to its owner, and to the log only that it took place', async () => {
    let { body: drill } = await start(stage);
    const { id } = drill;
    drill = (await answer(stage, drill, 'rightly')).body.drill;
    const last = await answer(stage, drill, 'rightly');
    const { result } = last.body.drill;
    expect(last.body.drill).not.toHaveProperty('card');
    expect(result).toMatchObject({ id, why: 'finished', cards: 8, answered: 8 });
    const { wrong, right } = result ?? ({} as DrillResult);
    expect(wrong.n + right.n).toBe(8);
    // Two of the first four were answered the wrong way round, and perhaps one of those that raced.
    const slips = wrong.n - wrong.found + (right.n - right.approved);
    expect([2, 3]).toContain(slips);
    expect(wrong.kinds.reduce((sum, { n }) => sum + n, 0)).toBe(wrong.n);
    expect(wrong.depths).toEqual([{ difficulty: 'plain', n: wrong.n, found: wrong.found }]);
    const { drill: none, past } = await mine();
    expect([none, past[0]]).toEqual([null, result]);
    // The last answer again, after its own was lost.
    expect((await answer(stage, drill, 'rightly')).body).toEqual(last.body);
    expect((await stop(id)).body).toEqual(result);
    const ann = { kind: 'person', id: 'ann' };
    const told = await eventsOf(id);
    expect(told).toMatchObject([
      { type: 'drill.started', actor: ann, data: { drill: id, cards: 9 } },
      { type: 'drill.ended', actor: ann, data: { drill: id, cards: 8, answered: 8, why: 'finished' } },
    ]);
    for (const event of told)
      expect(Object.keys(event).concat(Object.keys(event.data))).not.toEqual(
        expect.arrayContaining([expect.stringMatching(/found|correct|wrong|request_id|audience/)]),
      );
  });

  test('it can be stopped at any time, and is not gone on with', async () => {
    const { body: drill } = await start(stage, undefined, { cards: 4 });
    expect(drill.cards).toBe(4);
    await answer(stage, drill, 'rightly');
    const stopped = await stop(drill.id);
    expect(stopped.body).toMatchObject({ why: 'stopped', cards: 4, answered: 1 });
    expect((await stop(drill.id)).body).toEqual(stopped.body);
    const next = (await mine()).drill;
    expect(next).toBeNull();
    const { body: other } = await start(stage);
    expect(other.id).not.toBe(drill.id);
    expect((await stop(drill.id)).body).toEqual(stopped.body);
    await stop(other.id);
  });

  test('one that was not gone on with for a week is over, and the next says so in the log', async () => {
    const { body: drill } = await start(stage);
    const record = await recordOf(stage);
    const touched_at = record.touched_at - 8 * 86_400_000;
    await stage.redis.hset(keys.drill('ann'), 'drill', JSON.stringify({ ...record, touched_at }));
    expect((await mine()).drill).toBeNull();
    expect((await answer(stage, drill, 'rightly')).code).toBe('not_found');
    const { status, body: next } = await start(stage);
    expect(status).toBe(201);
    expect((await eventsOf(drill.id)).at(-1)).toMatchObject({ type: 'drill.ended', data: { why: 'lapsed' } });
    expect((await mine()).past[0]).toMatchObject({ id: drill.id, why: 'lapsed' });
    await stop(next.id);
  });

  test('another person sees nothing of it, and can neither answer nor stop it', async () => {
    const { body: drill } = await start(stage);
    const { lead } = stage.keys;
    expect((await stage.call<Drills>(lead, 'GET', '/v1/drills')).body).toEqual({ drill: null, past: [] });
    const body = { card: 1, verdict: 'reject', seen: { version: 1, args_digest: 'x' } };
    for (const [path, sent] of [
      ['answers', body],
      ['stop', undefined],
    ] as const)
      expect((await stage.call(lead, 'POST', `/v1/drills/${drill.id}/${path}`, sent)).code).toBe('not_found');
    await stop(drill.id);
  });

  test('nobody practises on what they may not decide, and a freeze stops no practice', async () => {
    const p9 = await stage.intake.addReviewer('p9');
    await approveRefunds(stage, 3, 'bank.wire');
    await stage.call(stage.keys.admin, 'POST', '/v1/freeze', { scope: 'workspace', reason: 'Look.' });
    const theirs = await start(stage, p9, { cards: 8 });
    expect(theirs.status).toBe(201);
    const { items } = await recordOf(stage, 'p9');
    const tools = await Promise.all(
      items.map(
        async ({ of }) => JSON.parse((await stage.redis.hget(keys.request(of), 'record')) ?? '{}').tool,
      ),
    );
    expect(new Set(tools)).toEqual(new Set(['orders.refund']));
    const { body } = await stage.call<{ items: { id: string }[] }>(stage.keys.admin, 'GET', '/v1/freeze');
    for (const { id } of body.items) await stage.call(stage.keys.admin, 'DELETE', `/v1/freeze/${id}`);
  });
});

describe('friction', () => {
  test('is that of the real card, and the server holds to it', async () => {
    let { body: drill } = await start(stage);
    while (drill.card?.request.tool !== 'bank.wire')
      drill = (await answer(stage, drill, 'rightly')).body.drill;
    const { request: card, number } = drill.card;
    expect(card.friction).toEqual({ kind: 'retype', paths: ['amount'] });
    const seen = { version: 1, args_digest: card.args_digest };
    const approve = (given: object) =>
      stage.call(stage.keys.reviewer, 'POST', `/v1/drills/${drill.id}/answers`, {
        ...{ card: number, verdict: 'approve', seen },
        ...given,
      });
    expect(await approve({})).toMatchObject({ status: 422, code: 'confirmation_missing' });
    expect(await approve({ confirm: { amount: 1 } })).toMatchObject({ code: 'confirmation_missing' });
    expect((await approve({ confirm: { amount: card.args.amount } })).status).toBe(200);
  });
});

describe('a lead', () => {
  test('sees how many of a team of five took part, and of smaller teams nothing', async () => {
    for (const person of ['p1', 'p2', 'p3', 'p4']) await stage.intake.addReviewer(person);
    const { status, body } = await stage.call<DrillTeams>(stage.keys.lead, 'GET', '/v1/drills/teams');
    expect(status).toBe(200);
    expect(body.teams).toEqual([
      { team: null, people: expect.any(Number), finished: 1 },
      { team: 'payments', people: 5, finished: 1 },
    ]);
    expect(JSON.stringify(body)).not.toContain('ann');
    const [last] = await stage.redis.xrevrange(keys.feed, '+', '-', 'COUNT', 1);
    expect(JSON.parse(last?.[1][3] ?? '')).toMatchObject({
      type: 'insights.read',
      actor: { kind: 'person', id: 'bo' },
      data: { of: 'drills' },
    });
    expect((await stage.call(stage.keys.reviewer, 'GET', '/v1/drills/teams')).code).toBe('forbidden');
  });
});
