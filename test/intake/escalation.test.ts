/** The ladder over HTTP and a real Redis: told again, more who may decide, nothing while somebody is on it (B3). */
import type { Queue, RequestView } from '@countersign/shared/contracts';
import type { FeedEvent } from '@countersign/shared/feed';
import { beforeAll, describe, expect, test } from 'vitest';
import { takeSnapshot } from '../laws/snapshot.ts';
import { onStage } from './stage.ts';

// Soon for a test to wait for, and late enough to claim or approve before it on a busy machine.
const [first, second] = [1_000, 1_300];
const stage = onStage(`
version: 1
groups: { finance: [fay], oncall: [oz], chiefs: [max] }
rules:
  - name: pay
    tools: [pay.*]
    effect: approval_required
    reviewers: [finance]
    escalate:
      - { after: ${first}ms, notify: [chiefs], channels: [pagerduty] }
      - { after: ${second}ms, reviewers: [oncall] }
  - { name: two, tools: [two.*], effect: approval_required, quorum: 2, reviewers: [finance], escalate: [{ after: ${first}ms, reviewers: [oncall] }] }
  - { name: also, tools: [two.both], effect: approval_required, reviewers: [chiefs] }
  - { name: lost, tools: [lost.*], effect: approval_required, reviewers: [nobody], escalate: [{ after: ${first}ms, reviewers: [oncall] }] }
  - { name: still-lost, tools: [gone.*], effect: approval_required, reviewers: [fay], escalate: [{ after: ${first}ms, reviewers: [nobody] }] }
  - { name: held, tools: [held.*], effect: approval_required, reviewers: [finance], hold: 1m, escalate: [{ after: ${first}ms, notify: [chiefs] }] }
`);

const key: Record<string, string> = {};
beforeAll(async () => {
  for (const id of ['fay', 'oz', 'max']) key[id] = await stage.intake.addReviewer(id);
});

let n = 0;
const ask = (tool: string, more = {}) => stage.ask(tool, { nonce: ++n }, more);
const see = async (id: string, who = stage.keys.agent) => (await stage.read(who, id)).body;
const steps = async (id: string): Promise<FeedEvent[]> => {
  const { feed } = await takeSnapshot(stage.redis);
  return feed.filter(
    ({ request_id, type }) => request_id === id && /^request\.(reminded|escalated)$/.test(type),
  );
};
const timers = async (id: string) =>
  (await stage.redis.zrange('cs:{default}:timers', '0', '-1'))
    .filter((member) => member.endsWith(id))
    .map((member) => member.split(':')[0])
    .sort();
/** Waits, looking behind the API so that no reading makes it happen, until so many steps are done. */
const whenDone = (id: string, count: number) =>
  expect.poll(async () => (await steps(id)).length, { timeout: 10_000 }).toBe(count);
const queued = async (who: string) =>
  (await stage.call<Queue>(key[who] ?? '', 'GET', '/v1/queue')).body.items.map(({ id }) => id);
const approve = (request: RequestView, who: string) =>
  stage.decide(key[who] ?? '', request, { verdict: 'approve' });

describe('a ladder', () => {
  test('is shown, and climbed though nobody looks: exactly these events, not early, once each', async () => {
    const request = await ask('pay.out');
    const made = Date.parse(request.created_at);
    const at = (ms: number) => new Date(made + ms).toISOString();
    expect(request.escalation).toEqual([
      { at: at(first), kind: 'remind', notify: ['chiefs'], channels: ['pagerduty'] },
      { at: at(second), kind: 'escalate', reviewers: ['oncall'] },
    ]);
    expect(await timers(request.id)).toEqual(['expire', 'remind']);
    await whenDone(request.id, 2);
    const [reminded, escalated] = await steps(request.id);
    expect(reminded).toMatchObject({
      type: 'request.reminded',
      actor: { kind: 'timer', id: 'timer' },
      at: made + first,
      version: 1,
      audience: ['finance'],
      data: { step: 1, notify: ['chiefs'], channels: ['pagerduty'] },
    });
    expect(escalated).toMatchObject({
      type: 'request.escalated',
      at: made + second,
      version: 2,
      audience: ['finance', 'oncall'],
      data: { step: 2, reviewers: ['oncall'] },
    });
    for (const { id, at: due } of [reminded, escalated] as FeedEvent[]) {
      expect(Number(id.split('-')[0])).toBeGreaterThanOrEqual(due);
    }
    expect((await see(request.id)).escalation?.map(({ done_at }) => done_at)).toEqual([
      at(first),
      at(second),
    ]);
    expect(await timers(request.id)).toEqual(['expire']);
  });

  test('brings the request into the queue of those who may decide as well, and they may', async () => {
    const request = await ask('pay.out');
    expect(await queued('oz')).not.toContain(request.id);
    expect((await approve(request, 'oz')).code).toBe('not_your_request');
    await whenDone(request.id, 2);
    expect(await queued('oz')).toContain(request.id);
    // Who may decide has changed, so what was shown before it is stale; nothing else about it has.
    expect((await approve(request, 'oz')).code).toBe('stale');
    const { body } = await approve(await see(request.id, key.oz), 'oz');
    expect([body.status, body.decided_by]).toEqual(['approved', 'oz']);
  });

  test('shows whom it told what they were told of, from then on, and gives them no say', async () => {
    const request = await ask('pay.out');
    expect((await stage.read(key.max ?? '', request.id)).code).toBe('not_your_request');
    await whenDone(request.id, 2);
    const shown = await see(request.id, key.max);
    expect(shown.args).toEqual(request.args);
    expect((await approve(shown, 'max')).code).toBe('not_your_request');
    expect(await queued('max')).not.toContain(request.id);
  });

  test('keeps an approval that was given before: the other one may come from those who joined', async () => {
    const request = await ask('two.write');
    await approve(request, 'fay');
    await whenDone(request.id, 1);
    const shown = await see(request.id, key.oz);
    expect([shown.progress.given, shown.progress.needed]).toEqual([1, 2]);
    expect((await approve(shown, 'oz')).body).toMatchObject({ status: 'approved', decided_by: 'fay,oz' });
  });

  test('widens the rule that has it and no other', async () => {
    const request = await ask('two.both');
    await whenDone(request.id, 1);
    const { progress } = await see(request.id);
    expect(progress.requirements).toMatchObject([
      { rule: 'two', slots: [{ from: ['finance', 'oncall'], need: 2 }] },
      { rule: 'also', slots: [{ from: ['chiefs'], need: 1 }] },
    ]);
  });

  test('is over with the decision', async () => {
    const request = await ask('pay.out');
    const { body } = await stage.decide(key.fay ?? '', request, { verdict: 'reject' });
    expect(body.escalation).toEqual([]);
    const witness = await ask('pay.out');
    await whenDone(witness.id, 2);
    expect(await steps(request.id)).toEqual([]);
  });

  test('is over with a freeze, and with the deadline', async () => {
    const short = await ask('pay.out', { timeout: (first + 100) / 1000 });
    expect(short.escalation?.map(({ kind }) => kind)).toEqual(['remind']);
    const frozen = await ask('pay.frozen');
    const freeze = { scope: 'tool', match: 'pay.frozen', reason: 'stop' };
    await stage.call(stage.keys.admin, 'POST', '/v1/freeze', freeze);
    const witness = await ask('pay.out');
    await whenDone(witness.id, 2);
    expect(await steps(frozen.id)).toEqual([]);
    expect((await steps(short.id)).map(({ type }) => type)).toEqual(['request.reminded']);
  });
});

describe('somebody is on it', () => {
  test('so nothing is done until they let go: then what came up meanwhile, at once', async () => {
    const request = await ask('pay.out');
    const { body: claimed } = await stage.act(key.fay ?? '', request.id, 'claim');
    const { claim, escalation } = claimed;
    expect(escalation?.map(({ at }) => at)).toEqual([claim?.until, claim?.until]);
    expect(await timers(request.id)).toEqual(['claim', 'expire']);
    const witness = await ask('pay.out');
    await whenDone(witness.id, 2);
    expect(await steps(request.id)).toEqual([]);
    const { body: free } = await stage.act(key.fay ?? '', request.id, 'claim', { release: true });
    expect(free.escalation?.map(({ done_at }) => done_at !== undefined)).toEqual([true, true]);
    expect(free.version).toBe(2);
    const done = await steps(request.id);
    expect(done.map(({ type }) => type)).toEqual(['request.reminded', 'request.escalated']);
    expect(new Set(done.map(({ at }) => at)).size).toBe(1);
  });

  test('or has approved it, under a hold: the ladder goes on when that is undone', async () => {
    const request = await ask('held.out');
    await approve(request, 'fay');
    expect(await timers(request.id)).toEqual(['expire', 'release']);
    const witness = await ask('held.out');
    await whenDone(witness.id, 1);
    expect(await steps(request.id)).toEqual([]);
    expect((await stage.act(key.fay ?? '', request.id, 'undo')).body.status).toBe('pending');
    await whenDone(request.id, 1);
  });
});

describe('a request that nobody may decide (C13)', () => {
  test('is no alarm any more once the ladder has found somebody', async () => {
    const request = await ask('lost.out');
    expect(request.warnings).toEqual(['nobody_may_decide']);
    await whenDone(request.id, 1);
    const shown = await see(request.id, key.oz);
    expect(shown.warnings).toEqual([]);
    expect((await approve(shown, 'oz')).body.status).toBe('approved');
  });

  test('is one where those who could have left, and the ladder finds nobody', async () => {
    const { body } = await stage.call<{ items: { id: string; owner: string }[] }>(
      stage.keys.admin,
      'GET',
      '/v1/keys',
    );
    const request = await ask('gone.out');
    expect(request.warnings).toEqual([]);
    for (const { id, owner } of body.items) {
      if (owner === 'fay') await stage.call(stage.keys.admin, 'DELETE', `/v1/keys/${id}`);
    }
    await whenDone(request.id, 1);
    expect((await see(request.id)).warnings).toEqual(['nobody_may_decide']);
    const { feed } = await takeSnapshot(stage.redis);
    const alarms = feed.filter(
      ({ type, request_id }) => type === 'request.undecidable' && request_id === request.id,
    );
    expect(alarms).toHaveLength(1);
    key.fay = await stage.intake.addReviewer('fay');
  });
});

test('a request without a ladder says nothing of one', async () => {
  const request = await ask('plain.write');
  expect(request).not.toHaveProperty('escalation');
  expect(await timers(request.id)).toEqual(['expire']);
});
