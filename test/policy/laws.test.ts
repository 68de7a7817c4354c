import {
  type Effect,
  evaluate,
  loadPolicySet,
  NO_TERMS,
  type PolicyAction,
  type PolicyAnswer,
  type PolicySet,
  strengthen,
  type Terms,
} from '@countersign/shared/policy';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

const STRENGTH: Effect[] = ['allow', 'review_after', 'approval_required', 'deny'];
const TIERS = ['low', 'medium', 'high', 'critical'] as const;

/** A small world, so that rules meet: three tools, two agents, arguments that are often missing or odd. */
const tools = ['pay.out', 'pay.in', 'read'];
const agents = ['alpha', 'beta'];

const condition = fc.constantFrom<string[]>(
  'true',
  'false',
  'param.amount > 50',
  'not param.amount > 50',
  'param.flag',
  'param.flag or param.amount == 1',
  'has(param.amount) and param.amount < 10',
  'context.admin',
  'not context.admin and param.to in ["ann", "bo"]',
  'startswith(param.to, "a")',
  'len(param.list) > 1',
  'param.amount / param.by > 2',
);

const rule = fc.record(
  {
    effect: fc.constantFrom(...STRENGTH),
    agents: fc.uniqueArray(fc.constantFrom(...agents, '*a'), { minLength: 1 }),
    tools: fc.uniqueArray(fc.constantFrom(...tools, 'pay.*', '*'), { minLength: 1 }),
    when: condition,
    tier: fc.constantFrom(...TIERS),
    reviewers: fc.uniqueArray(fc.constantFrom('finance', 'oncall'), { minLength: 1 }),
    quorum: fc.integer({ min: 1, max: 3 }),
    timeout: fc.constantFrom('1m', '1h', 'never'),
    hold: fc.constantFrom('0s', '5s', '10s'),
    on_rejection: fc.constantFrom('fail', 'continue'),
    friction: fc.constantFrom('none', 'acknowledge', { retype: ['amount'] }, { acknowledge: ['to'] }),
    editable: fc.uniqueArray(fc.constantFrom('amount', 'to', 'note')),
    message: fc.constantFrom('One.', 'Two.'),
    requires: fc.uniqueArray(fc.constantFrom('reason', 'links')),
  },
  { requiredKeys: ['effect'] },
);
type WrittenRule = typeof rule extends fc.Arbitrary<infer T> ? T : never;

const rules = fc.array(rule, { maxLength: 6 });
const file = fc.record({ rules, default: fc.constantFrom(...STRENGTH) });
type Policy = { rules: WrittenRule[]; default: Effect };

const action: fc.Arbitrary<PolicyAction> = fc.record(
  {
    agent: fc.constantFrom(...agents),
    tool: fc.constantFrom(...tools, 'other'),
    args: fc.record(
      {
        amount: fc.oneof(fc.constantFrom(0, 1, 9, 51, 5000), fc.jsonValue()),
        flag: fc.oneof(fc.boolean(), fc.jsonValue()),
        to: fc.oneof(fc.constantFrom('ann', 'bo', 'zed'), fc.jsonValue()),
        list: fc.oneof(fc.constant([1, 2]), fc.jsonValue()),
        by: fc.constantFrom(0, 1, 2),
      },
      { requiredKeys: [] },
    ) as fc.Arbitrary<PolicyAction['args']>,
    context: fc.record({ admin: fc.boolean() }, { requiredKeys: [] }),
    run_id: fc.constant('run'),
  },
  { requiredKeys: ['agent', 'tool', 'args'] },
);

/** JSON is YAML. Rules are named by their position in `names`, so that a shuffled policy keeps its names. */
function load(policy: Policy, names: number[] = policy.rules.map((_, index) => index)): PolicySet {
  const written = {
    version: 1,
    default: policy.default,
    rules: policy.rules.map((body, index) => ({ name: `r${names[index]}`, ...body })),
  };
  const loaded = loadPolicySet([{ path: 'p.yaml', text: JSON.stringify(written) }]);
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  return loaded.set;
}

/** What each rule says by itself: its answer where it matches, undefined where it does not. */
function alone(policy: Policy, call: PolicyAction): (PolicyAnswer | undefined)[] {
  return policy.rules.map((body) => {
    const answer = evaluate(load({ rules: [body], default: 'allow' }), call);
    return answer.rules[0]?.name === 'default' ? undefined : answer;
  });
}

const strongest = (effects: Effect[]): Effect =>
  effects.reduce((a, b) => (STRENGTH.indexOf(a) >= STRENGTH.indexOf(b) ? a : b), 'allow');

/** Lists whose order says nothing, in one order. */
function unordered(answer: PolicyAnswer): unknown {
  const sorted = (values: unknown[]): unknown[] => values.map((value) => JSON.stringify(value)).sort();
  const { terms } = answer;
  return {
    ...answer,
    policy_digest: '',
    rules: sorted(answer.rules),
    messages: sorted(answer.messages),
    requires: sorted(answer.requires),
    terms: unorderedTerms(terms),
  };
}

function unorderedTerms(terms: Terms): unknown {
  const sorted = (values: unknown[]): unknown[] => values.map((value) => JSON.stringify(value)).sort();
  return {
    ...terms,
    requirements: sorted(terms.requirements),
    editable: terms.editable && sorted(terms.editable),
    friction: { ...terms.friction, paths: sorted(terms.friction.paths) },
  };
}

describe('law 3', () => {
  test('law 3: an error in a condition sends the call to a human, unless a rule denies it anyway', () => {
    let errors = 0;
    fc.assert(
      fc.property(file, action, (policy, call) => {
        const answer = evaluate(load(policy), call);
        const failed = alone(policy, call).some((one) => one?.rules[0]?.error !== undefined);
        if (!failed) return;
        errors++;
        expect(['approval_required', 'deny']).toContain(answer.effect);
      }),
      { numRuns: 300 },
    );
    expect(errors).toBeGreaterThan(30);
  });

  test('law 3: a rule that fails says so in the answer, with everything it asks for', () => {
    fc.assert(
      fc.property(rule, action, (body, call) => {
        const answer = evaluate(
          load({
            rules: [{ ...body, when: 'param.gone > 1', tools: ['*'], agents: ['*'] }],
            default: 'allow',
          }),
          call,
        );
        expect(answer.effect).toBe('approval_required');
        expect(answer.rules).toMatchObject([{ name: 'r0', error: '`param.gone` is missing' }]);
        expect(answer.terms.tier).toBe(body.tier ?? 'medium');
      }),
    );
  });

  test('law 3: whatever the arguments, evaluation answers and does not throw', () => {
    const object = fc.dictionary(
      fc.oneof(fc.string(), fc.constantFrom('amount', 'to', '__proto__', 'constructor')),
      fc.jsonValue(),
    );
    fc.assert(
      fc.property(file, object, object, (policy, args, context) => {
        const call = { agent: 'alpha', tool: 'pay.out', args, context } as PolicyAction;
        expect(STRENGTH).toContain(evaluate(load(policy), call).effect);
      }),
    );
  });
});

describe('law 4', () => {
  test('law 4: deny beats approval_required beats review_after beats allow, and the answer names the rules that decided', () => {
    fc.assert(
      fc.property(file, action, (policy, call) => {
        const answer = evaluate(load(policy), call);
        const each = alone(policy, call);
        const effects = each.flatMap((one) => one?.effect ?? []);
        const expected = effects.length === 0 ? policy.default : strongest(effects);
        expect(answer.effect).toBe(expected);
        const deciding = each.flatMap((one, index) => (one?.effect === expected ? [`r${index}`] : []));
        expect(answer.rules.map(({ name }) => name)).toEqual(deciding.length === 0 ? ['default'] : deciding);
      }),
      { numRuns: 300 },
    );
  });

  test('law 4: the deciding rules combine, each one’s demands met', () => {
    fc.assert(
      fc.property(file, action, (policy, call) => {
        const answer = evaluate(load(policy), call);
        if (answer.effect === 'allow' || answer.rules[0]?.name === 'default') return;
        for (const { name } of answer.rules) {
          const index = Number(name.slice(1));
          const one = evaluate(
            load({ rules: policy.rules.slice(index, index + 1), default: 'allow' }, [index]),
            call,
          );
          expect(strengthen(answer.terms, one.terms).stricter).toBe(false);
          expect(answer.timeout_ms ?? Number.POSITIVE_INFINITY).toBeLessThanOrEqual(
            one.timeout_ms ?? Number.POSITIVE_INFINITY,
          );
          expect(answer.valid_for_ms).toBeLessThanOrEqual(one.valid_for_ms);
          expect(answer.messages).toEqual(expect.arrayContaining(one.messages));
          expect(answer.requires).toEqual(expect.arrayContaining(one.requires));
        }
      }),
      { numRuns: 300 },
    );
  });

  test('law 4: the order of rules decides nothing', () => {
    const shuffled = file.chain((policy) =>
      fc.tuple(
        fc.constant(policy),
        fc.shuffledSubarray(
          policy.rules.map((_, index) => index),
          { minLength: policy.rules.length },
        ),
      ),
    );
    fc.assert(
      fc.property(shuffled, action, ([policy, order], call) => {
        const other = { ...policy, rules: order.flatMap((index) => policy.rules[index] ?? []) };
        expect(unordered(evaluate(load(other, order), call))).toEqual(
          unordered(evaluate(load(policy), call)),
        );
      }),
    );
  });
});

describe('adding a rule', () => {
  const added = fc.record({ policy: file, extra: rule, call: action });

  test('never weakens the effect of rules that match', () => {
    fc.assert(
      fc.property(added, ({ policy, extra, call }) => {
        const before = evaluate(load(policy), call);
        // Where only the default spoke, a rule may well allow: that is what rules are for.
        if (before.rules[0]?.name === 'default') return;
        const after = evaluate(load({ ...policy, rules: [...policy.rules, extra] }), call);
        expect(STRENGTH.indexOf(after.effect)).toBeGreaterThanOrEqual(STRENGTH.indexOf(before.effect));
        // A stronger effect has rules of its own; with the same effect nothing that was asked is dropped.
        if (after.effect === before.effect)
          expect(strengthen(after.terms, before.terms).stricter).toBe(false);
      }),
      { numRuns: 300 },
    );
  });

  test('changes nothing for calls that it does not concern', () => {
    fc.assert(
      fc.property(added, ({ policy, extra, call }) => {
        const before = evaluate(load(policy), call);
        const after = evaluate(
          load({ ...policy, rules: [...policy.rules, { ...extra, tools: ['nothing.here'] }] }),
          call,
        );
        expect({ ...after, policy_digest: '' }).toEqual({ ...before, policy_digest: '' });
      }),
    );
  });
});

describe('law 14', () => {
  test('law 14: context that does not count reads as missing', () => {
    const set = load({ rules: [{ effect: 'allow', when: 'context.admin' }], default: 'deny' });
    const call = { agent: 'alpha', tool: 'pay.out', args: {} };
    expect(evaluate(set, { ...call, context: { admin: true } }).effect).toBe('allow');
    expect(evaluate(set, call)).toMatchObject({
      effect: 'approval_required',
      rules: [{ error: '`context.admin` is missing' }],
    });
  });
});

describe('law 7: what a request must satisfy only ever grows', () => {
  const requirement = fc.record({
    rule: fc.constantFrom('a', 'b'),
    slots: fc.array(
      fc.record({
        from: fc.option(fc.uniqueArray(fc.constantFrom('finance', 'oncall'), { minLength: 1 })),
        need: fc.integer({ min: 1, max: 2 }),
      }),
      { minLength: 1, maxLength: 2 },
    ),
  });
  const paths = fc.array(fc.constantFrom('amount', 'to', 'note'), { maxLength: 4 });
  const terms: fc.Arbitrary<Terms> = fc.record({
    tier: fc.constantFrom(...TIERS),
    requirements: fc.array(requirement, { maxLength: 3 }),
    hold_ms: fc.constantFrom(0, 5_000, 10_000),
    on_rejection: fc.constantFrom('fail', 'continue'),
    editable: fc.option(paths),
    friction: fc.record({ kind: fc.constantFrom('none', 'acknowledge', 'retype'), paths }),
  });
  const both = (a: Terms, b: Terms): Terms => strengthen(a, b).terms;

  test('law 7: strengthening twice changes nothing more', () => {
    fc.assert(
      fc.property(terms, terms, (a, b) => {
        const grown = both(a, b);
        expect(strengthen(grown, b)).toEqual({ terms: grown, stricter: false });
        expect(strengthen(grown, a)).toEqual({ terms: grown, stricter: false });
        expect(strengthen(a, a).stricter).toBe(false);
      }),
    );
  });

  test('law 7: nothing that either asks for is dropped', () => {
    fc.assert(
      fc.property(terms, terms, (a, b) => {
        const grown = both(a, b);
        for (const one of [a, b]) {
          expect(TIERS.indexOf(grown.tier)).toBeGreaterThanOrEqual(TIERS.indexOf(one.tier));
          expect(grown.hold_ms).toBeGreaterThanOrEqual(one.hold_ms);
          if (one.on_rejection === 'fail') expect(grown.on_rejection).toBe('fail');
          for (const field of grown.editable ?? []) expect(one.editable ?? [field]).toContain(field);
          if (one.editable !== null) expect(grown.editable).not.toBeNull();
          expect(grown.friction.paths).toEqual(expect.arrayContaining(one.friction.paths));
          const kinds = ['none', 'acknowledge', 'retype'];
          expect(kinds.indexOf(grown.friction.kind)).toBeGreaterThanOrEqual(kinds.indexOf(one.friction.kind));
          const groups = (of: Terms): string[] =>
            of.requirements.map(({ rule: name, slots }) =>
              JSON.stringify([
                name,
                slots.map(({ from, need }) => JSON.stringify([from?.toSorted(), need])).sort(),
              ]),
            );
          expect(groups(grown)).toEqual(expect.arrayContaining(groups(one)));
        }
      }),
    );
  });

  test('law 7: it does not matter which came first, or in what company', () => {
    const same = (a: Terms): unknown => {
      const reduced = both(a, a);
      const slots = (of: Terms['requirements']) =>
        of.map((one) => ({
          ...one,
          slots: one.slots
            .map(({ from, need }) => ({ from: from?.toSorted() ?? null, need }))
            .sort((x, y) => (JSON.stringify(x) < JSON.stringify(y) ? -1 : 1)),
        }));
      return unorderedTerms({ ...reduced, requirements: slots(reduced.requirements) });
    };
    fc.assert(
      fc.property(terms, terms, terms, (a, b, c) => {
        expect(same(both(a, b))).toEqual(same(both(b, a)));
        expect(same(both(both(a, b), c))).toEqual(same(both(a, both(b, c))));
        expect(same(both(a, NO_TERMS))).toEqual(same(a));
      }),
    );
  });

  test('law 7: `stricter` tells the truth', () => {
    fc.assert(
      fc.property(terms, terms, (a, b) => {
        const { terms: grown, stricter } = strengthen(a, b);
        expect(stricter).toBe(JSON.stringify(grown) !== JSON.stringify(both(a, a)));
      }),
    );
  });

  test('law 7: the same call under the same policy asks for nothing more', () => {
    fc.assert(
      fc.property(file, action, (policy, call) => {
        const first = evaluate(load(policy), call);
        expect(strengthen(first.terms, evaluate(load(policy), call).terms).stricter).toBe(false);
      }),
    );
  });
});
