/** Whether people read less the longer they sit at it. */
import type { Count } from './count.ts';
import { type Difference, differenceOf } from './difference.ts';
import { LEAST, type TooFew } from './least.ts';

/** A pause of so long ends a session, ms. */
export const SESSION_PAUSE_MS = 30 * 60_000;

/** Watchers miss more after their first half-hour (N. Mackworth, 1948): what comes after it is late in the session, ms. */
export const EARLY_MS = 30 * 60_000;

/** A session that is going on: when it began and when its last verdict was given, ms. */
export type Session = { began: number; last: number };

/** The session that a verdict at `at` (ms) belongs to, after the reader's last one; undefined when there was none yet. */
export function sessionAt(before: Session | undefined, at: number): Session {
  if (before === undefined || at - before.last >= SESSION_PAUSE_MS) return { began: at, last: at };
  return { began: before.began, last: Math.max(before.last, at) };
}

/** Whether a verdict at `at` comes late in its session. */
export const isLate = ({ began }: Session, at: number): boolean => at - began >= EARLY_MS;

/**
 * Drift over the session: the share of approvals that came too fast (`isTooFast`) late in a session, less the share early
 * in one. An interval above 0 means that people read less as they tire. Sessions add up, so two counts suffice.
 */
export const sessionDrift = (late: Count, early: Count): Difference | TooFew =>
  differenceOf(late, early, LEAST.tooFast);
