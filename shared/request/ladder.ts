/** The ladder of a request: what is done when nobody decides, and when. Pure. */
import type { EscalationStep } from '../policy/index.ts';
import type { RequestRecord } from './record.ts';

/** A step on the record. `done_at` (Redis ms): it is done, and never again. */
export type LadderStep = EscalationStep & { done_at?: number };

/** Steps that only tell, and steps after which more people may decide. */
export type StepKind = 'remind' | 'escalate';

/** What kind a step is, and of what kind its timer. */
export function kindOf({ reviewers }: LadderStep): StepKind {
  return reviewers.length > 0 ? 'escalate' : 'remind';
}

/** The channels that policy asks to tell by: those of its rules and tier, and of the steps that are done. */
export function channelsAskedBy({
  channels,
  escalate,
}: Pick<RequestRecord, 'channels' | 'escalate'>): string[] {
  const done = escalate.filter(({ done_at }) => done_at !== undefined);
  return [...new Set([...channels, ...done.flatMap((step) => step.channels)])];
}

/** Whether the ladder stands still: somebody is on it, or an approval is held. */
export function isPaused({ claim, release_at }: RequestRecord): boolean {
  return claim !== undefined || release_at !== undefined;
}

/** The end of that, if nothing else happens, in Redis ms; 0 where it does not stand still. */
function pauseEnds({ claim, release_at }: RequestRecord): number {
  return Math.max(claim?.until ?? 0, release_at ?? 0);
}

/**
 * When a step is due, in Redis ms. Policy counts from when the request was made, and a pause moves nothing: like the
 * deadline, the steps keep their times, and one that came up meanwhile is due as soon as the pause ends.
 */
export function dueAt(request: RequestRecord, step: LadderStep): number {
  return Math.max(plannedAt(request, step), request.ladder_from ?? 0);
}

/** When policy wants it, in Redis ms. */
export function plannedAt({ created_at }: RequestRecord, { after_ms }: LadderStep): number {
  return created_at + after_ms;
}

/** A step that will be done, unless something else happens first. */
export type StepAhead = { step: LadderStep; at: number };

/** The steps that are still to come, in the order of time: none after the end, and none that would come with it. */
export function stepsAhead(request: RequestRecord): StepAhead[] {
  if (request.status !== 'pending' || request.escalate.length === 0) return [];
  const end = request.expires_at ?? Number.POSITIVE_INFINITY;
  return request.escalate
    .filter(({ done_at }) => done_at === undefined)
    .map((step) => ({ step, at: Math.max(dueAt(request, step), pauseEnds(request)) }))
    .filter(({ at }) => at < end);
}

/** The step that time brings next; none while the ladder stands still, for then it is the pause that ends first. */
export function nextStep(request: RequestRecord): StepAhead | undefined {
  return isPaused(request) ? undefined : stepsAhead(request)[0];
}
