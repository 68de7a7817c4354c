/** A limit over time as a person reads it. */
import type { RequestView } from '@countersign/shared/contracts';

/** A limit that a call passes, as the request's `why` has it. */
export type PassedLimit = NonNullable<RequestView['why'][number]['exceeded']>[number];

const units = [
  ['d', 86_400],
  ['h', 3_600],
  ['min', 60],
] as const;

/** A limit's window, seconds, in the largest unit that divides it: `24 h` and `1 d` are one, `90 min` stays. */
export function windowText(seconds: number): string {
  const [unit, length] = units.find(([, size]) => seconds % size === 0) ?? ['s', 1];
  return `${seconds / length} ${unit}`;
}

/** Which limit, what was counted, and how much may be: one sentence. */
export function limitSentence({ counts, window, over, total, error }: PassedLimit): string {
  if (total === null) {
    const why = error === undefined ? '' : `: ${error}`;
    return `A limit could not be counted (${counts}), so a person looks${why}`;
  }
  return `With this call ${total} within ${windowText(window)}, and no more than ${over} go unasked (${counts})`;
}
