/** Counts: `k` of `n`. Everything that is measured here starts as counts, so that hours can be added up. */

/** `k` of `n` happened: whole numbers, 0 ≤ k ≤ n. */
export type Count = { k: number; n: number };

/** Both ends belong to it. */
export type Interval = { low: number; high: number };

/** Throws where these are no counts: that is a bug of the caller, and a rate made of it would look like any other. */
export function checkCount({ k, n }: Count): void {
  if (!Number.isSafeInteger(k) || !Number.isSafeInteger(n) || k < 0 || k > n)
    throw new RangeError(`${k} of ${n} is no count`);
}

/** The counts of two groups that have no member in common, together. */
export const addCounts = (one: Count, other: Count): Count => ({ k: one.k + other.k, n: one.n + other.n });
