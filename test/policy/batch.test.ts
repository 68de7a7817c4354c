/** `batch`: how much a policy lets a reviewer look at together. */
import { type BatchCaps, evaluate, loadPolicySet } from '@countersign/shared/policy';
import { expect, test } from 'vitest';

function capsOf(tool: string, yaml: string): BatchCaps | null {
  const loaded = loadPolicySet([{ path: 'policy.yaml', text: `version: 1\n${yaml}` }]);
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  return evaluate(loaded.set, { agent: 'a', tool, args: {} }).batch;
}

function complaintsAbout(batch: string): string[] {
  const text = `version: 1\nrules:\n  - { name: r, effect: approval_required, batch: ${batch} }\n`;
  const loaded = loadPolicySet([{ path: 'policy.yaml', text }]);
  return loaded.ok ? [] : loaded.problems.map(({ message }) => message);
}

const rule = (name: string, batch?: string) =>
  `  - { name: ${name}, tools: [x], effect: approval_required, tier: low${batch === undefined ? '' : `, batch: ${batch}`} }\n`;

test('without a word of policy a batch has ten rows, a hundred each, five hundred in all', () => {
  expect(capsOf('x', `rules:\n${rule('r')}`)).toEqual({ rows: 10, each: 100, sum: 500 });
});

test('a rule says what it wants and leaves the rest; a tier speaks where its rule does not', () => {
  const tiers = 'tiers: { low: { batch: { each: 5, sum: 20 } } }\n';
  expect(capsOf('x', `rules:\n${rule('r', '{ rows: 4 }')}`)).toEqual({ rows: 4, each: 100, sum: 500 });
  expect(capsOf('x', `${tiers}rules:\n${rule('r')}`)).toEqual({ rows: 10, each: 5, sum: 20 });
});

test('where several rules decide the smallest counts, and never comes first', () => {
  const two = `rules:\n${rule('r', '{ rows: 4, sum: 900 }')}${rule('s', '{ each: 7 }')}`;
  expect(capsOf('x', two)).toEqual({ rows: 4, each: 7, sum: 500 });
  expect(capsOf('x', `${two}${rule('t', 'never')}`)).toBeNull();
});

test('a call that runs without anyone is in no batch', () => {
  expect(capsOf('x', 'rules:\n  - { name: r, effect: allow }\n')).toBeNull();
});

test.each(['{ rows: 11 }', '{ rows: 2 }', '{ each: -1 }', '{ size: 3 }', 'always'])(
  'batch: %s is a finding',
  (batch) => {
    expect(complaintsAbout(batch)).toHaveLength(1);
  },
);
