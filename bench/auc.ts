/** How well one number tells two kinds apart: the chance that one of the first is the larger, 0.5 where it tells nothing. */

export type Auc = { auc: number; low: number; high: number };

/** For every value the number of `among` that are smaller, ties by half; `among` sorted. */
function below(value: number, among: Float64Array): number {
  const bound = (after: (each: number) => boolean): number => {
    let [from, to] = [0, among.length];
    while (from < to) {
      const middle = (from + to) >> 1;
      if (after(among[middle] ?? 0)) to = middle;
      else from = middle + 1;
    }
    return from;
  };
  return (bound((each) => each >= value) + bound((each) => each > value)) / 2;
}

function variance(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
}

/**
 * The area under the ROC curve that tells the first by being larger, and its 95% interval: DeLong, DeLong and
 * Clarke-Pearson 1988, from how each value stands among those of the other kind. Needs two of each.
 */
export function aucOf(first: readonly number[], second: readonly number[]): Auc {
  const [ones, others] = [Float64Array.from(first).sort(), Float64Array.from(second).sort()];
  const above = first.map((value) => below(value, others) / others.length);
  const under = second.map((value) => 1 - below(value, ones) / ones.length);
  const auc = above.reduce((sum, value) => sum + value, 0) / above.length;
  const spread = 1.959964 * Math.sqrt(variance(above) / first.length + variance(under) / second.length);
  return { auc, low: Math.max(0, auc - spread), high: Math.min(1, auc + spread) };
}
