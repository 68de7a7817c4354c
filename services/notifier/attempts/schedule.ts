/** When a failed delivery is tried again: data, and one pure function over it. */

/** Pauses before each attempt in ms, as Standard Webhooks 1.0.0 recommends: ten attempts over some 75 hours. */
export const standardSchedule: readonly number[] = [
  0,
  5_000,
  5 * 60_000,
  30 * 60_000,
  2 * 3_600_000,
  5 * 3_600_000,
  10 * 3_600_000,
  14 * 3_600_000,
  20 * 3_600_000,
  24 * 3_600_000,
];

/** Up to this share of a pause is added, so that what failed together does not come back together. */
const jitter = 0.1;
/**
 * No peer can put us off for longer than this, ms. A request waits for an hour unless policy says otherwise: whoever is
 * silenced for longer may miss one from its beginning to its end, for one header of an answer. What is critical is asked
 * about again while there is time to do something.
 */
export const longestWait = { critical: 5 * 60_000, other: 3_600_000 };

/**
 * The pause before the next attempt in ms.
 *
 * @param made attempts made so far, at least 1
 * @param retryAfterMs what the peer asked for; it lengthens the pause and never shortens it
 * @param random from 0 up to 1
 */
export function pauseBefore(
  schedule: readonly number[],
  made: number,
  retryAfterMs: number | undefined,
  random: number,
): number {
  const planned = (schedule[made] ?? schedule.at(-1) ?? 0) * (1 + jitter * random);
  return Math.round(Math.max(planned, Math.min(retryAfterMs ?? 0, longestWait.other)));
}
