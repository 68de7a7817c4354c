/** From sums to figures that may be shown: with n and interval, as too few to say, or hidden. Pure. */
import type { Estimate, RequestCounts, Spread } from '@countersign/shared/contracts';
import { type Count, LEAST, NEARLY_ALL, rateOf, sessionDrift } from '@countersign/shared/figures';
import type { z } from 'zod';
import { bounds, type Kind, quantile } from './histogram.ts';
import { histogramIn, type Measures, valueIn } from './measures.ts';

/** Fewer people than this are no team: figures of how they decide would be figures of persons (oversight, "Never"). */
export const leastPeople = 5;

export const hidden = { enough: false, hidden: 'fewer_than_five_people' } as const;

/** The figure, unless it would be about fewer than five people. */
export const unlessFew = <T>(people: number, figure: () => T): T | typeof hidden =>
  people < leastPeople ? hidden : figure();

/** What became of requests. */
export function countsOf(sums: Measures): z.infer<typeof RequestCounts> {
  const [approved, rejected] = [valueIn(sums, 'approved'), valueIn(sums, 'rejected')];
  return {
    arrived: valueIn(sums, 'arrived'),
    decided: approved + rejected,
    approved,
    edited: valueIn(sums, 'edited'),
    rejected,
    batched: valueIn(sums, 'batched'),
    timed_out: valueIn(sums, 'timed_out'),
    cancelled: valueIn(sums, 'cancelled'),
  };
}

export function approvalOf(sums: Measures) {
  const { approved: k, decided: n } = countsOf(sums);
  return rateOf({ k, n }, LEAST.approval);
}

/** At enough decisions to suggest something, even the lower bound says that nearly all is approved. */
export function isNearlyAll(sums: Measures): boolean {
  const rate = approvalOf(sums);
  return rate.enough && rate.n >= LEAST.suggestion && rate.low >= NEARLY_ALL;
}

export function timeoutsOf(sums: Measures): Estimate {
  const { timed_out: k, decided, batched } = countsOf(sums);
  return rateOf({ k, n: k + decided + batched }, LEAST.approval);
}

export const repeatsOf = (sums: Measures): Estimate =>
  rateOf({ k: valueIn(sums, 'repeats'), n: valueIn(sums, 'known') }, LEAST.repeats);

const ofBoth = (sums: Measures, what: 'read' | 'fast'): number =>
  valueIn(sums, `${what}_early`) + valueIn(sums, `${what}_late`);

/** Approvals that came too fast, of those with a claim of attention and known texts. */
export const fastIn = (verdicts: Measures): Count => ({
  k: ofBoth(verdicts, 'fast'),
  n: ofBoth(verdicts, 'read'),
});

export const tooFastOf = (verdicts: Measures): Estimate => rateOf(fastIn(verdicts), LEAST.tooFast);

export const sessionDriftOf = (verdicts: Measures) =>
  sessionDrift(
    { k: valueIn(verdicts, 'fast_late'), n: valueIn(verdicts, 'read_late') },
    { k: valueIn(verdicts, 'fast_early'), n: valueIn(verdicts, 'read_early') },
  );

/** Caught of answered, of one difficulty or of both. */
export function catchesOf(
  sums: Measures,
  least: number,
  difficulties: readonly ('plain' | 'buried')[] = ['plain', 'buried'],
) {
  const total = (of: (difficulty: 'plain' | 'buried') => number): number =>
    difficulties.reduce((sum, difficulty) => sum + of(difficulty), 0);
  const k = total((difficulty) => valueIn(sums, `${difficulty}_caught`));
  return rateOf({ k, n: total((difficulty) => valueIn(sums, difficulty)) }, least);
}

/** A histogram with its middle and its end; too few below 30, as for rates. */
export const spreadOf = (sums: Measures, kind: Kind): Spread => spreadIn(kind, histogramIn(sums, kind));

/** The same of a histogram's counts. */
export function spreadIn(kind: Kind, counts: readonly number[]): Spread {
  const n = counts.reduce((sum, one) => sum + one, 0);
  if (n < LEAST.approval) return { enough: false, n, needed: LEAST.approval };
  return {
    enough: true,
    n,
    median: quantile(kind, counts, 0.5),
    p90: quantile(kind, counts, 0.9),
    buckets: counts.map((count, at) => ({ upto: bounds[kind][at] ?? null, n: count })),
  };
}
