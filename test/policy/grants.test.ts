import {
  evaluate,
  likeness,
  loadPolicySet,
  type PolicyAction,
  type PolicySet,
} from '@countersign/shared/policy';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

function setOf(text: string): PolicySet {
  const loaded = loadPolicySet([{ path: 'p.yaml', text }]);
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  return loaded.set;
}

/** `line:column code: message` of every problem. */
function problemsOf(text: string): string[] {
  const loaded = loadPolicySet([{ path: 'p.yaml', text }]);
  if (loaded.ok) throw new Error('it loads');
  return loaded.problems.map(({ line, column, code, message }) => `${line}:${column} ${code}: ${message}`);
}

const asks = (rest: string, head = ''): string =>
  `version: 1\n${head}rules:\n  - { name: notes, tools: [notes.add], effect: approval_required, ${rest} }\n`;

const call = (more: Partial<PolicyAction> = {}): PolicyAction => ({
  agent: 'writer',
  tool: 'notes.add',
  args: { to: 'kim', text: 'Hello' },
  ...more,
});

describe('what a rule lets be granted', () => {
  test('is what it says, and likeness means the same arguments where it names no path', () => {
    const { grants } = evaluate(setOf(asks('grants: { calls: 5, for: 1h }')), call());
    expect(grants).toEqual({ calls: 5, for_ms: 3_600_000, per: null });
  });

  test('is nothing where it says nothing', () => {
    expect(evaluate(setOf(asks('tier: low')), call())).not.toHaveProperty('grants');
  });

  test('goes by the paths that it names, where the call has a value at each', () => {
    const set = setOf(asks('grants: { calls: 5, for: 1h, per: [param.to, context.customer] }'));
    expect(evaluate(set, call()).grants).toBeUndefined();
    expect(evaluate(set, call({ context: { customer: 7 } })).grants?.per).toEqual([
      'param.to',
      'context.customer',
    ]);
  });

  test('is the least of what every rule that asks lets be granted', () => {
    const set = setOf(`
version: 1
rules:
  - { name: a, effect: approval_required, grants: { calls: 5, for: 1h, per: [param.to] } }
  - { name: b, effect: approval_required, grants: { calls: 9, for: 10m, per: [param.text] } }
  - { name: c, tools: [notes.exact], effect: approval_required, grants: { calls: 9, for: 1h } }
  - { name: d, tools: [notes.never], effect: approval_required }
`);
    expect(evaluate(set, call()).grants).toEqual({
      calls: 5,
      for_ms: 600_000,
      per: ['param.to', 'param.text'],
    });
    expect(evaluate(set, call({ tool: 'notes.exact' })).grants?.per).toBeNull();
    expect(evaluate(set, call({ tool: 'notes.never' })).grants).toBeUndefined();
  });

  test('law 3: is nothing where a condition could not be evaluated', () => {
    const set = setOf(asks('when: param.gone > 1, grants: { calls: 5, for: 1h }'));
    expect(evaluate(set, call())).toMatchObject({ effect: 'approval_required' });
    expect(evaluate(set, call()).grants).toBeUndefined();
  });

  test('is nothing where a limit was passed', () => {
    const set = setOf(asks('grants: { calls: 5, for: 1h }, limits: [{ count: true, window: 1h, over: 2 }]'));
    expect(evaluate(set, call(), { notes: [{ total: 3 }] }).grants).toBeUndefined();
    expect(evaluate(set, call(), { notes: [{ total: 2 }] }).grants).toBeDefined();
  });
});

describe('what is never granted', () => {
  test.each([
    ['a tier that is high', 'tier: high', '', 'its tier is high'],
    ['a tier that is critical', 'tier: critical', '', 'its tier is critical'],
    ['a quorum', 'quorum: 2', '', 'more than one person has to approve it'],
    ['a hold', 'hold: 5s', '', 'its approval is held'],
    ['a hold of its tier', 'tier: low', 'tiers: { low: { hold: 5s } }\n', 'its approval is held'],
    ['friction', 'friction: acknowledge', '', 'its values have to be confirmed'],
  ])('%s: the policy does not load', (_, rest, head, why) => {
    const [problem] = problemsOf(asks(`${rest}, grants: { calls: 5, for: 1h }`, head));
    expect(problem).toContain(`grant_unsafe: Nothing can be granted under this rule: ${why}.`);
  });

  test('what is no approval has nothing to grant', () => {
    const text = 'version: 1\nrules:\n  - { name: a, effect: deny, grants: { calls: 1, for: 1h } }\n';
    expect(problemsOf(text)).toEqual([
      expect.stringMatching(/^3:38 grant_unsafe: .* its effect is deny, and a grant goes with an approval/),
    ]);
  });

  test.each([
    ['can not be taken back', '{ reversible: false }'],
    ['is secret', '{ sensitivity: secret }'],
    ['is a credential', '{ sensitivity: Credentials }'],
  ])('a tool that %s: the policy does not load where a rule names it', (_, facts) => {
    const rule = 'grants: { calls: 5, for: 1h }';
    expect(problemsOf(asks(rule, `tools: { notes.add: ${facts} }\n`))).toEqual([
      expect.stringContaining('grant_unsafe: Nothing can be granted under this rule: of notes.add, '),
    ]);
    expect(problemsOf(asks(rule, `tools: { "notes.*": ${facts} }\n`))).toHaveLength(1);
  });

  test('a tool that a pattern happens to cover: nothing is offered for it, and the others keep theirs', () => {
    const set = setOf(`
version: 1
tools: { notes.wipe: { reversible: false } }
rules:
  - { name: a, tools: ["notes.*"], effect: approval_required, grants: { calls: 5, for: 1h } }
`);
    expect(evaluate(set, call({ tool: 'notes.wipe' })).grants).toBeUndefined();
    expect(evaluate(set, call()).grants).toBeDefined();
  });

  test('more than 50 calls, more than a day, likeness in nothing, a path without its root', () => {
    const wrong = (grants: string) => problemsOf(asks(`grants: ${grants}`))[0];
    expect(wrong('{ calls: 51, for: 1h }')).toContain('At most 50 calls.');
    expect(wrong('{ calls: 0, for: 1h }')).toContain('Grant at least one call.');
    expect(wrong('{ calls: 5, for: 25h }')).toContain('A grant lasts 24h at most.');
    expect(wrong('{ calls: 5, for: never }')).toContain('invalid_value');
    expect(wrong('{ calls: 5, for: 1h, per: [] }')).toContain('leave `per` out');
    expect(wrong('{ calls: 5, for: 1h, per: [to] }')).toContain('Write a path such as param.to');
    expect(wrong('{ calls: 5 }')).toContain('missing_key');
  });
});

describe('laws', () => {
  const effects = ['allow', 'review_after', 'approval_required', 'deny'] as const;
  const covers = fc.constantFrom(['notes.*'], ['*'], ['files.*']);
  const when = fc.constantFrom('true', 'param.n > 1', 'context.ok', 'false', 'param.gone');
  const granting = fc.record({
    effect: fc.constant('approval_required' as const),
    tools: covers,
    when,
    tier: fc.constantFrom('low', 'medium'),
    grants: fc.record({ calls: fc.integer({ min: 1, max: 50 }), for: fc.constantFrom('1m', '24h') }),
  });
  const other = fc.record({
    effect: fc.constantFrom(...effects),
    tools: covers,
    when,
    tier: fc.constantFrom('low', 'medium', 'high', 'critical'),
    quorum: fc.constantFrom(1, 2),
    hold: fc.constantFrom('0s', '5s'),
  });
  const rule: fc.Arbitrary<Record<string, unknown> & { grants?: { calls: number } }> = fc.oneof(
    { weight: 3, arbitrary: granting },
    { weight: 1, arbitrary: other },
  );
  const facts = fc.record(
    {
      reversible: fc.constantFrom(true, true, false),
      sensitivity: fc.constantFrom('personal', 'personal', 'secret'),
    },
    { requiredKeys: [] },
  );

  test('law 4: nothing is offered beside a denial, on a high tier, or for what is destructive or secret, however rules combine', () => {
    let offered = 0;
    fc.assert(
      fc.property(
        fc.array(rule, { maxLength: 4 }),
        facts,
        fc.integer({ min: 0, max: 3 }),
        (rules, tool, n) => {
          const named = rules.map((body, index) => ({ name: `r${index}`, ...body }));
          const text = JSON.stringify({
            version: 1,
            default: 'allow',
            tools: { 'notes.add': tool },
            rules: named,
          });
          const loaded = loadPolicySet([{ path: 'p.yaml', text }]);
          if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
          const answer = evaluate(loaded.set, call({ args: { n }, context: { ok: true } }));
          if (answer.grants === undefined) return;
          offered++;
          expect(answer.effect).toBe('approval_required');
          expect(['low', 'medium']).toContain(answer.terms.tier);
          expect(answer.terms).toMatchObject({ hold_ms: 0, friction: { kind: 'none' } });
          expect(answer.rules.every(({ error }) => error === undefined)).toBe(true);
          expect(tool.reversible).not.toBe(false);
          expect(tool.sensitivity).not.toBe('secret');
          for (const { name } of answer.rules) {
            const grants = named.find((body) => body.name === name)?.grants;
            expect(answer.grants.calls).toBeLessThanOrEqual(grants?.calls ?? 0);
          }
        },
      ),
      { numRuns: 300 },
    );
    expect(offered).toBeGreaterThan(30);
  });

  test('likeness reads own values only, and nothing is like what is missing', () => {
    expect(likeness(['param.to.name'], { args: { to: { name: null } } })).toEqual([
      { path: 'param.to.name', value: null },
    ]);
    expect(likeness(['param.constructor'], { args: {} })).toBeUndefined();
    expect(likeness(['context.customer'], { args: { customer: 1 } })).toBeUndefined();
  });
});
