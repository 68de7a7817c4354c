/** Exact tails of counts, for thresholds that were chosen among several. Pure. */

/** ln of 0!, 1!, … as far as it was asked for. */
const lnFactorials = [0];
function lnFactorial(n: number): number {
  for (let at = lnFactorials.length; at <= n; at++)
    lnFactorials.push((lnFactorials[at - 1] ?? 0) + Math.log(at));
  return lnFactorials[n] ?? 0;
}
const lnChoose = (n: number, k: number): number => lnFactorial(n) - lnFactorial(k) - lnFactorial(n - k);

/**
 * The chance that at least `hits` of `drawn` are marked, drawn without looking from `all` of which `marked` are: Fisher's
 * exact test, one-sided. What a threshold that has nothing to do with what is wrong would come to by luck.
 *
 * Source: R. A. Fisher, "The Logic of Inductive Inference", Journal of the Royal Statistical Society 98 (1935).
 */
export function chanceOfHits(hits: number, drawn: number, marked: number, all: number): number {
  let chance = 0;
  for (let k = hits; k <= Math.min(drawn, marked); k++) {
    if (drawn - k > all - marked) continue;
    chance += Math.exp(lnChoose(marked, k) + lnChoose(all - marked, drawn - k) - lnChoose(all, drawn));
  }
  return Math.min(1, chance);
}

/** The chance of at least `k` of `n`, each with chance `p`. */
function chanceOfAtLeast(k: number, n: number, p: number): number {
  if (k <= 0) return 1;
  if (p <= 0) return 0;
  if (p >= 1) return 1;
  let chance = 0;
  for (let at = k; at <= n; at++)
    chance += Math.exp(lnChoose(n, at) + at * Math.log(p) + (n - at) * Math.log1p(-p));
  return Math.min(1, chance);
}

/**
 * The lowest share that `k` of `n` leave open with confidence 1 − `alpha`, exactly: 7 of 7 leave 65% at 5%. 0 where
 * nothing is known.
 *
 * Source: C. Clopper, E. Pearson, "The use of confidence or fiducial limits", Biometrika 26 (1934), one-sided.
 */
export function lowestShare(k: number, n: number, alpha: number): number {
  if (k === 0 || n === 0) return 0;
  let [low, high] = [0, k / n];
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2;
    if (chanceOfAtLeast(k, n, middle) < alpha) low = middle;
    else high = middle;
  }
  return low;
}

/** The highest share, likewise: of 59 with none, 5% at 5%. 1 where nothing is known. */
export const highestShare = (k: number, n: number, alpha: number): number =>
  n === 0 ? 1 : 1 - lowestShare(n - k, n, alpha);
