/** What a policy set says of one agent and tool before it looks at the arguments. */
import { factsOf, type PolicySet } from './policy-set.ts';
import type { Rule, ToolFacts } from './rule.ts';

export type RulesFor = {
  /** Those that speak for both, in the set's order. */
  rules: readonly Rule[];
  /** Those of them with limits, but for shadow rules: what they would count, nobody counts. */
  limited: readonly Rule[];
  facts: ToolFacts | undefined;
};

/** How many pairs a set remembers. Names come from callers, so what is kept has an end. */
const MOST_PAIRS = 1000;

const remembered = new WeakMap<PolicySet, Map<string, RulesFor>>();

/** Worked out once for a pair of names: a workspace has few agents and tools, and asks for them all day. */
export function rulesFor(set: PolicySet, agent: string, tool: string): RulesFor {
  const pairs = remembered.get(set) ?? new Map<string, RulesFor>();
  remembered.set(set, pairs);
  // The length keeps apart what names with any characters in them could spell together.
  const pair = `${agent.length} ${agent} ${tool}`;
  let found = pairs.get(pair);
  if (found === undefined) {
    const rules = set.rules.filter((rule) => rule.concerns(agent, tool));
    found = {
      rules,
      limited: rules.filter(({ limits, shadow }) => limits.length > 0 && !shadow),
      facts: factsOf(set.tools, tool),
    };
    if (pairs.size === MOST_PAIRS) pairs.clear();
    pairs.set(pair, found);
  }
  return found;
}
