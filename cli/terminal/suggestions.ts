/** Suggestions as a person reads them, and as a diff for a policy directory. */
import type { Suggestions } from '@countersign/shared/contracts';
import { inert } from './inert.ts';

const readings = {
  mis_tiered: 'Nearly all is approved and planted tests are caught: it may be in too high a tier.',
  rubber_stamped: 'Planted tests are missed: what is approved here is not read.',
  healthy: 'Planted tests are caught, and not everything is approved.',
  unknown: 'Whether its approvals are read is unknown: too few planted tests say.',
} as const;

/** The lines of an answer: what is suggested, then for each other tool why nothing is. */
export function renderSuggestions({ suggestions, others }: Suggestions): string[] {
  const found = suggestions.flatMap(({ tool, kind, condition, tried, test, sentence, rule }) => [
    `${inert(tool)}: ${kind === 'loosen' ? 'ask less' : 'ask more'}, where ${inert(condition)} (the best of ${tried} thresholds)`,
    `  ${inert(sentence)}`,
    `  Wrong calls of the later half that it includes: ${test.faults.map(({ fault, k, n }) => `${fault} ${k} of ${n}`).join(', ') || 'none were'}.`,
    ...(rule?.trimEnd().split('\n') ?? []).map((line) => `    ${inert(line)}`),
    '',
  ]);
  const none = others.flatMap(({ tool, sentence, reading, audit }) => [
    `${inert(tool)}: nothing is suggested. ${inert(sentence)}`,
    `  ${readings[reading]}`,
    ...(audit.length === 0 ? [] : [`  Look at: ${audit.map(inert).join(' ')}`]),
    '',
  ]);
  if (found.length + none.length === 0) return ['There is no action in this history yet.'];
  return [...found, ...none].slice(0, -1);
}

/** A unified diff that adds the rules as a file of their own, for `git apply`; no lines where there is no rule. */
export function diffOf({ suggestions }: Suggestions, dir: string, now: Date): string[] {
  const rules = suggestions.flatMap(({ rule }) => rule?.trimEnd().split('\n') ?? []);
  if (rules.length === 0) return [];
  const lines = ['version: 1', 'rules:', ...rules.map((line) => `  ${line}`)];
  const path = `${dir.replace(/\/+$/, '')}/suggested-${now.toISOString().slice(0, 10)}.yaml`;
  return [
    `diff --git a/${path} b/${path}`,
    'new file mode 100644',
    '--- /dev/null',
    `+++ b/${path}`,
    `@@ -0,0 +1,${lines.length} @@`,
    ...lines.map((line) => `+${line}`),
  ];
}
