/** A8: limits over time, as an agent and its reviewers meet them. */
import type { Proposed, RequestView } from '@countersign/shared/contracts';
import { describe, expect, test } from 'vitest';
import type { Answer } from '../support/intake.ts';
import { onStage } from './stage.ts';

const stage = onStage(`
version: 1
default: allow
rules:
  - name: refunds
    tools: [refund]
    effect: allow
    limits: [{ sum: param.amount, per: context.customer, window: 1h, over: 0.3, tier: high }]
  - name: notes
    tools: [note]
    effect: allow
    limits:
      - { count: true, per: param.to, window: 1h, over: 2, tier: high }
      - { count: true, per: param.to, window: 1h, over: 3, tier: critical }
  - { name: spending, tools: [search], effect: allow, limits: [{ cost: true, window: 1h, over: 1 }] }
  - { name: never-big, tools: [refund], when: param.amount > 1000, effect: deny }
  - { name: asked-first, tools: [wire], effect: approval_required, limits: [{ sum: param.amount, per: param.to, window: 1h, over: 100, tier: high }] }
  - { name: quick, tools: [flash], effect: approval_required, timeout: 1s, limits: [{ count: true, window: 1h, over: 2, tier: critical }] }
`);

let customers = 0;
const newCustomer = () => `customer-${++customers}`;
const refund = (amount: unknown, customer: unknown, more = {}) =>
  stage.propose({ tool: 'refund', args: { amount } as never, context: { customer } as never, ...more });
const wire = async (amount: number, to: string) => stage.ask('wire', { amount, to });
const asked = ({ body }: Answer<Proposed>): RequestView => {
  if (body.decision !== 'approval_required') throw new Error(`expected to wait: ${JSON.stringify(body)}`);
  return body.request;
};
/** Members of all tallies that requests for this tool hold. */
async function countedNow(tool: string): Promise<number> {
  const ids = await stage.redis.zrange(`cs:{default}:index:tool:${tool}`, '0', '-1');
  const keys = (await stage.redis.keys('*:tally:*')).filter((key) => !key.endsWith(':sum'));
  const members = (await Promise.all(keys.map((key) => stage.redis.zrange(key, '0', '-1')))).flat();
  return members.filter((member) => ids.some((id) => member.endsWith(id))).length;
}
const totalOf = (answer: Answer<Proposed>) => asked(answer).why[0]?.exceeded?.[0]?.total;
const allowed = ({ body }: Answer<Proposed>): string => {
  if (body.decision !== 'allow') throw new Error(`expected to be allowed: ${JSON.stringify(body)}`);
  return body.request_id;
};

describe('a sum', () => {
  test('is exact in decimals, and the call that passes it waits at the limit’s tier and says why', async () => {
    const customer = newCustomer();
    allowed(await refund(0.1, customer));
    allowed(await refund(0.2, customer));
    const request = asked(await refund(0.000001, customer));
    expect(request.tier).toBe('high');
    expect(request.why).toMatchObject([
      {
        name: 'refunds',
        exceeded: [
          {
            limit: 0,
            counts: 'sum of param.amount per context.customer',
            window: 3600,
            over: 0.3,
            total: 0.300001,
          },
        ],
      },
    ]);
  });

  test('is kept apart by the value of `per`, types included', async () => {
    allowed(await refund(0.3, 7));
    allowed(await refund(0.3, '7'));
    allowed(await refund(0.3, [7]));
    asked(await refund(0.1, 7));
  });

  test.each([
    ['no value to keep apart by', { tool: 'refund', args: { amount: 0.1 } }, '`context.customer` is missing'],
    ['no number', { tool: 'refund', args: { amount: '1' }, context: { customer: 'x' } }, 'is a text'],
    [
      'a negative number',
      { tool: 'refund', args: { amount: -1 }, context: { customer: 'x' } },
      'is negative',
    ],
    ['no reported cost', { tool: 'search', args: {} }, 'no `cost`'],
  ])('law 3: with %s a human looks', async (_what, call, error) => {
    const request = asked(await stage.propose(call));
    const [hit] = request.why;
    const [exceeded] = hit?.exceeded ?? [];
    expect(exceeded).toMatchObject({ total: null, error: expect.stringContaining(error) });
  });

  test('counts what agents report of cost', async () => {
    allowed(await stage.propose({ tool: 'search', args: {}, cost: 0.999999 }));
    allowed(await stage.propose({ tool: 'search', args: {}, cost: 0.000001 }));
    asked(await stage.propose({ tool: 'search', args: {}, cost: 0.000001 }));
  });
});

describe('what counts', () => {
  test('two bounds on one count share a counter, each with its tier', async () => {
    const to = newCustomer();
    const note = () => stage.propose({ tool: 'note', args: { to } });
    allowed(await note());
    allowed(await note());
    expect(asked(await note())).toMatchObject({ tier: 'high' });
    expect(asked(await note())).toMatchObject({ tier: 'critical' });
    const tallies = (await stage.redis.keys('*tally*')).filter((key) => !key.endsWith(':sum'));
    const sizes = await Promise.all(tallies.map((key) => stage.redis.zcard(key)));
    expect(sizes.filter((size) => size === 4)).toHaveLength(1);
  });

  test('a repeat under the same idempotency key does not, and what is denied does not', async () => {
    const customer = newCustomer();
    const key = { 'idempotency-key': customer };
    const body = { tool: 'refund', args: { amount: 0.2 }, context: { customer } };
    const first = allowed(await stage.propose(body, key));
    for (let n = 0; n < 3; n++) expect(allowed(await stage.propose(body, key))).toBe(first);
    const { body: denied } = await refund(1001, customer);
    expect(denied.decision).toBe('deny');
    allowed(await refund(0.1, customer));
    asked(await refund(0.1, customer));
  });

  test.each([
    ['rejected', (id: RequestView) => stage.decide(stage.keys.reviewer, id, { verdict: 'reject' })],
    ['cancelled', ({ id }: RequestView) => stage.act(stage.keys.agent, id, 'cancel')],
  ])('what was %s gives its share back, and no other', async (_how, end) => {
    const customer = newCustomer();
    allowed(await refund(0.2, customer));
    const waiting = asked(await refund(0.2, customer));
    expect(totalOf(await refund(0.1, customer))).toBe(0.5);
    expect((await end(waiting)).status).toBe(200);
    expect(totalOf(await refund(0.1, customer, { reason: 'again' }))).toBe(0.4);
  });

  test('what timed out gives its share back', async () => {
    const first = await stage.ask('flash', { n: 1 });
    await stage.ask('flash', { n: 2 });
    expect(await stage.ask('flash', { n: 3 })).toMatchObject({ tier: 'critical' });
    await expect
      .poll(async () => (await stage.read(stage.keys.agent, first.id)).body.status, { timeout: 5000 })
      .toBe('timed_out');
    await expect.poll(() => countedNow('flash'), { timeout: 5000 }).toBe(0);
  });

  test('a revoked approval gives its share back, once', async () => {
    const customer = newCustomer();
    const id = allowed(await refund(0.3, customer));
    asked(await refund(0.1, customer, { call_id: 'a' }));
    await stage.act(stage.keys.lead, id, 'revoke');
    await stage.act(stage.keys.lead, id, 'revoke');
    allowed(await refund(0.2, customer));
    expect(totalOf(await refund(0.1, customer, { call_id: 'b' }))).toBe(0.4);
  });

  test('a proposal takes the share of the one that it supersedes', async () => {
    const customer = newCustomer();
    const old = allowed(await refund(0.3, customer));
    const next = allowed(await refund(0.3, customer, { supersedes: old }));
    asked(await refund(0.1, customer));
    expect((await stage.read(stage.keys.agent, next)).body.status).toBe('approved');
  });

  test('erasing a request makes no room and leaves no trace of whom it was about on its record', async () => {
    const customer = newCustomer();
    const id = allowed(await refund(0.3, customer));
    const { status } = await stage.call(stage.keys.admin, 'POST', '/v1/audit/erase', { request_id: id });
    expect(status).toBeLessThan(300);
    const record = JSON.parse((await stage.redis.hget(`cs:{default}:request:${id}`, 'record')) ?? '');
    expect(record.shares).toBeUndefined();
    asked(await refund(0.1, customer));
  });
});

describe('deciding', () => {
  test('those who came later raise nobody who waits: each is judged at its place', async () => {
    const to = newCustomer();
    const first = await wire(60, to);
    const second = await wire(60, to);
    expect([first.tier, second.tier]).toEqual(['medium', 'high']);
    const { status, body } = await stage.decide(stage.keys.reviewer, first, { verdict: 'approve' });
    expect([status, body.status]).toEqual([200, 'approved']);
    expect((await stage.decide(stage.keys.reviewer, second, { verdict: 'approve' })).status).toBe(200);
  });

  test('law 7: an edit that takes more than its share is counted with all that came since', async () => {
    const to = newCustomer();
    const first = await wire(10, to);
    await wire(50, to);
    const up = await stage.decide(stage.keys.reviewer, first, {
      verdict: 'approve',
      args: { amount: 60, to },
    });
    expect([up.status, up.body.tier, up.body.status]).toEqual([200, 'high', 'approved']);
    const third = await wire(1, to);
    expect(third.why[0]?.exceeded).toMatchObject([{ total: 111, over: 100 }]);
  });

  test('an edit changes the share, and one that takes less asks for nothing more', async () => {
    const to = newCustomer();
    const first = await wire(90, to);
    await wire(5, to);
    const down = await stage.decide(stage.keys.reviewer, first, {
      verdict: 'approve',
      args: { amount: 10, to },
    });
    expect([down.status, down.body.tier]).toEqual([200, 'medium']);
    expect((await wire(85, to)).tier).toBe('medium');
    expect((await wire(1, to)).why[0]?.exceeded).toMatchObject([{ total: 101 }]);
  });

  test('an edit to another value of `per` moves the share there', async () => {
    const [here, there] = [newCustomer(), newCustomer()];
    const first = await wire(100, here);
    await stage.decide(stage.keys.reviewer, first, { verdict: 'approve', args: { amount: 100, to: there } });
    expect((await wire(100, here)).tier).toBe('medium');
    expect((await wire(1, there)).tier).toBe('high');
  });

  test('the preview of an edit counts too', async () => {
    const to = newCustomer();
    const first = await wire(10, to);
    const { body } = await stage.call<{ tier: string }>(
      stage.keys.reviewer,
      'POST',
      `/v1/requests/${first.id}/decision/preview`,
      { args: { amount: 101, to } },
    );
    expect(body.tier).toBe('high');
  });
});

describe('in Redis', () => {
  test('no value of a call stands in a key, and a counter goes when its window is over', async () => {
    const customer = newCustomer();
    allowed(await refund(0.1, customer));
    const keys = await stage.redis.keys('*tally*');
    expect(keys.filter((key) => key.includes(customer))).toEqual([]);
    for (const key of keys) {
      const left = await stage.redis.pttl(key);
      expect(left).toBeGreaterThan(3_600_000);
      expect(left).toBeLessThanOrEqual(3_720_000);
    }
  });
});
