/**
 * `npm run study:suggestions`: the policy for the airline's tools, tuned by the suggestion engine on half of the
 * trajectories and tested on the others. Prints the table of docs/oversight-suggestions.md; with fixed seeds, always the
 * same.
 */
import { existsSync, readFileSync } from 'node:fs';
import type { JsonObject } from '@countersign/shared/canonical';
import { type Effect, evaluate, loadPolicySet, type PolicySet } from '@countersign/shared/policy';
import { featuresOf } from '../services/ledger/backtest/features.ts';
import type { Recorded } from '../services/ledger/backtest/recorded.ts';
import { openSuggesting } from '../services/ledger/backtest/suggest.ts';
import { conditionOf, fitThreshold } from '../services/ledger/backtest/threshold.ts';

const data = new URL('../../shared/data/airline-tool-calls.jsonl', import.meta.url);
const policyFile = new URL('../policies/airline.yaml', import.meta.url);

type Call = {
  trajectory: string;
  agent: string;
  tool: string;
  args: JsonObject;
  kind: 'read' | 'write' | 'handoff';
  expected?: boolean;
};

/** Conditions by tool: what a person would be asked about instead of every call. */
type Tuning = ReadonlyMap<string, string>;

/** How a policy is tuned on some trajectories. */
type Tuner = { name: string; tune: (calls: readonly Call[]) => Tuning };

export type Row = {
  name: string;
  /** The share of rounds in which anything was suggested. */
  tuned: number;
  /** Of the unexpected writes, stopped for a person or denied: middle and 95% of the rounds. */
  stopped: Spread;
  /** Of 100 calls, those that wait for a person. */
  interruptions: Spread;
  /** What asking about as many writes by chance would have stopped. */
  byChance: number;
};
type Spread = { middle: number; low: number; high: number };

export const isThere = existsSync(data);

const policyText = readFileSync(policyFile, 'utf8');
const wasWrong = (call: Call): boolean => call.kind === 'write' && call.expected === false;

function load(extra: string): PolicySet {
  const loaded = loadPolicySet([
    { path: 'airline.yaml', text: policyText },
    { path: 'tuned.yaml', text: `version: 1\nrules: ${extra}\n` },
  ]);
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  return loaded.set;
}
const untuned = load('[]');

/** The policy with a trial in force for each tuned tool, which lets run what it does not ask about. */
function tunedPolicy(tuning: Tuning): PolicySet {
  const rules = [...tuning].map(([tool, when]) => ({
    name: `tuned-${tool}`,
    tools: [tool],
    when,
    effect: 'approval_required',
    instead_of: untuned.rules.flatMap(({ name, effect, concerns }) =>
      effect === 'approval_required' && concerns('airline-support', tool) ? [name] : [],
    ),
    otherwise: 'allow',
    expires: '2999-01-01',
    approved_by: ['ann', 'bo'],
  }));
  return load(JSON.stringify(rules));
}

/** What is asked of a call in every round, worked out once. */
function once<T>(of: (call: Call) => T): (call: Call) => T {
  const known = new WeakMap<Call, { is: T }>();
  return (call) => {
    const found = known.get(call) ?? { is: of(call) };
    known.set(call, found);
    return found.is;
  };
}
const caseOf = once((call) => ({ features: featuresOf(call.args), faulty: wasWrong(call) }));
const answerOf = once((call) => evaluate(untuned, call));

/** Each tool that writes, fitted where there are so many calls and so many wrong ones at least. */
function fitted(calls: readonly Call[], least: { calls: number; faulty: number }, alpha: number): Tuning {
  const tuning = new Map<string, string>();
  const writes = calls.filter(({ kind }) => kind === 'write');
  for (const [tool, some] of Map.groupBy(writes, (call) => call.tool)) {
    if (some.length < least.calls || some.filter(wasWrong).length < least.faulty) continue;
    const fit = fitThreshold(some.map(caseOf), alpha);
    if (fit.found) tuning.set(tool, conditionOf(fit.threshold));
  }
  return tuning;
}

/** What `policy suggest` says of a log in which reviewers had rejected every unexpected write. */
function asShipped(calls: readonly Call[]): Tuning {
  const suggesting = openSuggesting({ now: 0, lotOf: (id) => id });
  for (const [seq, call] of calls.entries()) {
    const { effect, terms, rules } = answerOf(call);
    const action: Recorded = {
      seq,
      at: seq,
      request_id: `call-${seq}`,
      agent: call.agent,
      tool: call.tool,
      context_trusted: false,
      was: { effect, tier: terms.tier, rules: rules.map(({ name }) => name) },
      judged: effect === 'approval_required',
      faults: new Set(wasWrong(call) ? ['rejected'] : []),
      planted: false,
      audited: false,
    };
    suggesting.take({ action, payload: { args: call.args } });
  }
  const { suggestions } = suggesting.result();
  return new Map(suggestions.flatMap((one) => (one.borne_out ? [[one.tool, one.condition]] : [])));
}

const few = { calls: 8, faulty: 3 };
const tuners: readonly Tuner[] = [
  { name: 'untuned', tune: () => new Map() },
  { name: 'the engine as it is (100 calls a tool)', tune: asShipped },
  { name: 'the engine on as few as 8 calls', tune: (calls) => fitted(calls, few, 0.05) },
  { name: 'the same, not corrected for luck', tune: (calls) => fitted(calls, few, 1) },
];

/** The same numbers each time, in 0…1. (mulberry32, by T. Ettinger, public domain.) */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** In an order of chance. */
function shuffled<T>(all: readonly T[], random: () => number): T[] {
  const order = [...all];
  for (let at = order.length - 1; at > 0; at--) {
    const other = Math.floor(random() * (at + 1));
    const [one, two] = [order[at], order[other]];
    if (one !== undefined && two !== undefined) [order[at], order[other]] = [two, one];
  }
  return order;
}

/** The effect of a call under a tuning. It goes by the tuning of its own tool alone, and few are ever found. */
function openEffects(calls: readonly Call[]): (call: Call, tuning: Tuning) => Effect {
  const known = new Map<string, ReadonlyMap<Call, Effect>>();
  return (call, tuning) => {
    const condition = tuning.get(call.tool);
    if (condition === undefined) return answerOf(call).effect;
    const name = `${call.tool} ${condition}`;
    let effects = known.get(name);
    if (effects === undefined) {
      const policy = tunedPolicy(new Map([[call.tool, condition]]));
      const same = calls.filter(({ tool }) => tool === call.tool);
      effects = new Map(same.map((one) => [one, evaluate(policy, one).effect]));
      known.set(name, effects);
    }
    return effects.get(call) ?? answerOf(call).effect;
  };
}

function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number): number => sorted[Math.floor(share * (sorted.length - 1))] ?? 0;
  return { middle: at(0.5), low: at(0.025), high: at(0.975) };
}

/**
 * In each round the trajectories are split in two by chance; one half tunes, and the other, drawn from with replacement
 * (whole trajectories: their calls are not independent), tests.
 */
export function study(rounds = 300, seed = 20_260_101): Row[] {
  const calls = readFileSync(data, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line): Call => JSON.parse(line));
  const trajectories = [...Map.groupBy(calls, ({ trajectory }) => trajectory).values()];
  const effectOf = openEffects(calls);
  return tuners.map(({ name, tune }) => {
    const random = seeded(seed);
    const found = {
      tuned: 0,
      stopped: [] as number[],
      interruptions: [] as number[],
      byChance: [] as number[],
    };
    for (let round = 0; round < rounds; round++) {
      const order = shuffled(trajectories, random);
      const half = Math.floor(order.length / 2);
      const [tuning, others] = [tune(order.slice(0, half).flat()), order.slice(half)];
      if (tuning.size > 0) found.tuned += 1;
      const tested = others.flatMap(() => others[Math.floor(random() * others.length)] ?? []);
      const wrong = tested.filter(wasWrong);
      const asked = tested.filter((call) => effectOf(call, tuning) === 'approval_required');
      const writes = tested.filter(({ kind }) => kind === 'write');
      const stopped = (some: readonly Call[]) =>
        some.filter((call) => ['approval_required', 'deny'].includes(effectOf(call, tuning))).length;
      found.stopped.push(stopped(wrong) / wrong.length);
      found.interruptions.push((100 * asked.length) / tested.length);
      found.byChance.push(stopped(writes) / writes.length);
    }
    return {
      name,
      tuned: found.tuned / rounds,
      stopped: spreadOf(found.stopped),
      interruptions: spreadOf(found.interruptions),
      byChance: spreadOf(found.byChance).middle,
    };
  });
}

/** As it stands in the docs. */
export function studyTable(rows: readonly Row[]): string {
  const percent = (share: number): string => `${Math.round(share * 100)}%`;
  const shares = ({ middle, low, high }: Spread) => `${percent(middle)} (${percent(low)}–${percent(high)})`;
  const counts = ({ middle, low, high }: Spread) =>
    `${middle.toFixed(1)} (${low.toFixed(1)}–${high.toFixed(1)})`;
  return [
    '| policy | rounds in which it was tuned | unexpected writes stopped | the same by chance | interruptions per 100 calls |',
    '|---|---|---|---|---|',
    ...rows.map(
      ({ name, tuned, stopped, byChance, interruptions }) =>
        `| ${name} | ${percent(tuned)} | ${shares(stopped)} | ${percent(byChance)} | ${counts(interruptions)} |`,
    ),
  ].join('\n');
}

if (import.meta.main) {
  if (!isThere) {
    console.error(
      'The study needs ../shared/data/airline-tool-calls.jsonl beside the project, and it is not there.',
    );
    process.exit(1);
  }
  console.log(studyTable(study()));
}
