/** Approvals in a row. */

/** The run of approvals that is going on, and the longest there was. */
export type Streak = { now: number; longest: number };

export const NO_STREAK: Streak = { now: 0, longest: 0 };

/** After one more verdict: an approval as it stood lengthens the run; a rejection, an edit, a question ends it. */
export function stepStreak({ now, longest }: Streak, approvedAsIs: boolean): Streak {
  const next = approvedAsIs ? now + 1 : 0;
  return { now: next, longest: Math.max(longest, next) };
}

/**
 * The chance that among `n` verdicts there is a run of `length` approvals or more, when each is an approval with chance
 * `rate` and none depends on another. A streak that is likely (0.99⁵⁰ = 61%) says nothing, so show this beside it; one
 * that is unlikely says that the verdicts hang together, which reading, a change of input and habit all make them do.
 *
 * Source: the recursion over the place of the first such run, W. Feller, "An Introduction to Probability Theory" I, XIII.7.
 */
export function streakChance({ length, n, rate }: { length: number; n: number; rate: number }): number {
  if (length <= 0) return 1;
  const run = rate ** length;
  // by[i]: the chance that the first i verdicts have such a run. It ends at i for the first time if there was none up to
  // the verdict before it, that one was no approval, and then came `length` of them.
  const by: number[] = [];
  for (let i = 0; i <= n; i++) {
    const before = by[i - 1] ?? 0;
    if (i < length) by.push(0);
    else if (i === length) by.push(run);
    else by.push(before + (1 - (by[i - length - 1] ?? 0)) * (1 - rate) * run);
  }
  return by[n] ?? 0;
}
