/** Suggestions: found on the earlier half, tested on the later, and none where the log does not bear one. */
import { afterAll, describe, expect, test } from 'vitest';
import { chanceOfHits, highestShare, lowestShare } from '../../../services/ledger/backtest/chance.ts';
import { featuresOf } from '../../../services/ledger/backtest/features.ts';
import { suggest } from '../../../services/ledger/backtest/run.ts';
import { fitThreshold, roundNumbers } from '../../../services/ledger/backtest/threshold.ts';
import { evaluate, loadPolicySet } from '../../../shared/policy/index.ts';
import { countersign } from '../../support/terminal.ts';
import { type Made, type MadeLog, sealedOf } from './made.ts';

const open: MadeLog[] = [];
afterAll(async () => {
  for (const { remove } of open) await remove();
});
async function logOf(all: readonly Made[]): Promise<MadeLog> {
  const made = await sealedOf(all);
  open.push(made);
  return made;
}
const options = { now: Date.UTC(2026, 1, 1), lotOf: (id: string) => id };
const suggestions = async (all: readonly Made[], more = {}) =>
  suggest((await logOf(all)).log, { ...options, ...more });

/** Refunds of 1 to 100, the eighth part of those above 50 rejected, over and over. */
const refunds = (count: number, rejects = (n: number) => n % 100 > 50 && n % 8 === 0): Made[] =>
  Array.from({ length: count }, (_, n) => ({
    id: `r${String(n).padStart(5, '0')}`,
    args: { amount: (n % 100) + 1, note: 'x' },
    verdict: rejects(n) ? 'reject' : 'approve',
  }));

describe('a threshold that the log bears out', () => {
  test('comes with both denominators, the bound, and a shadow rule that expires', async () => {
    const { suggestions: found, others } = await suggestions(refunds(800));
    expect(others).toEqual([]);
    const [one] = found;
    expect(one).toMatchObject({
      tool: 'refund',
      kind: 'loosen',
      condition: 'param.amount > 50',
      borne_out: true,
    });
    // Counted by hand: of n = 400…799, those with n % 100 ≥ 50, and of them the rejected ones.
    const later = Array.from({ length: 400 }, (_, n) => n + 400);
    const wrong = later.filter((n) => n % 100 > 50 && n % 8 === 0).length;
    expect(one?.test).toMatchObject({
      gates: { k: 200, n: 400 },
      includes: { k: wrong, n: wrong },
      faults: [{ fault: 'rejected', k: wrong, n: wrong }],
      skips: { calls: 200, judged: 200, faulty: 0 },
    });
    expect(one?.test.low).toBeCloseTo(0.05 ** (1 / wrong), 10);
    expect(one?.test.skips.bound).toBeCloseTo(1 - 0.05 ** (1 / 200), 10);
    expect(one?.rule).toBe(`- name: suggested-refund-param.amount-50
  tools:
    - refund
  when: param.amount > 50
  effect: approval_required
  instead_of:
    - then
  otherwise: review_after
  review:
    sample: 0.1
  expires: 2026-03-03
  shadow: true
`);
    const text = `version: 1\nrules:\n  - { name: then, tools: [refund], effect: approval_required }\n${one?.rule?.replaceAll(/^/gm, '  ')}`;
    const loaded = loadPolicySet([{ path: 'a.yaml', text }]);
    if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
    const call = { agent: 'shop', tool: 'refund', args: { amount: 20 } };
    expect(evaluate(loaded.set, call)).toMatchObject({
      effect: 'approval_required',
      shadow: { effect: 'review_after' },
    });
  });

  test('asks more where calls that ran unasked failed', async () => {
    const ran = refunds(400).map(({ verdict, ...made }): Made => {
      return { ...made, was: 'allow', ...(verdict === 'reject' ? { after: 'failed' } : {}) };
    });
    const { suggestions: found } = await suggestions(ran);
    expect(found).toMatchObject([{ kind: 'tighten', condition: 'param.amount > 50', borne_out: true }]);
    expect(found[0]?.rule).not.toMatch(/otherwise|instead_of|expires/);
  });

  test('is no rule where only the earlier half has it', async () => {
    const { suggestions: found } = await suggestions(
      refunds(800, (n) => (n < 400 ? n % 100 > 50 && n % 8 === 0 : n % 9 === 0)),
    );
    expect(found).toMatchObject([{ borne_out: false }]);
    expect(found[0]).not.toHaveProperty('rule');
    expect(found[0]?.sentence).toMatch(/does not bear it out\.$/);
  });
});

describe('nothing is suggested', () => {
  test('where nothing is known to have been wrong: an audit of 59 is', async () => {
    const { suggestions: found, others } = await suggestions(refunds(300, () => false));
    expect(found).toEqual([]);
    expect(others).toMatchObject([{ because: 'no_faults', calls: 300, judged: 300, reading: 'unknown' }]);
    expect(others[0]?.audit).toHaveLength(59);
    expect(others[0]?.sentence).toMatch(/Look at 59, drawn by chance/);
  });

  test('of few calls', async () => {
    expect((await suggestions(refunds(90))).others).toMatchObject([{ because: 'too_few', audit: [] }]);
  });

  test('where rejections fall as luck has it', async () => {
    const { others } = await suggestions(refunds(800, (n) => n % 7 === 0));
    expect(others).toMatchObject([{ because: 'no_threshold', faulty: 115 }]);
  });

  test('from planted tests; they say whether approvals are read', async () => {
    const planted = (caught: number) =>
      refunds(60, (n) => n < caught).map((made): Made => ({ ...made, id: `p${made.id}`, planted: true }));
    const approved = refunds(300, () => false);
    const reading = async (caught: number) =>
      (await suggestions([...approved, ...planted(caught)])).others[0]?.reading;
    expect(await reading(58)).toBe('mis_tiered');
    expect(await reading(20)).toBe('rubber_stamped');
    const { others, left_out } = await suggestions([...approved, ...planted(10).slice(0, 5)]);
    expect([others[0]?.reading, left_out.planted, others[0]?.faulty]).toEqual(['unknown', 5, 0]);
  });
});

test('luck finds a threshold in at most one of twenty histories', () => {
  let state = 7;
  const random = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  const found = Array.from({ length: 400 }, () =>
    fitThreshold(
      Array.from({ length: 60 }, () => ({
        features: new Map([
          ['param.a', random() * 1_000],
          ['param.b', random() * 5],
        ]),
        faulty: random() < 0.2,
      })),
    ),
  ).filter((fit) => fit.found).length;
  expect(found / 400).toBeLessThan(0.05);
});

test('values are what a condition can name, and thresholds are round', () => {
  const features = featuresOf({
    amount: 5,
    to: { limit: 2.5 },
    items: [{ price: 2 }, { price: 3 }],
    tags: ['a'],
    'odd name': 1,
    text: 'x',
  });
  expect(Object.fromEntries(features)).toEqual({
    'param.amount': 5,
    'param.to.limit': 2.5,
    'len(param.items)': 2,
    'sum(param.items, "price")': 5,
    'len(param.tags)': 1,
  });
  expect(roundNumbers(0, 30)).toEqual([0, 1, 2, 5, 10, 20]);
  expect(roundNumbers(40, 700)).toEqual([50, 100, 200, 500]);
});

test('exact chances are those of the books', () => {
  // Fisher's lady: eight cups, four with milk first, all four found.
  expect(chanceOfHits(4, 4, 4, 8)).toBeCloseTo(1 / 70, 12);
  expect(lowestShare(7, 7, 0.05)).toBeCloseTo(0.05 ** (1 / 7), 12);
  expect(highestShare(0, 59, 0.05)).toBeCloseTo(0.0495, 4);
  expect([lowestShare(0, 5, 0.05), highestShare(0, 0, 0.05)]).toEqual([0, 1]);
});

test('the command line says it in words, or as a diff that adds a file', async () => {
  const { folder } = await logOf(refunds(400));
  const said = await countersign(['policy', 'suggest', '--history', folder]);
  expect(said.out).toMatch(/^refund: ask less, where param\.amount > 50 \(the best of \d+ thresholds\)$/m);
  expect(said.out).toMatch(/gates 100 of 200 calls of the later half/);
  const diff = await countersign(['policy', 'suggest', '--history', folder, '--diff', 'team/policies/']);
  expect(diff.out).toMatch(
    /^diff --git a\/(team\/policies\/suggested-[\d-]+\.yaml) b\/\1\nnew file mode 100644\n--- \/dev\/null\n\+\+\+ b\/\1\n@@ -0,0 \+1,14 @@\n\+version: 1\n\+rules:\n\+ {2}- name: suggested-refund/,
  );
  const none = await logOf(refunds(40));
  expect((await countersign(['policy', 'suggest', '--history', none.folder, '--diff'])).code).toBe(1);
});
