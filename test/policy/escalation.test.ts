/** The ladder as policy says it: whose steps they are, what they widen, what deserves a warning. */
import {
  evaluate,
  inOneLadder,
  loadPolicySet,
  NO_TERMS,
  type Terms,
  widen,
} from '@countersign/shared/policy';
import { describe, expect, test } from 'vitest';

const step = { after_ms: 1_000, notify: [], reviewers: ['oncall'], channels: [], rules: ['a'] };

function load(text: string) {
  const loaded = loadPolicySet([{ path: 'p.yaml', text }]);
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  return loaded;
}

describe('a step', () => {
  test('belongs to the rules that state it; what a tier states belongs to each of its rules', () => {
    const { set } = load(`version: 1
tiers: { high: { escalate: [{ after: 1m, reviewers: [oncall] }] } }
rules:
  - { name: a, effect: approval_required, tier: high }
  - { name: b, effect: approval_required, tier: high }
  - { name: c, effect: approval_required, escalate: [{ after: 30s, channels: [pagerduty] }] }
`);
    expect(evaluate(set, { agent: 'x', tool: 'y', args: {} }).escalate).toEqual([
      { after_ms: 30_000, notify: [], reviewers: [], channels: ['pagerduty'], rules: ['c'] },
      { after_ms: 60_000, notify: [], reviewers: ['oncall'], channels: [], rules: ['a', 'b'] },
    ]);
  });

  test('that stands twice is one, and keeps what is known of it', () => {
    const done = { ...step, done_at: 7 };
    expect(inOneLadder<typeof step & { done_at?: number }>([done, { ...step, rules: ['b'] }])).toEqual([
      { ...done, rules: ['a', 'b'] },
    ]);
  });

  const requirement = (rule: string, from: string[] | null, need = 1) => ({ rule, slots: [{ from, need }] });
  const terms = (...requirements: Terms['requirements']): Terms => ({ ...NO_TERMS, requirements });

  test('widens every place of its rules, and asks for as many people as before', () => {
    const two = {
      rule: 'a',
      slots: [
        { from: ['finance'], need: 2 },
        { from: ['lead', 'oncall'], need: 1 },
      ],
    };
    expect(widen(terms(two, requirement('b', ['finance'])), step)).toEqual(
      terms(
        {
          rule: 'a',
          slots: [
            { from: ['finance', 'oncall'], need: 2 },
            { from: ['lead', 'oncall'], need: 1 },
          ],
        },
        requirement('b', ['finance']),
      ),
    );
  });

  test('makes one demand of two that it makes the same', () => {
    expect(widen(terms(requirement('a', ['x']), requirement('a', ['x', 'oncall'])), step)).toEqual(
      terms(requirement('a', ['x', 'oncall'])),
    );
  });

  test('that adds nobody leaves the very same terms', () => {
    for (const before of [
      terms(requirement('a', null)),
      terms(requirement('a', ['x', 'oncall'])),
      terms(requirement('b', ['x'])),
      terms(),
    ]) {
      expect(widen(before, step)).toBe(before);
    }
  });
});

describe('what deserves a look', () => {
  const warnings = (text: string) =>
    load(text).warnings.map(({ line, column, code, message }) => `${line}:${column} ${code} ${message}`);

  test('a step that comes when the request has ended', () => {
    expect(
      warnings(`version: 1
groups: { ann: [] }
tiers:
  high: { timeout: 5m, escalate: [{ after: 4m, notify: [ann] }, { after: 5m, notify: [ann] }] }
  low: { escalate: [{ after: 2h, notify: [ann] }] }
rules:
  - name: hour
    effect: approval_required
    escalate: [{ after: 59m, notify: [ann] }, { after: 1h, notify: [ann] }]
  - { name: tier, effect: approval_required, tier: high, escalate: [{ after: 6m, notify: [ann] }] }
  - { name: never, effect: approval_required, timeout: never, escalate: [{ after: 2d, notify: [ann] }] }
  - { name: long, effect: approval_required, tier: low, timeout: 8h }
`),
    ).toEqual([
      '4:67 step_after_end This step never comes: the request has ended by then, after 300 seconds.',
      '9:56 step_after_end This step never comes: the request has ended by then, after 3600 seconds.',
      '10:78 step_after_end This step never comes: the request has ended by then, after 300 seconds.',
    ]);
  });

  test('a channel that there is not', () => {
    expect(
      warnings(`version: 1
rules:
  - { name: a, effect: approval_required, escalate: [{ after: 1m, channels: [pager] }] }
`),
    ).toEqual([expect.stringContaining('unknown_channel There is no channel `pager`.')]);
  });
});
