/** Rules put into policy files as text: where one of the same name stands, else into a file of their own. */
import { expect, test } from 'vitest';
import { draftOf } from '../../../services/ledger/backtest/draft.ts';
import { ruleTexts } from '../../../services/ledger/backtest/suggested-rule.ts';
import { loadPolicySet } from '../../../shared/policy/index.ts';

const refunds = `# Refunds.
version: 1
rules:
  - name: refunds   # asked for by finance
    tools: [refund]
    effect: approval_required
  - name: notes
    tools: [note]
    effect: allow
`;
const files = [{ path: 'refunds.yaml', text: refunds }];
const path = 'suggested-2026-01-01.yaml';
const suggested = { tool: 'refund', condition: 'param.amount > 50', rules: ['refunds'], now: 0 };
const loads = (all: { path: string; text: string }[]): unknown => {
  const loaded = loadPolicySet(all);
  return loaded.ok ? loaded.set.rules.map(({ name, shadow }) => ({ name, shadow })) : loaded.problems;
};

test('a rule that is new comes into a file of its own, and the next one behind it', () => {
  const { rule } = ruleTexts({ ...suggested, kind: 'tighten' });
  const first = draftOf(files, rule, path);
  expect(first.changes).toEqual([
    { path, before: null, text: expect.stringMatching(/^version: 1\nrules:\n {2}- name: suggested-refund/) },
  ]);
  const other = ruleTexts({ ...suggested, tool: 'note', kind: 'tighten' });
  const second = draftOf(first.files, other.rule, path);
  const [change] = second.changes;
  expect(change?.text.startsWith(change.before ?? 'none')).toBe(true);
  expect(loads(second.files)).toEqual([
    { name: 'refunds', shadow: false },
    { name: 'notes', shadow: false },
    { name: 'suggested-refund-param.amount-50', shadow: true },
    { name: 'suggested-note-param.amount-50', shadow: true },
  ]);
});

test('a rule that is there is changed in its place, and nothing around it', () => {
  const { rule, in_force } = ruleTexts({ ...suggested, kind: 'loosen' });
  const tried = draftOf(files, rule, path).files;
  const approved = `${in_force}  approved_by: ["ann", "bo"]\n`;
  const { changes, files: all } = draftOf(tried, approved, path);
  expect(changes).toHaveLength(1);
  expect(changes[0]?.text).not.toContain('shadow');
  expect(loads(all)).toContainEqual({ name: 'suggested-refund-param.amount-50', shadow: false });
  const tightened = draftOf(files, '- name: refunds\n  tools: [refund]\n  effect: deny\n', path);
  expect(tightened.changes).toEqual([
    {
      path: 'refunds.yaml',
      before: refunds,
      text: refunds.replace(
        /name: refunds.*\n.*\n.*\n/,
        'name: refunds\n    tools: [refund]\n    effect: deny\n',
      ),
    },
  ]);
});

test('what is written in one line stays a list', () => {
  const inLine = 'version: 1\nrules: [{ name: refunds, tools: [refund], effect: approval_required }]\n';
  const beside = draftOf([{ path, text: inLine }], '- { name: notes, tools: [note], effect: deny }', path);
  expect(beside.changes).toMatchObject([{ path: 'suggested-2026-01-01-2.yaml', before: null }]);
  expect(loads(beside.files)).toHaveLength(2);
  const there = draftOf([{ path, text: inLine }], '- { name: refunds, tools: [refund], effect: deny }', path);
  expect(loads(there.files)).toEqual([{ name: 'refunds', shadow: false }]);
});
