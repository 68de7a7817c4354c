/** Limits over time in a simulation. Until their counting is here every limit reads as passed, as `evaluate` has it. */
import type { LimitReadings, PolicySet } from '@countersign/shared/policy';

/** What was counted before a call, that call included. */
export type Counting = { read(): LimitReadings };

/** Undefined where no rule has a limit. */
export function openCounting(set: PolicySet): Counting | undefined {
  return set.rules.some(({ limits }) => limits.length > 0) ? { read: () => ({}) } : undefined;
}
