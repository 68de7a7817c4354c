/**
 * A call that runs before anyone looks (`review_after`): how it begins, and what time brings. It waits in no queue while
 * it has not run; the window counts from the run, so that an agent which runs late leaves nobody less time. Pure.
 */
import type { EventBody } from '@countersign/shared/feed';
import type { PolicyAnswer } from '@countersign/shared/policy';
import type { RequestRecord, ReviewRecord } from '@countersign/shared/request';
import { agent, eventOf, timer } from './event.ts';

export type ReviewTimer = 'lapse' | 'unreviewed' | 'overdue';

/** What is fixed of a review when the call is let through. */
export function reviewUnder({ review, tool }: PolicyAnswer): ReviewRecord {
  const { window_ms, sample, undo_within_ms } = review;
  const undo = tool?.compensation;
  return { window_ms, sample, undo_within_ms, ...(undo === undefined ? {} : { undo }) };
}

/** When time ends what a request under review waits for, in Redis ms: its run, a look, the agent's answer to an undo. */
export function reviewTimersOf({
  status,
  consumed,
  valid_until = 0,
  review,
}: RequestRecord): Partial<Record<ReviewTimer, number>> {
  if (review === undefined) return {};
  if (status === 'running')
    return consumed === undefined ? { lapse: valid_until } : { unreviewed: review.until ?? 0 };
  if (status !== 'undo_requested' || review.overdue_at !== undefined) return {};
  return { overdue: review.answer_by ?? 0 };
}

/** Ends a call that may run, and has not. Nothing was done, so there is nothing to review. */
export function endedUnrun(
  request: RequestRecord,
  end: Pick<RequestRecord, 'stop_reason' | 'decided_by'> & Partial<RequestRecord>,
  at: number,
): RequestRecord {
  return { ...request, ...end, status: 'cancelled', decided_at: at };
}

/** Applies one of its timers at the time it was for. */
export function applyReviewTimer(
  request: RequestRecord,
  kind: ReviewTimer,
  at: number,
): [RequestRecord, EventBody[]] {
  const { review } = request;
  if (review === undefined) return [request, []];
  if (kind === 'lapse') {
    const decision_reason = 'It was not run while it was allowed to.';
    const end = { stop_reason: 'approval_cancelled', decided_by: 'timeout', decision_reason } as const;
    const next = endedUnrun(request, end, at);
    return [next, [eventOf(next, 'request.cancelled', timer, at, { why: 'not_run' })]];
  }
  if (kind === 'unreviewed') {
    const next: RequestRecord = { ...request, status: 'unreviewed' };
    return [next, [eventOf(next, 'review.unreviewed', timer, at)]];
  }
  const next: RequestRecord = { ...request, review: { ...review, overdue_at: at } };
  return [next, [eventOf(next, 'review.undo_overdue', timer, at)]];
}

/** The agent says what came of an undo. It ends there: what failed is not asked for twice. */
export function undone(
  request: RequestRecord,
  status: 'undone' | 'undo_failed',
  who: string,
  at: number,
): [RequestRecord, EventBody[]] {
  const next: RequestRecord = { ...request, status, outcome: { status, at } };
  return [next, [eventOf(next, 'outcome.reported', agent(who), at, { status })]];
}
