/** From a suggestion to a rule, and where that stands in the policy that runs. */
import type { RunningPolicy } from '@countersign/shared/contracts';
import { expect, test } from 'vitest';
import { rulesOf, standingOf } from '../../extension/suggestions/stages.ts';
import { ruleTexts } from '../../services/ledger/backtest/suggested-rule.ts';
import { loadPolicySet } from '../../shared/policy/index.ts';

const suggested = { tool: 'refund', condition: 'param.amount > 50', rules: ['default'], now: Date.now() };

/** The policy that runs with these rules, as the ledger tells of it. */
function running(rules: string): RunningPolicy {
  const text = `version: 1\nrules:\n${rules.replaceAll(/^/gm, '  ')}`;
  const loaded = loadPolicySet([{ path: 'a.yaml', text }]);
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  const told = loaded.set.rules.map(({ name, file, effect, shadow, trial }) => ({
    name,
    file,
    effect,
    shadow,
    ...(trial && { trial: { otherwise: trial.otherwise, instead_of: [], expires: '', over: false } }),
  }));
  return { digest: '', files: [], rules: told };
}

test.each([
  ['tighten', 'shadow', 'shadow'],
  ['tighten', 'in_force', 'in_force'],
  ['loosen', 'shadow', 'shadow'],
  ['loosen', 'in_force', 'trial'],
] as const)('one that would %s, proposed as %s, loads and stands there as %s', (kind, stage, standing) => {
  const texts = ruleTexts({ ...suggested, kind });
  const policy = running(rulesOf({ kind, ...texts }, stage, ['ann', 'o"bo']));
  expect(standingOf(policy, texts.name)).toBe(standing);
  expect(standingOf({ ...policy, rules: [] }, texts.name)).toBe('absent');
});

test('a trial that is over is said to be', () => {
  const texts = ruleTexts({ ...suggested, kind: 'loosen' });
  const policy = running(`${texts.in_force}  approved_by: [ann, bo]\n`);
  const over = policy.rules.map((rule) => ({
    ...rule,
    ...(rule.trial && { trial: { ...rule.trial, over: true } }),
  }));
  expect(standingOf({ ...policy, rules: over }, texts.name)).toBe('over');
});
