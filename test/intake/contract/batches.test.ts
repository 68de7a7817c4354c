import { writeFile } from 'node:fs/promises';
import type { Batch, Batches, DecisionResults, JsonObject, RequestView } from '@countersign/shared/contracts';
import { decodeEvent, type FeedEvent } from '@countersign/shared/feed';
import { describe, expect, test } from 'vitest';
import { onStage } from '../stage.ts';

const stage = onStage(`
version: 1
tools:
  "crm.*": { reversible: true, compensation: crm.restore, mask: [list], card: { title: "Note {note}" } }
  "mail.*": { reversible: true }
  "pay.*": { reversible: true }
  "team.*": { reversible: true }
  "gone.*": { reversible: false }
rules:
  - { name: grave, tools: ["*.grave"], effect: approval_required, tier: medium }
  - { name: asking, tools: ["*.asking"], effect: approval_required, tier: low, friction: acknowledge }
  - { name: alone, tools: ["*.alone"], effect: approval_required, tier: low, batch: never }
  - { name: held, tools: ["*.held"], effect: approval_required, tier: low, hold: 1h }
  - { name: small, tools: ["pay.*"], effect: approval_required, tier: low, batch: { each: 20, sum: 50 } }
  - { name: group, tools: ["team.*"], effect: approval_required, tier: low, reviewers: [finance] }
  - { name: notes, tools: ["crm.*", "mail.*", "gone.*"], effect: approval_required, tier: low }
`);

let n = 0;
/** Proposes like calls, told apart by a number in each. */
async function askMany(tool: string, count: number, args: (n: number) => JsonObject = () => ({})) {
  const asked: RequestView[] = [];
  for (let i = 0; i < count; i += 1) {
    n += 1;
    asked.push(await stage.ask(tool, { note: `n${n}`, ...args(i) }));
  }
  return asked;
}
const read = async (key: string) => (await stage.call<Batches>(key, 'GET', '/v1/batches')).body;
/** The batches of a tool. */
const batchesOf = async (tool: string, key = stage.keys.reviewer): Promise<Batch[]> =>
  (await read(key)).batches.filter((batch) => batch.tool === tool);
async function onlyBatchOf(tool: string, key = stage.keys.reviewer): Promise<Batch> {
  const [batch, ...others] = await batchesOf(tool, key);
  if (batch === undefined || others.length > 0) throw new Error(`expected one batch of ${tool}`);
  return batch;
}
const itemsOf = (rows: Pick<RequestView, 'id' | 'version' | 'args_digest'>[], verdict = 'approve') =>
  rows.map(({ id, version, args_digest }) => ({ id, verdict, seen: { version, args_digest } }));
const send = (body: JsonObject, key = stage.keys.reviewer) =>
  stage.call<DecisionResults>(key, 'POST', '/v1/decisions', body);
const resultsOf = ({ results }: DecisionResults) =>
  results.map((result) => (result.ok ? result.request.status : result.problem.code));
async function openWanted(batch: Batch, key = stage.keys.reviewer) {
  for (const row of batch.rows.filter(({ must_open }) => must_open)) await stage.act(key, row.id, 'view');
}
async function eventsOf(id: string): Promise<FeedEvent[]> {
  const entries = await stage.redis.xrange('cs:{default}:feed', '-', '+');
  return entries.map(([at, fields]) => decodeEvent(at, fields)).filter((event) => event.request_id === id);
}

describe('GET /v1/batches', () => {
  test('shows what is alike: common values, differing columns, each row pinned', async () => {
    const asked = await askMany('crm.shown', 4, () => ({ list: 'vip' }));
    const batch = await onlyBatchOf('crm.shown');
    expect(batch).toMatchObject({
      agent: 'tester',
      rules: ['notes'],
      policy_digest: asked[0]?.policy_digest,
      compensation: 'crm.restore',
      mask: ['list'],
      on_rejection: 'fail',
      hold: 0,
      common: [{ path: '/list', value: 'vip' }],
      columns: ['/note'],
      amounts: [],
      left_out: [],
      left_out_total: 0,
    });
    expect(batch.rows.map(({ id, version, args_digest }) => ({ id, version, args_digest }))).toEqual(
      asked.map(({ id, version, args_digest }) => ({ id, version, args_digest })),
    );
    expect(batch.rows.map(({ values }) => values)).toEqual(asked.map(({ args }) => [args.note]));
    expect(batch.rows[0]?.title).toEqual([{ text: 'Note ' }, { path: 'note', value: asked[0]?.args.note }]);
  });

  test.each(['crm.grave', 'gone.forever', 'crm.asking', 'crm.alone'])(
    'law 6: %s is in no batch: above low, irreversible, with friction, or where policy says never',
    async (tool) => {
      await askMany(tool, 4);
      expect(await batchesOf(tool)).toEqual([]);
    },
  );

  test('sums what has a currency, within the caps of policy, and leaves out what is too large', async () => {
    const amounts = [10.1, 10.2, 9.7, 21];
    const asked = await askMany('pay.back', 4, (i) => ({ amount: amounts[i] ?? 0, currency: 'EUR' }));
    const batch = await onlyBatchOf('pay.back');
    expect(batch.amounts).toEqual([{ path: '/amount', currency: 'EUR', each: [10.1, 10.2, 9.7], total: 30 }]);
    expect(batch.left_out).toEqual([{ id: asked[3]?.id, why: 'over_cap', path: '/amount' }]);
  });

  test('nobody is written to for the first time: a recipient is known by an approval of a person', async () => {
    const mail = (to: string, count: number) => askMany('mail.send', count, () => ({ to }));
    const [first] = await mail('old@acme.com', 3);
    expect(await batchesOf('mail.send')).toEqual([]);
    if (first) await stage.decide(stage.keys.reviewer, first, { verdict: 'approve' });
    await mail('old@acme.com', 2);
    const [stranger] = await mail('new@acme.com', 1);
    const batch = await onlyBatchOf('mail.send');
    expect(batch.rows).toHaveLength(4);
    expect(batch.left_out).toEqual([{ id: stranger?.id, why: 'new_recipient', path: '/to' }]);
  });

  test('one or two rows must be opened; to read again draws no others, and another reviewer has their own batch', async () => {
    await askMany('crm.three', 3);
    await askMany('crm.six', 6);
    const wanted = ({ rows }: Batch) => rows.filter(({ must_open }) => must_open).map(({ id }) => id);
    const three = await onlyBatchOf('crm.three');
    const six = await onlyBatchOf('crm.six');
    expect([wanted(three).length, wanted(six).length]).toEqual([1, 2]);
    for (let again = 0; again < 5; again += 1) expect(await onlyBatchOf('crm.six')).toEqual(six);
    expect((await onlyBatchOf('crm.six', stage.keys.lead)).id).not.toBe(six.id);
  });

  test('what was decided, claimed by another, or touched in any way is not in it', async () => {
    const asked = await askMany('crm.touched', 7);
    const [rejected, claimed, edited] = asked as [RequestView, RequestView, RequestView];
    await stage.decide(stage.keys.lead, rejected, { verdict: 'reject' });
    await stage.act(stage.keys.lead, claimed.id, 'claim');
    await stage.act(stage.keys.agent, edited.id, 'cancel');
    expect((await onlyBatchOf('crm.touched')).rows.map(({ id }) => id)).toEqual(
      asked.slice(3).map(({ id }) => id),
    );
  });

  test('holds what this reviewer may decide, and is for reviewers', async () => {
    const fay = await stage.intake.addReviewer('fay', ['finance']);
    await askMany('team.note', 3);
    expect(await batchesOf('team.note')).toEqual([]);
    expect((await onlyBatchOf('team.note', fay)).rows).toHaveLength(3);
    for (const key of [stage.keys.agent, stage.keys.admin])
      expect((await stage.call(key, 'GET', '/v1/batches')).code).toBe('forbidden');
  });
});

describe('POST /v1/decisions', () => {
  test('tells of the attention to a batch as to one, with each of its rows (G2)', async () => {
    await askMany('crm.attended', 3);
    const batch = await onlyBatchOf('crm.attended');
    await openWanted(batch);
    const [read] = batch.rows;
    const attention = { surface: 'page', visible_ms: 0, since_shown_ms: 0, opened: [read?.id, 'req_other'] };
    const { body } = await send({ batch: batch.id, items: itemsOf(batch.rows), attention } as JsonObject);
    expect(resultsOf(body)).toEqual(Array(3).fill('approved'));
    for (const { id } of batch.rows) {
      const verdict = (await eventsOf(id)).find(({ type }) => type === 'verdict.given');
      expect(verdict?.data?.attention).toEqual({
        surface: 'page',
        visible_ms: 0,
        since_shown_ms: 0,
        batch: { rows: 3, opened: 1, this_one: id === read?.id },
      });
    }
  });

  test('decides each by itself: one failure never sinks the rest', async () => {
    const [one, two, three, four] = (await askMany('crm.some', 4)) as [
      RequestView,
      RequestView,
      RequestView,
      RequestView,
    ];
    await stage.decide(stage.keys.lead, two, { verdict: 'reject' });
    const items = [
      ...itemsOf([one]),
      ...itemsOf([two]),
      ...itemsOf([{ ...three, version: 2 }]),
      { ...itemsOf([{ ...one, id: 'req_none' }])[0], id: 'req_none' },
      { ...itemsOf([four], 'reject')[0], reason: 'Not this one.' },
    ];
    const { status, body } = await send({ items });
    expect(status).toBe(200);
    expect(body.results.map(({ id }) => id)).toEqual([one.id, two.id, three.id, 'req_none', four.id]);
    expect(resultsOf(body)).toEqual(['approved', 'already_decided', 'stale', 'not_found', 'rejected']);
    expect((await stage.read(stage.keys.reviewer, three.id)).body.status).toBe('pending');
    expect((await stage.read(stage.keys.agent, four.id)).body.decision?.reason).toBe('Not this one.');
  });

  test('law 6: the friction of each is asked for, and each is pinned to what was shown', async () => {
    const [asking] = (await askMany('crm.asking', 1)) as [RequestView];
    expect(resultsOf((await send({ items: itemsOf([asking]) })).body)).toEqual(['confirmation_missing']);
    const [item] = itemsOf([asking]);
    const other = { ...item, seen: { version: 1, args_digest: `sha256:${'0'.repeat(64)}` } };
    expect(resultsOf((await send({ items: [other] })).body)).toEqual(['stale']);
    const confirmed = { ...item, confirm: { note: String(asking.args.note) } };
    expect(resultsOf((await send({ items: [confirmed] })).body)).toEqual(['approved']);
  });

  test('law 8: nobody approves what they asked for themselves', async () => {
    const own = await stage.ask('crm.own', { note: 'mine' }, { requested_by: stage.intake.people.reviewer });
    expect(resultsOf((await send({ items: itemsOf([own]) })).body)).toEqual(['not_your_request']);
  });

  test('the same sent twice, at once and later, decides once', async () => {
    const [one] = (await askMany('crm.twice', 1)) as [RequestView];
    const items = itemsOf([one, one]);
    const bodies = await Promise.all([send({ items }), send({ items })]);
    expect(bodies.flatMap(({ body }) => resultsOf(body))).toEqual(Array(4).fill('approved'));
    const given = (await eventsOf(one.id)).filter(({ type }) => type === 'verdict.given');
    expect(given).toHaveLength(1);
    expect(given[0]?.data).not.toHaveProperty('batch');
  });

  test('an empty list, and more than fifty, are no decisions', async () => {
    const [one] = (await askMany('crm.many', 1)) as [RequestView];
    const [item] = itemsOf([one]);
    for (const items of [[], Array(51).fill(item)])
      expect((await send({ items })).code).toBe('invalid_request');
    expect((await send({ items: itemsOf([one]) }, stage.keys.agent)).code).toBe('forbidden');
  });
});

describe('deciding a batch', () => {
  test('wants the chosen rows opened by this reviewer; then each is decided, and says which batch', async () => {
    await askMany('crm.batch', 6);
    const batch = await onlyBatchOf('crm.batch');
    const body = { batch: batch.id, items: itemsOf(batch.rows) };
    expect(resultsOf((await send(body)).body)).toEqual(Array(6).fill('confirmation_missing'));
    await openWanted(batch, stage.keys.lead);
    const refused = (await send(body)).body.results[0];
    expect(refused).toMatchObject({
      ok: false,
      problem: { open: expect.arrayContaining(batch.rows.flatMap((row) => (row.must_open ? [row.id] : []))) },
    });
    await openWanted(batch);
    expect((await onlyBatchOf('crm.batch')).rows.filter(({ opened }) => opened)).toHaveLength(2);
    expect(resultsOf((await send(body)).body)).toEqual(Array(6).fill('approved'));
    for (const { id } of batch.rows) {
      const given = (await eventsOf(id)).filter(({ type }) => type === 'verdict.given');
      expect(given.map(({ data }) => data)).toMatchObject([
        { verdict: 'approve', edited: false, batch: batch.id },
      ]);
    }
    const [first] = batch.rows;
    const { body: decided } = await stage.read(stage.keys.lead, first?.id ?? '');
    expect(decided.verdicts).toMatchObject([{ reviewer: 'ann', batch: batch.id }]);
  });

  test('a rejection asks for no reading, and part of a batch can be decided', async () => {
    await askMany('crm.part', 4);
    const batch = await onlyBatchOf('crm.part');
    const rows = batch.rows.slice(0, 2);
    const { body } = await send({ batch: batch.id, items: itemsOf(rows, 'reject') });
    expect(resultsOf(body)).toEqual(['rejected', 'rejected']);
  });

  test('a row that came later, or is not as it was shown, is not part of it', async () => {
    await askMany('crm.late', 3);
    const batch = await onlyBatchOf('crm.late');
    await openWanted(batch);
    const [late] = (await askMany('crm.late', 1)) as [RequestView];
    const [first] = batch.rows;
    if (first === undefined) throw new Error('no row');
    const items = itemsOf([first, late, { ...first, version: 2 }]);
    expect(resultsOf((await send({ batch: batch.id, items })).body)).toEqual([
      'approved',
      'not_in_batch',
      'not_in_batch',
    ]);
  });

  test('a batch of nobody’s, or of someone else’s, decides nothing', async () => {
    await askMany('crm.theirs', 3);
    const batch = await onlyBatchOf('crm.theirs', stage.keys.lead);
    await openWanted(batch);
    for (const id of [batch.id, 'bat_none']) {
      const { body } = await send({ batch: id, items: itemsOf(batch.rows) });
      expect(resultsOf(body)).toEqual(Array(3).fill('not_in_batch'));
    }
  });

  test('a held batch is held row by row, and each can be taken back', async () => {
    await askMany('crm.held', 3);
    const batch = await onlyBatchOf('crm.held');
    expect(batch.hold).toBe(3600);
    await openWanted(batch);
    const { body } = await send({ batch: batch.id, items: itemsOf(batch.rows) });
    expect(resultsOf(body)).toEqual(['pending', 'pending', 'pending']);
    const [first] = batch.rows;
    expect((await stage.act(stage.keys.reviewer, first?.id ?? '', 'undo')).body.verdicts).toEqual([]);
  });

  test('what policy has come to ask more for since is not approved by it', async () => {
    await askMany('crm.policy', 3);
    const batch = await onlyBatchOf('crm.policy');
    await openWanted(batch);
    await raiseTo('critical', 'crm.policy');
    expect(await batchesOf('crm.policy')).toEqual([]);
    const { body } = await send({ batch: batch.id, items: itemsOf(batch.rows) });
    expect(resultsOf(body)).toEqual(['stale', 'stale', 'stale']);
  });
});

async function raiseTo(tier: string, tool: string): Promise<void> {
  await writeFile(
    `${stage.intake.policiesDir}/more.yaml`,
    `version: 1\nrules:\n  - { name: raised, tools: [${tool}], effect: approval_required, tier: ${tier} }\n`,
  );
  await expect.poll(async () => (await batchesOf(tool)).length).toBe(0);
}
