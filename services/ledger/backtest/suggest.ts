/**
 * Where a person should be asked, as far as the log shows: for each tool one threshold, found on the earlier half of its
 * calls and tested on the later. Pure. Nothing applies itself: what comes out is the text of a shadow rule.
 *
 * Source: the oversight design, "Suggestions that stay honest".
 */
import type { NamedCall, NoSuggestion, Suggestion, Suggestions } from '@countersign/shared/contracts';
import { CATCH_DRIFT, cusumOf, fourWay, LEAST, rateOf, sampleFor } from '@countersign/shared/figures';
import { chanceOfHits, highestShare, lowestShare } from './chance.ts';
import { featuresOf } from './features.ts';
import type { Replayed } from './read.ts';
import { faults, type Recorded } from './recorded.ts';
import { ruleTexts } from './suggested-rule.ts';
import { asks, type Case, conditionOf, fitThreshold, gatedBy, type Threshold } from './threshold.ts';

export type SuggestOptions = {
  /** Only actions from then on, Redis ms. */
  from?: number;
  /** The present, ms: what is suggested for a while ends some time after it. */
  now: number;
  /** Puts request ids into an order of chance, for audits: the same one for the same log. */
  lotOf: (requestId: string) => string;
  /** How many calls of a tool it takes, and how many of them wrong. */
  least?: { calls: number; faulty: number };
};

export type Suggesting = { take(replayed: Replayed): void; result(): Suggestions };

/** Over all that one answer suggests. */
const alpha = 0.05;
/** With fewer wrong ones no half has enough to fit or to test anything. */
const leastFaulty = 6;
/** So many without a wrong one bound the share of wrong ones at 5%: 59. */
const auditOf = sampleFor(0.05);
/** So many are named of each kind. */
const mostExamples = 5;

type Call = Case & { action: Recorded };
type OfTool = {
  calls: Call[];
  approvals: { k: number; n: number } /** Of each planted test that somebody decided, in order. */;
  misses: boolean[];
};

const percent = (share: number): string => `${Math.round(share * 100)}%`;
const whole = (count: number): string => count.toLocaleString('en');
const wasAsked = ({ action }: Call): boolean => action.was.effect === 'approval_required';

/** Begins with nothing. Actions are given in the order of the log. */
export function openSuggesting({ from = -Infinity, now, lotOf, least }: SuggestOptions): Suggesting {
  const { calls: leastCalls, faulty: leastWrong } = least ?? {
    calls: LEAST.suggestion,
    faulty: leastFaulty,
  };
  const tools = new Map<string, OfTool>();
  const leftOut = { erased: 0, planted: 0 };
  let actions = 0;

  function toolOf(name: string): OfTool {
    const known = tools.get(name) ?? { calls: [], approvals: { k: 0, n: 0 }, misses: [] };
    tools.set(name, known);
    return known;
  }

  /** The threshold of a tool, found on its earlier half; how it did on the later is said only once all are known. */
  function fitted(tool: string, { calls, ...counts }: OfTool) {
    const faulty = calls.filter((call) => call.faulty).length;
    const half = Math.floor(calls.length / 2);
    const [earlier, later] = [calls.slice(0, half), calls.slice(half)];
    const none = (because: NoSuggestion['because'], tried = 0) => ({
      tool,
      because,
      tried,
      calls,
      ...counts,
    });
    if (faulty === 0) return none('no_faults');
    if (calls.length < leastCalls || faulty < leastWrong) return none('too_few');
    const fit = fitThreshold(earlier, alpha);
    if (!fit.found) return none('no_threshold', fit.tried);
    return { tool, fit, earlier, later, calls };
  }

  function noSuggestion(none: Extract<ReturnType<typeof fitted>, { because: string }>): NoSuggestion {
    const { tool, because, tried, calls, approvals, misses } = none;
    const judged = calls.filter(({ action }) => action.judged).length;
    const faulty = calls.filter((call) => call.faulty).length;
    const ran = calls.filter(({ action }) => !action.faults.has('rejected'));
    const audit = ran
      .map(({ action }) => ({ id: action.request_id, entry: action.seq, lot: lotOf(action.request_id) }))
      .sort((a, b) => (a.lot < b.lot ? -1 : 1))
      .slice(0, because === 'no_faults' ? auditOf : 0);
    const looked = calls.filter(({ action }) => action.audited);
    const wrong = looked.filter(({ action }) => action.faults.has('audited')).length;
    const caught = { k: misses.filter((missed) => !missed).length, n: misses.length };
    const { reading } = fourWay(
      rateOf(approvals, LEAST.approval),
      rateOf(caught, LEAST.catchTeam),
      cusumOf(misses, CATCH_DRIFT).alarms.length > 0,
    );
    return {
      tool,
      because,
      calls: calls.length,
      judged,
      faulty,
      tried,
      reading,
      audit: audit.map(({ id }) => id),
      audit_entries: audit.map(({ entry }) => entry),
      audited: { n: looked.length, wrong, bound: highestShare(wrong, looked.length, alpha) },
      sentence: sentences[because](whole(calls.length), whole(faulty), tried, leastCalls, leastWrong),
    };
  }

  return {
    take({ action, payload }) {
      if (action.at < from) return;
      if (action.planted) {
        leftOut.planted += 1;
        // One that nobody decided was neither caught nor missed.
        if (action.judged) toolOf(action.tool).misses.push(!action.faults.has('rejected'));
        return;
      }
      if (payload === undefined) {
        leftOut.erased += 1;
        return;
      }
      actions += 1;
      const { calls, approvals } = toolOf(action.tool);
      if (action.was.effect === 'approval_required' && action.judged) {
        approvals.n += 1;
        if (!action.faults.has('rejected')) approvals.k += 1;
      }
      // What policy denied ran never, and nobody was asked whether it was right.
      if (action.was.effect === 'deny') return;
      calls.push({ action, features: featuresOf(payload.args), faulty: action.faults.size > 0 });
    },
    result() {
      const all = [...tools]
        .filter(([, { calls }]) => calls.length > 0)
        .map(([tool, counts]) => fitted(tool, counts));
      const found = all.flatMap((one) => ('fit' in one ? [one] : []));
      return {
        actions,
        left_out: leftOut,
        suggestions: found.map((one) => tested(one, alpha / found.length, now)),
        others: all
          .flatMap((one) => ('because' in one ? [noSuggestion(one)] : []))
          .sort((a, b) => b.calls - a.calls),
      };
    },
  };
}

/** The latest of them by name. */
const named = (calls: readonly Call[]): NamedCall[] =>
  calls
    .slice(-mostExamples)
    .reverse()
    .map(({ action }) => ({
      request_id: action.request_id,
      entry: action.seq,
      at: new Date(action.at).toISOString(),
      agent: action.agent,
      faults: [...action.faults],
    }));

type Found = {
  tool: string;
  fit: { threshold: Threshold; tried: number };
  earlier: Call[];
  later: Call[];
  calls: Call[];
};

const partOf = (threshold: Threshold, calls: readonly Call[]): Suggestion['fit'] => {
  const { calls: gates, faulty: includes } = gatedBy(threshold, calls);
  const time = (call: Call | undefined): string => new Date(call?.action.at ?? 0).toISOString();
  return { from: time(calls[0]), to: time(calls.at(-1)), gates, includes };
};

/** How a threshold does on the half that it was not found on. @param share of `alpha` that is this suggestion's */
function tested({ tool, fit, earlier, later, calls }: Found, share: number, now: number): Suggestion {
  const { threshold, tried } = fit;
  const part = partOf(threshold, later);
  const { gates, includes } = part;
  const skipped = later.filter(({ features }) => !asks(threshold, features));
  const judged = skipped.filter(({ action }) => action.judged).length;
  const faulty = skipped.filter((call) => call.faulty).length;
  const low = lowestShare(includes.k, includes.n, share);
  const bound = highestShare(faulty, Math.max(judged, faulty), share);
  const borneOut = includes.n > 0 && chanceOfHits(includes.k, gates.k, includes.n, gates.n) <= share;
  const loosens = later.filter(wasAsked).length > gates.k;
  const kind = loosens ? 'loosen' : 'tighten';
  const condition = conditionOf(threshold);
  const rules = [...new Set(calls.filter(wasAsked).flatMap(({ action }) => action.was.rules))];
  return {
    tool,
    kind,
    condition,
    tried,
    fit: partOf(threshold, earlier),
    test: {
      ...part,
      low,
      faults: faults.flatMap((fault) => {
        const those = later.filter(({ action }) => action.faults.has(fault));
        const k = those.filter(({ features }) => asks(threshold, features)).length;
        return those.length === 0 ? [] : [{ fault, k, n: those.length }];
      }),
      skips: { calls: skipped.length, judged, faulty, bound },
    },
    examples: {
      included: named(later.filter((call) => call.faulty && asks(threshold, call.features))),
      missed: named(skipped.filter((call) => call.faulty)),
      others: named(later.filter((call) => !call.faulty && asks(threshold, call.features))),
    },
    borne_out: borneOut,
    sentence:
      `Asking about ${tool} where ${condition} gates ${whole(gates.k)} of ${whole(gates.n)} calls of the later half, ` +
      `and includes ${whole(includes.k)} of the ${whole(includes.n)} that were wrong (at least ${percent(low)}); ` +
      `${whole(skipped.length)} would skip review, of which up to ${percent(bound)} may be wrong.` +
      (borneOut ? '' : ' The later half does not bear it out.'),
    ...(borneOut ? ruleTexts({ tool, kind, condition, rules, now }) : {}),
  };
}

const sentences: Record<
  NoSuggestion['because'],
  (calls: string, faulty: string, tried: number, leastCalls: number, leastWrong: number) => string
> = {
  no_faults: (calls) =>
    `None of ${calls} calls is known to have been wrong, so no threshold can be tested. Look at ${auditOf}, drawn by chance: if none of them is wrong, at most 5% of all are (95% confidence).`,
  too_few: (calls, faulty, _tried, leastCalls, leastWrong) =>
    `${faulty} of ${calls} calls are known to have been wrong. It takes ${leastCalls} calls, and ${leastWrong} that were wrong.`,
  no_threshold: (calls, faulty, tried) =>
    `${faulty} of ${calls} calls are known to have been wrong, and none of ${tried} thresholds tells them from the others better than luck would.`,
};
