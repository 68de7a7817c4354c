/** Rules that would let through, unseen, what has to be seen. Found when the files stand together. */
import type { Draft, DraftRule } from './draft.ts';
import { neverGranted, neverOn } from './grants.ts';
import { factsOf, type PolicySet, type ToolTable } from './policy-set.ts';
import type { PolicyProblem } from './problem.ts';

/** One finding for each thing that forbids a rule's `grants`. The set's rules are those of the drafts, in order. */
export function unsafeGrants(drafts: readonly Draft[], set: PolicySet): PolicyProblem[] {
  return drafts
    .flatMap((draft) => draft.rules)
    .flatMap((draft, index) => {
      const rule = set.rules[index];
      if (draft.grants === undefined || rule === undefined) return [];
      const never = (path: PropertyKey[], why: string): PolicyProblem => {
        const message = `Nothing can be granted under this rule: ${why}. Remove \`grants\`.`;
        return draft.problem(path, 'grant_unsafe', message);
      };
      if (rule.effect !== 'approval_required') {
        return [never(['grants'], `its effect is ${rule.effect}, and a grant goes with an approval`)];
      }
      const forbidden = neverOn({ ...rule.demands, requirements: [rule.demands.requirement] });
      return [
        ...(forbidden === undefined ? [] : [never(['grants'], forbidden)]),
        ...namedTools(draft, set.tools).map(({ at, tool, why }) =>
          never(['tools', at], `of ${tool}, ${why}`),
        ),
      ];
    });
}

/**
 * The tools that a rule names and that are never granted. What one of its patterns happens to cover is not named: for
 * those calls nothing is offered, and the rule's others keep their grants.
 */
function namedTools(
  { tools = [] }: DraftRule,
  table: ToolTable,
): { at: number; tool: string; why: string }[] {
  return tools.flatMap((tool, at) => {
    const pattern = table.globs.find((entry) => entry.pattern === tool);
    const why = neverGranted(tool.includes('*') ? pattern?.facts : factsOf(table, tool));
    return why === undefined ? [] : [{ at, tool, why }];
  });
}
