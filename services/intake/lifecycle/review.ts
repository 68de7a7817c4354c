/** What a reviewer says of a call that ran: it looks fine, or it is to be undone. One person's word is enough. */
import { type Problem, problem } from '@countersign/shared/contracts';
import type { RequestRecord, ReviewRecord } from '@countersign/shared/request';
import type { Command, Decision, World } from './command.ts';
import { eventOf, person } from './event.ts';
import { deciders } from './quorum.ts';
import { alreadyDecided } from './verdict.ts';

type Review = Extract<Command, { kind: 'review' }>;

/** Why it can not be said, if it can not. */
function refusalOf(
  request: RequestRecord,
  { reviewer, verdict, seen }: Review,
  world: World,
): Problem | undefined {
  const { review, consumed, status, version, args_digest } = request;
  if (deciders(request, [reviewer], world).length === 0) {
    const detail = 'Policy asks others to look at this, or it is your own agent’s. Leave it to them.';
    return problem('not_your_request', detail);
  }
  if (review === undefined) {
    return problem('not_under_review', 'Policy did not let this run to be reviewed afterwards.');
  }
  if (status !== 'running') return alreadyDecided(request);
  if (consumed === undefined) {
    return problem(
      'not_consumed',
      'It has not run yet, so there is nothing to review. Revoke it to stop it.',
    );
  }
  if (seen.version !== version || seen.args_digest !== args_digest) {
    const detail =
      'The request has changed since it was shown. Read it again, then say what you think of it.';
    return problem('stale', detail, { version, args_digest });
  }
  if (verdict === 'undo' && review.undo === undefined) {
    const detail = `Policy names nothing that undoes ${request.tool}. Deal with it outside of Countersign, and say so in a reason.`;
    return problem('undo_not_offered', detail);
  }
  return undefined;
}

/**
 * Says it, once: a repeat of one's own word is the same answer. An undo is asked of the agent, and nothing is undone
 * before it says so. After the window nothing can be said any more, however late anyone notices.
 */
export function review(request: RequestRecord, command: Review, world: World): Decision {
  const { reviewer, verdict, reason, seen, batch } = command;
  const before = request.review;
  if (before?.by === reviewer && before.verdict === verdict) return { request, events: [] };
  const refusal = refusalOf(request, command, world);
  if (refusal !== undefined || before === undefined)
    return { request, events: [], ...(refusal && { refusal }) };
  const at = world.now;
  const said: ReviewRecord = {
    ...before,
    verdict,
    by: reviewer,
    at,
    ...(reason === undefined ? {} : { reason }),
  };
  const next: RequestRecord =
    verdict === 'fine'
      ? { ...request, status: 'reviewed', review: said }
      : { ...request, status: 'undo_requested', review: { ...said, answer_by: at + said.undo_within_ms } };
  const type = verdict === 'fine' ? 'review.reviewed' : 'review.undo_requested';
  const data = {
    seen,
    ...(batch === undefined ? {} : { batch }),
    ...(said.undo && verdict === 'undo' ? { undo: said.undo } : {}),
  };
  return {
    request: next,
    events: [eventOf(next, type, person(reviewer), at, data)],
    not_after: (before.until ?? at) - 1,
  };
}
