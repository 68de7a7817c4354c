/** From a suggestion to the rule that is proposed: a shadow first, in force after, for a while where it asks less. Pure. */
import type { RunningPolicy, Suggestion } from '@countersign/shared/contracts';

export type Stage = 'shadow' | 'in_force';

/** Asking less takes two: whoever proposes it, and somebody else. */
export const needsSecond = ({ kind }: Pick<Suggestion, 'kind'>, stage: Stage): boolean =>
  kind === 'loosen' && stage === 'in_force';

/**
 * The rule as it would stand under `rules:`.
 *
 * @param people who answers for asking less; of a shadow and of asking more nobody has to
 */
export function rulesOf(
  suggestion: Pick<Suggestion, 'kind' | 'rule' | 'in_force'>,
  stage: Stage,
  people: readonly string[],
): string {
  const { rule = '', in_force = '' } = suggestion;
  if (!needsSecond(suggestion, stage)) return stage === 'shadow' ? rule : in_force;
  // JSON is YAML: a name can be anything.
  return `${in_force.trimEnd()}\n  approved_by: ${JSON.stringify(people)}\n`;
}

/** Where a rule stands in the policy that runs. */
export type Standing = 'absent' | 'shadow' | 'in_force' | 'trial' | 'over';

export function standingOf(policy: RunningPolicy | null, name: string | undefined): Standing {
  const rule = policy?.rules.find((each) => each.name === name);
  if (rule === undefined) return 'absent';
  if (rule.trial?.over === true) return 'over';
  if (rule.shadow) return 'shadow';
  return rule.trial === undefined ? 'in_force' : 'trial';
}

/** Rules of the policy that runs which once were suggestions. */
export const onceSuggested = ({ rules }: RunningPolicy): RunningPolicy['rules'] =>
  rules.filter(({ name }) => name.startsWith('suggested-'));
