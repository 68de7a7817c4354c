/** Limits over time (A8) under races, at the edge of a window and in any life: exact, whoever proposes at once. */
import type { JsonObject, Proposed } from '@countersign/shared/contracts';
import { workspaceKeys } from '@countersign/shared/keys';
import { describe, expect, test } from 'vitest';
import { type Answer, callerOf, type TestIntake } from '../support/intake.ts';
import { startLossyFront } from '../support/lossy-front.ts';
import { type Arena, arenaPerTest, decide } from './arena.ts';
import { limitViolations } from './limit-violations.ts';
import { takeSnapshot } from './snapshot.ts';

const hour = 3_600_000;
const limit = 120_000;
const notes = (over: number, window = '1h') => `version: 1
rules:
  - { name: notes, tools: ['*'], effect: allow, limits: [{ count: true, per: param.to, window: ${window}, over: ${over} }] }
`;

const openFor = arenaPerTest();

const proposeTo = ({ call, keys }: TestIntake, args: JsonObject): Promise<Answer<Proposed>> =>
  call(keys.agent, 'POST', '/v1/requests', { agent: 'tester', tool: 'note', args });

/** So many proposals at once, half of them to each intake. */
const burst = ({ left, right }: Arena, count: number) =>
  Promise.all(
    Array.from({ length: count }, (_, n) => proposeTo(n % 2 === 0 ? left : right, { to: 'kim', n })),
  );

/** Bursts, one after the other; what waits of one is withdrawn before the next, so that it takes nothing. */
async function askAndCancel(here: Arena, bursts: number, count: number): Promise<void> {
  const { left } = here;
  for (let n = 0; n < bursts; n++) {
    const answers = await burst(here, count);
    await Promise.all(
      answers.map(({ body }) =>
        body.decision === 'approval_required'
          ? left.call(left.keys.agent, 'POST', `/v1/requests/${body.request.id}/cancel`, {})
          : undefined,
      ),
    );
  }
}

const counted = (answers: Answer<Proposed>[]): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const { body, code } of answers) {
    const what = code ?? body.decision;
    counts[what] = (counts[what] ?? 0) + 1;
  }
  return counts;
};

async function expectKept({ redis, inspect }: Arena, over: number, window = hour): Promise<void> {
  expect((await inspect()).violations).toEqual([]);
  expect(limitViolations(await takeSnapshot(redis), over, window)).toEqual([]);
}

describe('races', () => {
  test.each([1, 10, 63, 64])(
    'of 64 proposals at once over two intakes, %i are let through and the others wait',
    { timeout: limit },
    async (over) => {
      const here = await openFor(notes(over));
      const answers = counted(await burst(here, 64));
      expect(answers).toEqual(over === 64 ? { allow: 64 } : { allow: over, approval_required: 64 - over });
      await expectKept(here, over);
    },
  );

  test('what is given back while others propose is let through again, and no more', {
    timeout: limit,
  }, async () => {
    const here = await openFor(notes(10));
    const { left, right, redis } = here;
    const first = await burst(here, 12);
    const allowed = first.flatMap(({ body }) => (body.decision === 'allow' ? [body.request_id] : []));
    const waiting = first.flatMap(({ body }) =>
      body.decision === 'approval_required' ? [body.request] : [],
    );
    await Promise.all([
      ...allowed.map((id, n) =>
        (n % 2 === 0 ? left : right).call(left.keys.lead, 'POST', `/v1/requests/${id}/revoke`, {}),
      ),
      ...waiting.map((request) => decide(right, here.ann, request, 'reject')),
      askAndCancel(here, 8, 16),
    ]);
    await expectKept(here, 10);
    const { members, sum } = await tallyOf(here);
    expect(sum).toBe(members.reduce((total, member) => total + Number.parseInt(member, 10), 0));
    expect(await redis.zcard(workspaceKeys('default').index('status', 'approved'))).toBeGreaterThan(10);
  });

  test('at the edge of a window, no call is let through early and none is asked late', {
    timeout: limit,
  }, async () => {
    const window = 400;
    const here = await openFor(notes(5, `${window}ms`));
    // Until the feed has seen several windows go by under load.
    const started = Date.now();
    while (Date.now() - started < 5 * window) await askAndCancel(here, 1, 8);
    await expectKept(here, 5, window);
    const { feed } = await takeSnapshot(here.redis);
    const allowed = feed.filter(({ type }) => type === 'action.allowed');
    const span = (allowed.at(-1)?.at ?? 0) - (allowed[0]?.at ?? 0);
    expect(allowed.length).toBeGreaterThan(5);
    expect(allowed.length).toBeLessThanOrEqual(5 * (Math.floor(span / window) + 1));
  });
});

test('law 9: calls whose answers are lost are repeated under their keys, and each counts once', {
  timeout: limit,
}, async () => {
  const here = await openFor(notes(10));
  const { left } = here;
  const front = await startLossyFront(left.url, 0.5);
  try {
    const call = callerOf(front.url);
    const answers = await Promise.all(
      Array.from({ length: 24 }, async (_, n): Promise<Answer<Proposed>> => {
        const body = { agent: 'tester', tool: 'note', args: { to: 'kim', n } };
        for (;;) {
          const key = { 'idempotency-key': `lost ${n}` };
          const answer = await call<Proposed>(left.keys.agent, 'POST', '/v1/requests', body, key).catch(
            () => undefined,
          );
          if (answer !== undefined) return answer;
        }
      }),
    );
    expect(front.lost()).toBeGreaterThan(5);
    expect(counted(answers)).toEqual({ allow: 10, approval_required: 14 });
    await expectKept(here, 10);
    expect((await tallyOf(here)).members).toHaveLength(24);
  } finally {
    await front.stop();
  }
});

/** The only counter there is. */
async function tallyOf({ redis }: Arena): Promise<{ members: string[]; sum: number }> {
  const keys = (await redis.keys('*:tally:*')).filter((key) => !key.endsWith(':sum'));
  expect(keys).toHaveLength(1);
  const [key = ''] = keys;
  return { members: await redis.zrange(key, '0', '-1'), sum: Number(await redis.get(`${key}:sum`)) };
}
