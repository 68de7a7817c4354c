/** The decision: which rules match this call, and what they add up to. Pure, total and bounded. */
import type { Effect, Json, JsonObject, Tier } from '../contracts/index.ts';
import { type Combined, combine } from './combine.ts';
import { holds } from './condition/condition.ts';
import type { Scope } from './condition/expression.ts';
import { Fault } from './condition/fault.ts';
import { REVIEW } from './demands.ts';
import { compareEffects, strongest } from './effect.ts';
import { frictionFor } from './friction.ts';
import { type Grants, leastOf, likeness, neverGranted, neverOn } from './grants.ts';
import { limitText } from './limits.ts';
import { DEFAULT_RULE } from './load.ts';
import type { PolicySet } from './policy-set.ts';
import type { FilledDemands, Limit, Rule, ToolFacts } from './rule.ts';
import { rulesFor } from './rules-for.ts';
import { scopeOf } from './scope.ts';
import { NO_TERMS } from './terms.ts';
import { besideTrials } from './trial.ts';

/** `context` only where the agent's key lets it count (law 14): absent reads as missing in conditions. */
export type PolicyAction = {
  agent: string;
  tool: string;
  args: JsonObject;
  context?: JsonObject;
  run_id?: string;
  /** What the agent reports that the call costs. Only limits look at it. */
  cost?: number;
};

/** What was counted for a rule's limits, by rule name and the limit's index; this call included. */
export type LimitReadings = Record<string, (LimitReading | undefined)[]>;
/** The total, or why there is none. The words name paths and kinds of values, never a value. */
export type LimitReading = { total: number } | { error: string };

/** A limit that was passed, or could not be read (`total: null`). */
export type Exceeded = {
  /** Its place in the rule. */
  limit: number;
  /** `sum of param.amount per context.customer_id`. */
  counts: string;
  /** Seconds. */
  window: number;
  over: number;
  /** What was counted when the call was judged, with the call itself. */
  total: number | null;
  /** Why there is no total. */
  error?: string;
};

/** A rule that decided. `values` holds arguments: it belongs in a payload, never in an event or a log. */
export type RuleHit = {
  name: string;
  file?: string;
  effect: Effect;
  message?: string;
  /** The condition, and each path in it with its value: "why am I asked?". */
  when?: string;
  values?: Record<string, Json>;
  /** Why the condition could not be evaluated. Names paths and kinds, never values. */
  error?: string;
  exceeded?: Exceeded[];
};

export type PolicyAnswer = Combined & {
  effect: Effect;
  /** Every rule that shares the winning effect, in the order of files and lines; else the default. */
  rules: RuleHit[];
  /** Their messages, each once. */
  messages: string[];
  policy_digest: string;
  /** What a reviewer who approves may grant; absent where nothing may be. */
  grants?: Grants;
  /** What the answer would be if the shadow rules that match were in force; absent where none matches. */
  shadow?: ShadowAnswer;
  /** What the tools table says of the tool. */
  tool: ToolFacts | undefined;
};

/** `rules` are the matching shadow rules, whether or not they would have decided. Names only: events may hold it. */
export type ShadowAnswer = { effect: Effect; tier: Tier; rules: string[] };

const RUNS: Omit<Combined, 'valid_for_ms'> = {
  terms: NO_TERMS,
  timeout_ms: null,
  channels: [],
  escalate: [],
  requires: [],
  batch: null,
  review: REVIEW,
};

type Match = { rule: Rule; effect: Effect; error?: string; exceeded: number[] };

/**
 * Answers for one call. The strongest effect among the matching rules wins and its rules combine (law 4). A
 * condition that can not be evaluated, or a limit without a reading, makes its rule ask for a human, at
 * least (law 3). Where no rule matches, agents with a file of their own run on, and the default decides for
 * the others. Shadow rules change nothing of the answer but its `shadow`. Never throws for any arguments.
 */
export function evaluate(set: PolicySet, action: PolicyAction, limits: LimitReadings = {}): PolicyAnswer {
  const { rules: asking, facts: tool } = rulesFor(set, action.agent, action.tool);
  const scope = scopeOf(action, tool);
  const matches = asking.flatMap((rule) => matchRule(rule, scope, limits) ?? []);
  const inForce = matches.filter(({ rule }) => !rule.shadow);
  const answer = answerOf(set, action, besideTrials(inForce), { scope, limits, tool });
  if (inForce.length === matches.length) return answer;
  const all = answerOf(set, action, besideTrials(matches), { scope, limits, tool });
  const rules = matches.flatMap(({ rule }) => (rule.shadow ? [rule.name] : []));
  return { ...answer, shadow: { effect: all.effect, tier: all.terms.tier, rules } };
}

/** What the strongest of these matches add up to. */
function answerOf(
  set: PolicySet,
  action: PolicyAction,
  matches: readonly Match[],
  { scope, limits, tool }: { scope: Scope; limits: LimitReadings; tool: ToolFacts | undefined },
): PolicyAnswer {
  let winners: Match[] = [];
  for (const match of matches) {
    const order = winners[0] === undefined ? 1 : compareEffects(match.effect, winners[0].effect);
    if (order > 0) winners = [match];
    else if (order === 0) winners.push(match);
  }
  const [first] = winners;
  if (first === undefined) return unmatched(set, action, tool);
  const rules = winners.map((match) => hitOf(match, scope, limits));
  const demands = winners.flatMap(({ rule, exceeded }) => [
    rule.demands,
    ...exceeded.flatMap((index) => rule.exceeded[index] ?? []),
  ]);
  const { effect } = first;
  const combined = asked(effect, demands, action, tool);
  const grants = effect === 'approval_required' ? grantsOf(winners, combined, action, tool) : undefined;
  return {
    effect,
    rules,
    messages: [...new Set(rules.flatMap(({ message }) => message ?? []))],
    ...combined,
    policy_digest: set.digest,
    ...(grants === undefined ? {} : { grants }),
    tool,
  };
}

/**
 * What may be granted for this call: only where every rule that asks lets it, none asks because of a limit or of a
 * condition that could not be evaluated, and neither the tool nor what the rules add up to forbids it.
 */
function grantsOf(
  winners: readonly Match[],
  { terms }: Combined,
  { args, context }: PolicyAction,
  tool: ToolFacts | undefined,
): Grants | undefined {
  const stated = winners.map(({ rule, effect, error, exceeded }) =>
    effect === rule.effect && error === undefined && exceeded.length === 0 ? rule.grants : undefined,
  );
  if (!stated.every((grants) => grants !== undefined)) return undefined;
  if (neverGranted(tool) !== undefined || neverOn(terms) !== undefined) return undefined;
  const grants = leastOf(stated);
  const call = { args, ...(context === undefined ? {} : { context }) };
  return grants.per === null || likeness(grants.per, call) !== undefined ? grants : undefined;
}

function unmatched(set: PolicySet, { agent, args }: PolicyAction, tool: ToolFacts | undefined): PolicyAnswer {
  const file = set.unlistedRun.get(agent) ?? set.unlistedRun.get('*');
  const effect = file === undefined ? set.default.effect : 'allow';
  const hit: RuleHit = { name: DEFAULT_RULE, ...(file === undefined ? {} : { file }), effect };
  return {
    effect,
    rules: [hit],
    messages: [],
    ...asked(effect, [set.default.demands], { args }, tool),
    policy_digest: set.digest,
    tool,
  };
}

/** What the winning rules ask for. An allowed call waits for nobody. */
function asked(
  effect: Effect,
  demands: FilledDemands[],
  { args }: Pick<PolicyAction, 'args'>,
  tool: ToolFacts | undefined,
): Combined {
  const combined = combine(demands, (friction) => frictionFor(friction, tool, args));
  return effect === 'allow' ? { ...RUNS, valid_for_ms: combined.valid_for_ms } : combined;
}

function matchRule(rule: Rule, scope: Scope, limits: LimitReadings): Match | undefined {
  const answer = rule.when === undefined ? true : holds(rule.when, scope);
  if (answer === false)
    return rule.trial === undefined ? undefined : { rule, effect: rule.trial.otherwise, exceeded: [] };
  if (answer instanceof Fault) {
    return { rule, effect: 'approval_required', error: answer.reason, exceeded: [] };
  }
  const exceeded = rule.limits.flatMap(({ over }, index) => {
    const total = totalOf(limits, rule.name, index);
    return total === null || !(total <= over) ? [index] : [];
  });
  const effect = exceeded.length === 0 ? rule.effect : strongest(rule.effect, 'approval_required');
  return { rule, effect, exceeded };
}

function readingOf(limits: LimitReadings, rule: string, index: number): LimitReading | undefined {
  return Object.hasOwn(limits, rule) ? limits[rule]?.[index] : undefined;
}

function totalOf(limits: LimitReadings, rule: string, index: number): number | null {
  const reading = readingOf(limits, rule, index);
  return reading !== undefined && 'total' in reading ? reading.total : null;
}

function exceededOf(limit: Limit, index: number, rule: string, limits: LimitReadings): Exceeded {
  const reading = readingOf(limits, rule, index);
  return {
    limit: index,
    counts: limitText(limit),
    window: limit.window_ms / 1000,
    over: limit.over,
    total: totalOf(limits, rule, index),
    ...(reading !== undefined && 'error' in reading ? { error: reading.error } : {}),
  };
}

function hitOf({ rule, effect, error, exceeded }: Match, scope: Scope, limits: LimitReadings): RuleHit {
  const { name, file, message, when } = rule;
  return {
    name,
    file,
    effect,
    ...(message === undefined ? {} : { message }),
    ...(when === undefined ? {} : { when: when.text, values: when.values(scope) }),
    ...(error === undefined ? {} : { error }),
    ...(exceeded.length === 0
      ? {}
      : {
          exceeded: rule.limits.flatMap((limit, index) =>
            exceeded.includes(index) ? exceededOf(limit, index, name, limits) : [],
          ),
        }),
  };
}
