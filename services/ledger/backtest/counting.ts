/**
 * Limits over time in a simulation (A8): counted exactly, in the order of events, as docs/policy.md has it. A call takes
 * its share when it is proposed, unless the simulated policy denies it; where a person would be asked, it gives its share
 * back when it was in truth rejected, lapsed, withdrawn or revoked. Pure.
 */
import {
  fromMicros,
  type LimitReadings,
  type PolicyAction,
  type PolicyAnswer,
  type PolicySet,
  type Stake,
  stakesOf,
} from '@countersign/shared/policy';
import type { Recorded } from './recorded.ts';

export type Counting = {
  /** What limits have counted when this call is proposed, the call included. Calls are given in the order of time. */
  read(call: PolicyAction, at: number): LimitReadings;
  /** Takes what the call that was read last takes under this answer. */
  take(answer: PolicyAnswer, action: Recorded): void;
};

/** Millionths, from `at` on. Counted no more once it was given back. */
type Share = { at: number; amount: number; back: boolean };
/** The shares of one counter in the order of time; those before `first` are out of its window. */
type Counter = { shares: Share[]; first: number; total: number };
type Counted = Extract<Stake, { counter: string }>;

/** Undefined where no rule has a limit. */
export function openCounting(set: PolicySet): Counting | undefined {
  if (set.rules.every(({ limits }) => limits.length === 0)) return undefined;
  const counters = new Map<string, Counter>();
  /** Shares to be given back, by when, the earliest last. */
  const returns: { at: number; share: Share; counter: Counter }[] = [];
  let last: { at: number; counted: Counted[] } = { at: 0, counted: [] };

  function counterOf(name: string): Counter {
    const counter = counters.get(name) ?? { shares: [], first: 0, total: 0 };
    counters.set(name, counter);
    return counter;
  }

  function giveBack(until: number): void {
    for (let next = returns.at(-1); next !== undefined && next.at <= until; next = returns.at(-1)) {
      returns.pop();
      const { share, counter } = next;
      if (share.back) continue;
      share.back = true;
      counter.total -= share.amount;
    }
  }

  /** What is counted after `horizon`. */
  function totalOf(counter: Counter, horizon: number): number {
    for (let share = counter.shares[counter.first]; share && share.at <= horizon; ) {
      if (!share.back) counter.total -= share.amount;
      share.back = true;
      counter.first += 1;
      share = counter.shares[counter.first];
    }
    return counter.total;
  }

  return {
    read(call, at) {
      giveBack(at);
      const readings: LimitReadings = {};
      const stakes = stakesOf(set, call);
      for (const stake of stakes) {
        const ofRule = readings[stake.rule] ?? [];
        readings[stake.rule] = ofRule;
        ofRule[stake.limit] =
          'fault' in stake
            ? { error: stake.fault }
            : {
                total: fromMicros(totalOf(counterOf(stake.counter), at - stake.window_ms) + stake.amount),
              };
      }
      const counted = stakes.flatMap((stake) => ('fault' in stake ? [] : [stake]));
      // Two bounds on the same count have one counter.
      last = { at, counted: [...new Map(counted.map((stake) => [stake.counter, stake])).values()] };
      return readings;
    },
    take({ effect }, { given_back }) {
      if (effect === 'deny') return;
      for (const { counter: name, amount } of last.counted) {
        const counter = counterOf(name);
        const share = { at: last.at, amount, back: false };
        counter.shares.push(share);
        counter.total += amount;
        // Nobody would have been there to reject what runs unasked.
        if (effect !== 'approval_required' || given_back === undefined) continue;
        const place = returns.findLastIndex(({ at }) => at > given_back);
        returns.splice(place + 1, 0, { at: given_back, share, counter });
      }
    },
  };
}
