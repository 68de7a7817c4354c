/** Shadow rules (A11): they say what they would have done, and no answer is ever another because of them. */
import { evaluate, type PolicySet } from '@countersign/shared/policy';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { loadPolicySet } from '../../shared/policy/index.ts';

function load(rules: object[], fallback = 'approval_required'): PolicySet {
  const text = JSON.stringify({ version: 1, default: fallback, rules });
  const loaded = loadPolicySet([{ path: 'a.yaml', text }]);
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  return loaded.set;
}

const effect = fc.constantFrom('allow', 'deny', 'approval_required', 'review_after');
const rule = fc.record({
  effect,
  tier: fc.constantFrom('low', 'medium', 'high', 'critical'),
  when: fc.constantFrom('param.a > 1', 'param.missing > 1', 'has(param.a)', 'not has(param.a)'),
});
const rules = (prefix: string) =>
  fc
    .array(rule, { maxLength: 4 })
    .map((some) => some.map((one, at) => ({ ...one, name: `${prefix}${at}`, hold: '10s' })));
const call = fc
  .record({ a: fc.integer({ min: 0, max: 3 }) })
  .map((args) => ({ agent: 'x', tool: 't', args }));

describe('a shadow rule', () => {
  test('never changes an answer', () => {
    fc.assert(
      fc.property(rules('real'), rules('shadow'), effect, call, (real, tried, fallback, action) => {
        const without = evaluate(load(real, fallback), action);
        const shadows = tried.map((one) => ({ ...one, shadow: true }));
        const { shadow: _said, ...answer } = evaluate(load([...shadows, ...real], fallback), action);
        expect({ ...answer, policy_digest: '' }).toEqual({ ...without, policy_digest: '' });
      }),
      { seed: 11, numRuns: 400 },
    );
  });

  test('says what the answer would be if it were in force', () => {
    fc.assert(
      fc.property(rules('real'), rules('shadow'), effect, call, (real, tried, fallback, action) => {
        const shadows = tried.map((one) => ({ ...one, shadow: true }));
        const { shadow, effect: given } = evaluate(load([...real, ...shadows], fallback), action);
        const inForce = evaluate(load([...real, ...tried], fallback), action);
        if (shadow === undefined) expect(inForce.effect).toBe(given);
        else expect(shadow).toMatchObject({ effect: inForce.effect, tier: inForce.terms.tier });
      }),
      { seed: 12, numRuns: 400 },
    );
  });

  test('whose condition can not be evaluated would ask a human', () => {
    const set = load([{ name: 'tried', when: 'param.b > 1', effect: 'allow', shadow: true }], 'allow');
    expect(evaluate(set, { agent: 'x', tool: 't', args: {} })).toMatchObject({
      effect: 'allow',
      shadow: { effect: 'approval_required', tier: 'medium', rules: ['tried'] },
    });
  });

  test('is written `shadow: true` or not at all', () => {
    const text = 'version: 1\nrules: [{ name: a, effect: deny, shadow: false }]';
    expect(loadPolicySet([{ path: 'a.yaml', text }])).toMatchObject({
      ok: false,
      problems: [{ code: 'invalid_value', message: 'Write `shadow: true`, or leave it out.' }],
    });
  });
});
