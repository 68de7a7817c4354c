import type { Queue, RequestView } from '@countersign/shared/contracts';
import { beforeAll, describe, expect, test } from 'vitest';
import { onStage } from '../stage.ts';

const stage = onStage(`
version: 1
groups: { finance: [fay] }
rules:
  - { name: low, tools: [low.*], effect: approval_required, tier: low }
  - { name: slow, tools: [high.slow], effect: approval_required, tier: high, timeout: 20m }
  - { name: soon, tools: [high.soon], effect: approval_required, tier: high, timeout: 5m }
  - { name: never, tools: [high.never], effect: approval_required, tier: high, timeout: never }
  - { name: grave, tools: [critical.*], effect: approval_required, tier: critical }
  - { name: money, tools: [pay.*], effect: approval_required, reviewers: [finance] }
  - { name: many, tools: [many.*], effect: approval_required, tier: low, reviewers: [bulk] }
  - { name: loud, tools: [loud.*], effect: approval_required, tier: low, channels: [push], escalate: [{ after: 1s, channels: [slack, push] }, { after: 20m, channels: [sms] }] }
  - { name: two, tools: [two.*], effect: approval_required, quorum: 2 }
`);

const queue = (key: string, query = '') => stage.call<Queue>(key, 'GET', `/v1/queue${query}`);
const tools = ({ items }: Queue) => items.map((item) => item.tool);

test('an empty queue has zeros for every tier', async () => {
  const { status, body } = await queue(stage.keys.reviewer);
  expect(status).toBe(200);
  expect(body).toEqual({
    items: [],
    counts: { total: 0, tiers: { low: 0, medium: 0, high: 0, critical: 0 } },
  });
});

describe('what is in it', () => {
  let fay: string;
  beforeAll(async () => {
    fay = await stage.intake.addReviewer('fay');
    for (const tool of ['low.a', 'high.never', 'high.slow', 'pay.out', 'high.soon', 'critical.a', 'medium.a'])
      await stage.ask(tool, { tool });
  });

  test('the most urgent first: by tier, then by deadline, and what never expires last in its tier', async () => {
    const { body } = await queue(stage.keys.reviewer);
    expect(tools(body)).toEqual(['critical.a', 'high.soon', 'high.slow', 'high.never', 'medium.a', 'low.a']);
    expect(body.counts).toEqual({ total: 6, tiers: { critical: 1, high: 3, medium: 1, low: 1 } });
  });

  test('a group’s requests are in the queues of its members only, and readable by nobody else', async () => {
    const { body } = await queue(fay);
    expect(tools(body)).toContain('pay.out');
    const hidden = body.items.find((item) => item.tool === 'pay.out') as RequestView;
    expect(tools((await queue(stage.keys.reviewer)).body)).not.toContain('pay.out');
    const { status, code } = await stage.read(stage.keys.reviewer, hidden.id);
    expect([status, code]).toEqual([403, 'not_your_request']);
    expect((await stage.read(stage.keys.lead, hidden.id)).status).toBe(200);
  });

  test('joining a group opens its queue at once, leaving it closes it', async () => {
    const gus = await stage.intake.addReviewer('gus');
    const put = (groups: string[]) =>
      stage.call(stage.keys.admin, 'POST', '/v1/people', { id: 'gus', name: 'Gus', groups });
    expect(tools((await queue(gus)).body)).not.toContain('pay.out');
    await put(['finance']);
    expect(tools((await queue(gus)).body)).toContain('pay.out');
    await put([]);
    expect(tools((await queue(gus)).body)).not.toContain('pay.out');
  });

  test('what a reviewer may not decide is not there: their own agent’s, and what they asked for', async () => {
    const asked = await stage.ask('low.asked', {}, { requested_by: stage.intake.people.reviewer });
    expect(tools((await queue(stage.keys.reviewer)).body)).not.toContain('low.asked');
    expect(tools((await queue(stage.keys.lead)).body)).toContain('low.asked');
    await stage.act(stage.keys.agent, asked.id, 'cancel');
  });

  test('what one has approved waits for the others only, and comes back after an undo', async () => {
    const request = await stage.ask('two.a', {});
    await stage.decide(stage.keys.reviewer, request, { verdict: 'approve' });
    expect(tools((await queue(stage.keys.reviewer)).body)).not.toContain('two.a');
    expect(tools((await queue(stage.keys.lead)).body)).toContain('two.a');
    await stage.act(stage.keys.reviewer, request.id, 'undo');
    expect(tools((await queue(stage.keys.reviewer)).body)).toContain('two.a');
    await stage.decide(stage.keys.lead, request, { verdict: 'reject' });
    expect(tools((await queue(stage.keys.reviewer)).body)).not.toContain('two.a');
  });
});

test('says by which channels policy asks to tell: its rule’s, and those of steps as they are done', async () => {
  const [request, plain] = [await stage.ask('loud.a', {}), await stage.ask('low.plain', {})];
  expect([request.channels, plain.channels]).toEqual([['push'], undefined]);
  const channels = async () =>
    (await queue(stage.keys.reviewer)).body.items.find(({ id }) => id === request.id)?.channels;
  await expect.poll(channels, { timeout: 10_000 }).toEqual(['push', 'slack']);
  await Promise.all([request, plain].map(({ id }) => stage.act(stage.keys.agent, id, 'cancel')));
});

describe('paging', () => {
  test('goes through 300 items, each once, in order, with the same counts on every page', async () => {
    const bulk = await stage.intake.addReviewer('bea', ['bulk']);
    await Promise.all(Array.from({ length: 300 }, (_, n) => stage.ask('many.a', { n })));
    const seen: number[] = [];
    const totals = new Set<number>();
    const places: string[] = [];
    let next = '?limit=70';
    for (let page = 0; page < 10; page++) {
      const { body } = await queue(bulk, next);
      totals.add(body.counts.total);
      for (const { tool, args, expires_at } of body.items) {
        if (tool !== 'many.a') continue;
        seen.push(Number(args.n));
        places.push(expires_at ?? '');
      }
      if (body.next_cursor === undefined) break;
      next = `?limit=70&cursor=${encodeURIComponent(body.next_cursor)}`;
    }
    expect(seen.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 300 }, (_, n) => n));
    expect(places).toEqual(places.toSorted());
    expect(totals.size).toBe(1);
  });

  test.each(['?limit=0', '?limit=201', '?limit=many', '?cursor=nonsense', '?cursor=x~y'])(
    '%s is 400 invalid_request',
    async (query) => {
      const { status, code } = await queue(stage.keys.reviewer, query);
      expect([status, code]).toEqual([400, 'invalid_request']);
    },
  );
});

test('is for reviewers', async () => {
  for (const key of [stage.keys.agent, stage.keys.admin]) expect((await queue(key)).code).toBe('forbidden');
});
