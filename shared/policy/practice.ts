/** How a call that no rule speaks of is put before people in practice: at a tier, with what that tier asks for here. */
import type { Tier } from '../contracts/index.ts';
import { fillDemands } from './demands.ts';
import { evaluate, type PolicyAction, type PolicyAnswer } from './evaluate.ts';
import { DEFAULT_RULE } from './load.ts';
import { factsOf, type PolicySet } from './policy-set.ts';
import type { ToolFacts } from './rule.ts';

/** One word of any reviewer is enough. What the tools table says of the tool goes before `facts`. */
export function askedInPractice(
  set: PolicySet,
  action: PolicyAction,
  tier: Tier,
  facts: ToolFacts,
): PolicyAnswer {
  const demands = fillDemands(DEFAULT_RULE, tier, {}, set.tiers);
  const requirement = { rule: DEFAULT_RULE, slots: [{ from: null, need: 1 }] };
  return evaluate(
    {
      ...set,
      rules: [],
      default: { effect: 'approval_required', demands: { ...demands, requirement } },
      unlistedRun: new Map(),
      tools: { exact: new Map([[action.tool, factsOf(set.tools, action.tool) ?? facts]]), globs: [] },
    },
    action,
  );
}
