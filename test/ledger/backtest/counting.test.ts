/** Limits in a simulation, against a count that adds everything up anew for each call. */
import { evaluate } from '@countersign/shared/policy';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openCounting } from '../../../services/ledger/backtest/counting.ts';
import type { Recorded } from '../../../services/ledger/backtest/recorded.ts';
import { policyOf } from './made.ts';

const set = policyOf(`
version: 1
default: allow
rules:
  - name: refunds
    effect: allow
    limits:
      - { sum: param.amount, per: param.who, window: 10s, over: 100 }
      - { count: true, window: 5s, over: 3, tier: high }
  - { name: never, when: param.amount > 90, effect: deny }
`);

type Call = { after: number; who: string; amount: number; back: number | undefined };
const calls = fc.array(
  fc.record({
    after: fc.integer({ min: 0, max: 4_000 }),
    who: fc.constantFrom('kim', 'lou'),
    amount: fc.integer({ min: 0, max: 100 }),
    back: fc.option(fc.integer({ min: 0, max: 6_000 }), { nil: undefined }),
  }),
  { maxLength: 40 },
);

/** What counts, kept whole and added up each time. */
function naive(all: readonly Call[]) {
  const kept: { at: number; who: string; amount: number; back: number }[] = [];
  let at = 0;
  return all.map(({ after, who, amount, back }) => {
    at += after;
    const now = at;
    const live = (window: number) => kept.filter((one) => one.at > now - window && one.back > now);
    const sum = live(10_000).reduce((total, one) => total + (one.who === who ? one.amount : 0), amount);
    const count = live(5_000).length + 1;
    const over = sum > 100 || count > 3;
    const effect = amount > 90 ? 'deny' : over ? 'approval_required' : 'allow';
    if (effect !== 'deny')
      kept.push({ at, who, amount, back: over && back !== undefined ? at + back : Infinity });
    return [sum, count, effect];
  });
}

test('a simulation counts as a count of everything does', () => {
  fc.assert(
    fc.property(calls, (all) => {
      const counting = openCounting(set);
      let at = 0;
      const counted = all.map(({ after, who, amount, back }) => {
        at += after;
        const call = { agent: 'shop', tool: 'refund', args: { who, amount } };
        const readings = counting?.read(call, at);
        const answer = evaluate(set, call, readings);
        const action = { ...(back === undefined ? {} : { given_back: at + back }) } as Recorded;
        counting?.take(answer, action);
        const totals = (readings?.refunds ?? []).map((one) => (one && 'total' in one ? one.total : null));
        return [...totals, answer.effect];
      });
      expect(counted).toEqual(naive(all));
    }),
    { seed: 4, numRuns: 300 },
  );
});

test('a policy without limits counts nothing', () => {
  expect(openCounting(policyOf('version: 1\nrules: []\n'))).toBeUndefined();
});
