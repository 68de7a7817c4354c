/**
 * Limits over time (A8): what a call takes of which counter. Pure: the counting is done by whoever has a store, and comes
 * back as the readings that `evaluate` is given.
 */
import { canonicalize } from '../canonical/index.ts';
import { holds } from './condition/condition.ts';
import type { Scope } from './condition/expression.ts';
import { Fault, kindOf } from './condition/fault.ts';
import type { PolicyAction } from './evaluate.ts';
import { mostWithin, toMicros } from './micros.ts';
import type { PolicySet } from './policy-set.ts';
import type { Limit, Rule } from './rule.ts';
import { rulesFor } from './rules-for.ts';
import { scopeOf } from './scope.ts';

/** What a call takes of a limit, or why that can not be said. */
export type Stake = {
  rule: string;
  /** The limit's place in its rule. */
  limit: number;
  window_ms: number;
  /** Millionths that may be counted, this call included. */
  most: number;
} & (
  | {
      /** Says which counter: the rule's name, what it counts, its window, and the value that `per` has here. It may be personal. */
      counter: string;
      /** Millionths. */
      amount: number;
    }
  | { fault: string }
);

/** Whether any rule that speaks for this agent and tool has limits. */
export function hasLimits(set: PolicySet, agent: string, tool: string): boolean {
  return rulesFor(set, agent, tool).limited.length > 0;
}

/**
 * What a call takes of the limits of every rule that matches it, whether or not the rule decides. A rule whose condition
 * can not be evaluated counts what it can: the call may be one of its own.
 */
export function stakesOf(set: PolicySet, action: PolicyAction): Stake[] {
  const { limited, facts } = rulesFor(set, action.agent, action.tool);
  const scope = scopeOf(action, facts);
  return limited
    .filter((rule) => rule.when === undefined || holds(rule.when, scope) !== false)
    .flatMap((rule) => rule.limits.map((limit, index) => stakeOf(rule, limit, index, scope, action.cost)));
}

function stakeOf(rule: Rule, limit: Limit, index: number, scope: Scope, cost: number | undefined): Stake {
  const { window_ms, over } = limit;
  const common = { rule: rule.name, limit: index, window_ms, most: mostWithin(over) };
  const amount = amountOf(limit, scope, cost);
  if (amount instanceof Fault) return { ...common, fault: amount.reason };
  const per = limit.per === undefined ? null : limit.per.run(scope);
  if (per instanceof Fault) return { ...common, fault: per.reason };
  const counted = 'sum' in limit.of ? `sum ${limit.of.sum.text}` : 'cost' in limit.of ? 'cost' : 'count';
  // Neither its place in the rule nor `over` nor the tier: to change those does not forget what was counted.
  const counter = canonicalize([rule.name, counted, window_ms, limit.per?.text ?? null, per]);
  return { ...common, counter, amount };
}

function amountOf({ of }: Limit, scope: Scope, cost: number | undefined): number | Fault {
  if ('count' in of) return 1_000_000;
  const what = 'sum' in of ? of.sum.text : 'cost';
  const value = 'sum' in of ? of.sum.run(scope) : (cost ?? new Fault('the agent reported no `cost`'));
  if (value instanceof Fault) return value;
  if (typeof value !== 'number') return new Fault(`\`${what}\` is ${kindOf(value)}, and no number to count`);
  return toMicros(value) ?? new Fault(`\`${what}\` is negative: it would make room for other calls`);
}

/** What a limit counts, as its policy has it: `sum of param.amount per context.customer_id`. */
export function limitText({ of, per }: Limit): string {
  const what = 'sum' in of ? `sum of ${of.sum.text}` : 'cost' in of ? 'reported cost' : 'calls';
  return per === undefined ? what : `${what} per ${per.text}`;
}
