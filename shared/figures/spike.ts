/** Whether something has become more frequent than it used to be, against its own past. */
import { type Count, checkCount, type Interval } from './count.ts';
import { LEAST, type TooFew, tooFew } from './least.ts';
import { wilson } from './wilson.ts';

/**
 * Now against the past: `k` of `n` with Wilson's interval, what was usual, and the `chance` that so many or more come
 * where nothing has changed. `spread` is how much more the past's days differ than chance alone would have them.
 */
export type Spike = Count &
  Interval & { enough: true; rate: number; usual: Count & { rate: number }; chance: number; spread: number };

/** Of the past: so many days on which something happened, and so many things in all. */
const past = { days: 7, n: 100 };

/**
 * How `now` compares with the `days` before, each a count over as long as `now` is. Needs `LEAST.spike` now, and a past of
 * seven days with a hundred in all; "too few" names what is missing most.
 *
 * How: days differ more than chance would have them (an evening nobody was there), so all counts are divided by how much
 * more, φ = Pearson's χ² of the days ÷ their degrees of freedom, never below 1. With what is left of them the share is
 * Beta(K + ½, N − K + ½), and the chance of `k` or more of `n` follows from it (beta-binomial), so that a short past
 * counts for as little as it should.
 *
 * Sources: P. McCullagh & J. Nelder, "Generalized Linear Models" (1989), 4.5, on φ; H. Jeffreys, "Theory of Probability"
 * (1961), on the halves; A. Gelman et al., "Bayesian Data Analysis" (2013), 2.4, on predicting.
 */
export function spikeOf(now: Count, days: readonly Count[]): Spike | TooFew {
  for (const count of [now, ...days]) checkCount(count);
  const busy = days.filter(({ n }) => n > 0);
  const usual = busy.reduce((sum, { k, n }) => ({ k: sum.k + k, n: sum.n + n }), { k: 0, n: 0 });
  const few = tooFew(now.n, LEAST.spike) ?? tooFew(busy.length, past.days) ?? tooFew(usual.n, past.n);
  if (few !== undefined) return few;
  const spread = spreadOf(busy, usual);
  const [k, n] = [Math.floor(now.k / spread), Math.floor(now.n / spread)];
  const misses = (usual.n - usual.k) / spread;
  return {
    ...now,
    enough: true,
    rate: now.k / now.n,
    ...wilson(now),
    usual: { ...usual, rate: usual.k / usual.n },
    chance: chanceOf(Math.min(k, n), n, usual.k / spread + 0.5, misses + 0.5),
    spread,
  };
}

/** φ, at least 1; where all or none of the past happened there is nothing to tell it by. */
function spreadOf(days: readonly Count[], usual: Count): number {
  const share = usual.k / usual.n;
  const variance = share * (1 - share);
  if (variance === 0) return 1;
  const squares = days.reduce((sum, { k, n }) => sum + (k - n * share) ** 2 / (n * variance), 0);
  return Math.max(1, squares / (days.length - 1));
}

/** The chance of `k` or more of `n`, the share being Beta(a, b): the tail of the beta-binomial, its terms added from `k` on. */
function chanceOf(k: number, n: number, a: number, b: number): number {
  if (k <= 0) return 1;
  // The log of the first term: none of n, by the rule of succession, then up to k by the ratio of neighbours.
  let log = 0;
  for (let i = 0; i < n; i++) log += Math.log((b + i) / (a + b + i));
  const step = (j: number): number => ((n - j) * (a + j)) / ((j + 1) * (b + n - j - 1));
  for (let j = 0; j < k; j++) log += Math.log(step(j));
  let [term, sum] = [Math.exp(log), 0];
  for (let j = k; j <= n; j++) {
    sum += term;
    term *= j < n ? step(j) : 0;
  }
  return Math.min(1, sum);
}
