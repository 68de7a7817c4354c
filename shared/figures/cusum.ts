/** Whether misses have become more frequent: a sum that forgets good times and remembers bad ones. */

/** What a miss adds to the sum, what a hit adds (below zero), and the sum at which there is an alarm. */
export type CusumWeights = { miss: number; hit: number; alarm: number };

/**
 * The weights for canaries: from 15% missed, which careful teams miss, to 40%. One false alarm in about 215 canaries
 * while 15% are missed; an alarm about 14 canaries after it has become 40% (docs/oversight.md derives both).
 */
export const CATCH_DRIFT: CusumWeights = { miss: 0.98, hit: -0.35, alarm: 3 };

/**
 * The weights that tell a share of misses `good` from `bad` soonest: the log-likelihood ratio of a miss, and of a hit.
 * 0 < good < bad < 1; else it throws a RangeError. `alarm` trades false alarms against delay.
 *
 * Source: E. S. Page, "Continuous inspection schemes", Biometrika 41 (1954); for single yes-or-no items, M. Reynolds and
 * Z. Stoumbos, "A CUSUM chart for monitoring a proportion when inspecting continuously", J. Quality Technology 31 (1999).
 */
export function cusumWeights(good: number, bad: number, alarm: number): CusumWeights {
  if (!(0 < good && good < bad && bad < 1)) throw new RangeError(`no drift leads from ${good} to ${bad}`);
  return { miss: Math.log(bad / good), hit: Math.log((1 - bad) / (1 - good)), alarm };
}

/**
 * The next sum after one more canary, and whether it raises the alarm. It starts from 0, never falls below it, and
 * starts anew after an alarm, so that the next alarm rests on canaries that this one did not rest on.
 */
export function stepCusum(
  sum: number,
  missed: boolean,
  { miss, hit, alarm }: CusumWeights,
): { sum: number; alarm: boolean } {
  const next = Math.max(0, sum + (missed ? miss : hit));
  return next >= alarm ? { sum: 0, alarm: true } : { sum: next, alarm: false };
}

/** What a whole run of canaries comes to: the sum it ends with, and after which of them (from 0) there was an alarm. */
export function cusumOf(
  misses: Iterable<boolean>,
  weights: CusumWeights,
): { sum: number; n: number; alarms: number[] } {
  const alarms: number[] = [];
  let [sum, n] = [0, 0];
  for (const missed of misses) {
    const step = stepCusum(sum, missed, weights);
    sum = step.sum;
    if (step.alarm) alarms.push(n);
    n += 1;
  }
  return { sum, n, alarms };
}
