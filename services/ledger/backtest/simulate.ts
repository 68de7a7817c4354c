/**
 * What a policy would have answered to recorded actions, held against what was answered. Pure: actions are given in the
 * order of the log. What is known to have been wrong is counted with both its denominators (oversight design,
 * "Suggestions that stay honest"): how many of those are stopped, and of how many actions people are asked about.
 */
import { type Effect, type Simulation, Tier } from '@countersign/shared/contracts';
import { wilson, zeroBadBound } from '@countersign/shared/figures';
import { evaluate, type PolicyAnswer, type PolicySet } from '@countersign/shared/policy';
import { type Counting, openCounting } from './counting.ts';
import type { Replayed } from './read.ts';
import { type Fault, faults, type Recorded } from './recorded.ts';

/** Which actions are told of, Redis ms: from `from` on, before `to`. */
export type Period = { from?: number; to?: number };

export type Simulating = {
  take(replayed: Replayed): void;
  result(): Simulation;
};

const mostExamples = 5;
const mostTools = 100;

type ByEffect = Record<Effect, number>;
const none = (): ByEffect => ({ allow: 0, review_after: 0, approval_required: 0, deny: 0 });

/** Nobody is asked before it runs. */
const runsUnasked = (effect: Effect): boolean => effect === 'allow' || effect === 'review_after';
const asksAPerson = (effect: Effect): boolean => effect === 'approval_required' || effect === 'review_after';

type Change = Simulation['changes'][number];
type FaultCount = { n: number; was: number; would: number };

/** The member of a map, made where it is missing. */
function at<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const known = map.get(key) ?? make();
  map.set(key, known);
  return known;
}

/** Begins a simulation of one policy. */
export function openSimulation(set: PolicySet, { from = -Infinity, to = Infinity }: Period = {}): Simulating {
  const counting: Counting | undefined = openCounting(set);
  const was = none();
  const would = none();
  const leftOut = { erased: 0, planted: 0 };
  const byTier = new Map<Tier, { was: number; would: number }>();
  const byFault = new Map<Fault | 'any', FaultCount>();
  const byTool = new Map<string, { actions: number; was: ByEffect; would: ByEffect }>();
  const byRule = new Map<string, { actions: number; errors: number }>();
  const byShadow = new Map<string, { matched: number; changed: number; recorded: number }>();
  const changes = new Map<string, Change>();
  const unasked = { actions: 0, judged: 0, faulty: 0 };
  let [actions, first, last] = [0, 0, 0];

  for (const { name, shadow } of set.rules)
    if (shadow) byShadow.set(name, { matched: 0, changed: 0, recorded: 0 });

  function countFaults(action: Recorded, effect: Effect): void {
    for (const fault of action.faults.size === 0 ? [] : ([...action.faults, 'any'] as const)) {
      const count = at(byFault, fault, () => ({ n: 0, was: 0, would: 0 }));
      count.n += 1;
      if (!runsUnasked(action.was.effect)) count.was += 1;
      if (!runsUnasked(effect)) count.would += 1;
    }
  }

  function countShadow(action: Recorded, answer: PolicyAnswer): void {
    const newShadow = () => ({ matched: 0, changed: 0, recorded: 0 });
    for (const rule of answer.shadow?.rules ?? []) {
      const count = at(byShadow, rule, newShadow);
      count.matched += 1;
      const { effect, tier } = answer.shadow ?? { effect: answer.effect, tier: answer.terms.tier };
      if (effect !== answer.effect || (asksAPerson(effect) && tier !== answer.terms.tier)) count.changed += 1;
    }
    for (const rule of action.shadow?.rules ?? []) at(byShadow, rule, newShadow).recorded += 1;
  }

  function countChange(action: Recorded, answer: PolicyAnswer): void {
    const { effect, rules } = answer;
    // A call that runs has no tier, and a denied one needs none.
    const tier = asksAPerson(effect) ? answer.terms.tier : action.was.tier;
    if (effect === action.was.effect && tier === action.was.tier) return;
    const change = at(changes, `${action.was.effect} ${action.was.tier} ${effect} ${tier}`, () => ({
      was: { effect: action.was.effect, tier: action.was.tier },
      would: { effect, tier },
      actions: 0,
      faulty: 0,
      examples: [],
    }));
    change.actions += 1;
    if (action.faults.size > 0) change.faulty += 1;
    const full = change.examples.length >= mostExamples;
    // The first ones that were right make place for those that were wrong.
    const place = full ? change.examples.findLastIndex((example) => example.faults.length === 0) : -1;
    if (full && (action.faults.size === 0 || place < 0)) return;
    if (full) change.examples.splice(place, 1);
    change.examples.push({
      request_id: action.request_id,
      entry: action.seq,
      at: new Date(action.at).toISOString(),
      agent: action.agent,
      tool: action.tool,
      was_rules: action.was.rules,
      would_rules: rules.map(({ name }) => name),
      faults: [...action.faults],
    });
  }

  function tally(action: Recorded, answer: PolicyAnswer): void {
    const { effect } = answer;
    if (actions === 0) first = action.at;
    last = Math.max(last, action.at);
    actions += 1;
    was[action.was.effect] += 1;
    would[effect] += 1;
    const newTier = () => ({ was: 0, would: 0 });
    if (asksAPerson(action.was.effect)) at(byTier, action.was.tier, newTier).was += 1;
    if (asksAPerson(effect)) at(byTier, answer.terms.tier, newTier).would += 1;
    const tool = at(byTool, action.tool, () => ({ actions: 0, was: none(), would: none() }));
    tool.actions += 1;
    tool.was[action.was.effect] += 1;
    tool.would[effect] += 1;
    for (const { name, error } of answer.rules) {
      const rule = at(byRule, name, () => ({ actions: 0, errors: 0 }));
      rule.actions += 1;
      if (error !== undefined) rule.errors += 1;
    }
    if (!runsUnasked(action.was.effect) && runsUnasked(effect)) {
      unasked.actions += 1;
      if (action.judged) unasked.judged += 1;
      if (action.faults.size > 0) unasked.faulty += 1;
    }
    countFaults(action, effect);
    countShadow(action, answer);
    countChange(action, answer);
  }

  return {
    take({ action, payload }) {
      const told = action.at >= from && action.at < to;
      if (action.planted) {
        if (told) leftOut.planted += 1;
        return;
      }
      if (payload === undefined) {
        if (told) leftOut.erased += 1;
        return;
      }
      if (!told && counting === undefined) return;
      const { agent, tool, run_id } = action;
      const context = action.context_trusted && payload.context ? { context: payload.context } : {};
      const run = run_id === undefined ? {} : { run_id };
      const cost = action.cost === undefined ? {} : { cost: action.cost };
      const call = { agent, tool, args: payload.args, ...context, ...run, ...cost };
      const answer = evaluate(set, call, counting?.read(call, action.at));
      counting?.take(answer, action);
      if (told) tally(action, answer);
    },
    result() {
      const share = ({ approval_required: k }: ByEffect) => ({
        k,
        n: actions,
        share: actions === 0 ? null : k / actions,
      });
      return {
        policy_digest: set.digest,
        period:
          actions === 0 ? null : { from: new Date(first).toISOString(), to: new Date(last).toISOString() },
        actions,
        left_out: leftOut,
        was,
        would,
        tiers: Tier.options.map((tier) => ({ tier, ...(byTier.get(tier) ?? { was: 0, would: 0 }) })),
        asked: { was: share(was), would: share(would) },
        faults: [...faults, 'any' as const].map((fault) => {
          const count = byFault.get(fault) ?? { n: 0, was: 0, would: 0 };
          const low = count.n === 0 ? null : wilson({ k: count.would, n: count.n }).low;
          return { fault, ...count, low };
        }),
        unasked: { ...unasked, bound: boundOf(unasked) },
        changes: [...changes.values()].sort((a, b) => b.actions - a.actions),
        tools: [...byTool]
          .map(([tool, counts]) => ({ tool, ...counts }))
          .sort((a, b) => b.actions - a.actions)
          .slice(0, mostTools),
        rules: [...byRule]
          .map(([rule, counts]) => ({ rule, ...counts }))
          .sort((a, b) => b.actions - a.actions),
        shadow: [...byShadow].map(([rule, counts]) => ({ rule, ...counts })),
        limits: counting === undefined ? 'none' : 'counted',
      };
    },
  };
}

/** The highest share of wrong ones that this many judgements leave open: exactly where none was wrong, else Wilson's. */
function boundOf({ judged, faulty }: { judged: number; faulty: number }): number {
  if (faulty === 0) return zeroBadBound(judged);
  return wilson({ k: faulty, n: Math.max(judged, faulty) }).high;
}
