/** Histograms with fixed buckets: those of two hours add up to that of both, which quantiles never do. Pure. */

const [second, hour] = [1_000, 3_600_000];

/** Upper ends of the buckets, each excluded; one more bucket follows the last. A bucket is some half wider than the one before, so a quantile is off by that at most. */
export const bounds = {
  /** What a verdict took, ms. */
  time: [0.5, 1, 2, 3, 5, 8, 12, 20, 30, 45, 60, 90, 120, 180, 300, 600, 1_200, 1_800].map((s) => s * second),
  /** From made to decided, ms. */
  wait: [5, 10, 20, 30, 60, 120, 180, 300, 450, 600, 900, 1_200, 1_800, 2_700, 3_600]
    .map((s) => s * second)
    .concat([2, 3, 5, 8, 12, 24, 48, 72, 168].map((h) => h * hour)),
  /** Attention as a multiple of the least time to read. */
  pace: [0.1, 0.25, 0.5, 0.75, 1, 1.5, 2, 3, 5, 10, 20],
} as const;
export type Kind = keyof typeof bounds;
export const kinds = Object.keys(bounds) as Kind[];

/** The place of a value. */
export function bucketOf(kind: Kind, value: number): number {
  const at = bounds[kind].findIndex((upper) => value < upper);
  return at < 0 ? bounds[kind].length : at;
}

/** How many columns it takes. */
export const bucketsOf = (kind: Kind): number => bounds[kind].length + 1;

/**
 * The value below which the share `q` lies, taking each bucket to be evenly filled; of the last one, which has no end,
 * where it begins. `counts` has at least one in it.
 */
export function quantile(kind: Kind, counts: readonly number[], q: number): number {
  const wanted = q * counts.reduce((sum, n) => sum + n, 0);
  let below = 0;
  // By index: this is asked for each hour of a window, and an iterator's pairs cost more than all the rest of an answer.
  for (let at = 0; at < counts.length; at++) {
    const n = counts[at] ?? 0;
    if (n > 0 && below + n >= wanted) {
      const low = bounds[kind][at - 1] ?? 0;
      const high = bounds[kind][at] ?? low;
      return low + ((high - low) * Math.max(0, wanted - below)) / n;
    }
    below += n;
  }
  return bounds[kind].at(-1) ?? 0;
}
