/** Trials: rules that ask less in the place of others, answered for by two people, until a day. */
import { evaluate, inForceAt, loadPolicySet } from '@countersign/shared/policy';
import { describe, expect, test } from 'vitest';

const END = Date.UTC(2026, 2, 1);
const asks = '{ name: refunds, tools: [refund], effect: approval_required, tier: high }';
const trial = (more = 'approved_by: [ann, bo]', rest = '') =>
  `{ name: tried, tools: [refund], when: param.amount > 50, effect: approval_required, instead_of: [refunds], otherwise: allow, expires: 2026-03-01, ${more} }${rest}`;

function read(rules: string) {
  return loadPolicySet([{ path: 'a.yaml', text: `version: 1\nrules: [${rules}]\n` }]);
}
function load(rules: string) {
  const loaded = read(rules);
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  return loaded.set;
}
const call = (args = {}) => ({ agent: 'x', tool: 'refund', args });
const effectOf = (set: ReturnType<typeof load>, args: object) => {
  const { effect, rules } = evaluate(set, call(args));
  return [effect, ...rules.map(({ name }) => name)];
};

describe('a trial in force', () => {
  const set = load(`${asks}, ${trial()}`);

  test('asks where its condition holds, lets the rest run, and sets aside what it stands in for', () => {
    expect(effectOf(set, { amount: 80 })).toEqual(['approval_required', 'tried']);
    expect(effectOf(set, { amount: 20 })).toEqual(['allow', 'tried']);
  });

  test('law 3: sets nothing aside where its condition has no answer', () => {
    expect(effectOf(set, {})).toEqual(['approval_required', 'refunds', 'tried']);
  });

  test('law 4: is no match for a denial, nor for another rule that asks', () => {
    const denies = load(`${asks}, ${trial()}, { name: never, tools: [refund], effect: deny }`);
    expect(effectOf(denies, { amount: 20 })).toEqual(['deny', 'never']);
    const also = load(`${asks}, ${trial()}, { name: also, tools: [refund], effect: approval_required }`);
    expect(effectOf(also, { amount: 20 })).toEqual(['approval_required', 'also']);
  });

  test('ends by itself: from then on all is as if it had never been written', () => {
    expect(inForceAt(set, END - 1)).toMatchObject({ set, until: END });
    const after = inForceAt(set, END);
    expect(effectOf(after.set, { amount: 20 })).toEqual(['approval_required', 'refunds']);
    expect([after.until, after.set.digest]).toEqual([Infinity, set.digest]);
    // A clock that went back is asked again.
    expect(inForceAt(set, END - 1).set).toBe(set);
  });
});

describe('a trial as a shadow', () => {
  test('needs nobody to answer for it, changes nothing, and says what it would loosen', () => {
    const set = load(`${asks}, ${trial('shadow: true')}`);
    expect(evaluate(set, call({ amount: 20 }))).toMatchObject({
      effect: 'approval_required',
      rules: [{ name: 'refunds' }],
      shadow: { effect: 'allow', rules: ['tried'] },
    });
    expect(evaluate(set, call({ amount: 80 })).shadow).toMatchObject({ effect: 'approval_required' });
  });
});

describe('a trial is refused', () => {
  test.each([
    ['with one person to answer for it', trial('approved_by: [ann]'), 'loosening_alone'],
    ['with the same person twice', trial('approved_by: [ann, ann]'), 'loosening_alone'],
    ['without an end', trial().replace('expires: 2026-03-01, ', ''), 'trial_incomplete'],
    ['without `otherwise`', trial().replace('otherwise: allow, ', ''), 'trial_incomplete'],
    ['without a condition', trial().replace('when: param.amount > 50, ', ''), 'trial_incomplete'],
    ['in the place of nothing known', trial().replace('[refunds]', '[refund]'), 'trial_incomplete'],
    [
      'that allows where its condition holds',
      trial().replace('approval_required', 'allow'),
      'trial_incomplete',
    ],
    ['that otherwise denies', trial().replace('otherwise: allow', 'otherwise: deny'), 'invalid_value'],
    ['that ends on no day', trial().replace('2026-03-01', '2026-13-01'), 'invalid_value'],
  ])('%s', (_, rule, code) => {
    expect(read(`${asks}, ${rule}`)).toMatchObject({ ok: false, problems: [{ code }] });
  });

  test('in the place of a rule that denies', () => {
    const denies = asks.replace('approval_required', 'deny');
    expect(read(`${denies}, ${trial()}`)).toMatchObject({
      ok: false,
      problems: [{ code: 'trial_incomplete', message: expect.stringContaining('nothing stands in') }],
    });
  });
});
