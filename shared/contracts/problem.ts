/**
 * Every error the API answers with, as RFC 9457 problem documents.
 * The code is stable and machine-readable; the detail is written where the problem is found and says what to do.
 */
import { z } from 'zod';

/** HTTP status and title of each code. Codes are added, never renamed. */
export const problems = {
  // the body
  invalid_request: [400, 'The request does not have the shape that this call takes.'],
  invalid_json: [400, 'The body is not JSON.'],
  invalid_utf8: [400, 'The body is not valid UTF-8.'],
  duplicate_key: [400, 'An object in the body names the same key twice.'],
  unsafe_integer: [400, 'A whole number in the body cannot be represented exactly.'],
  negative_zero: [400, 'The body holds a negative zero.'],
  non_finite: [400, 'A number in the body is too large to represent.'],
  lone_surrogate: [400, 'A string in the body is not valid Unicode.'],
  too_deep: [400, 'The body is nested too deeply.'],
  body_too_large: [413, 'The body is too large.'],
  // who asks
  unauthorized: [401, 'No valid key was given.'],
  forbidden: [403, 'This key does not have the role that the call needs.'],
  agent_not_allowed: [403, 'This key may not speak for that agent.'],
  callback_not_allowed: [403, 'This key may not ask for a callback to that origin.'],
  not_your_request: [403, 'This request is not yours to act on.'],
  slack_elsewhere: [403, 'It was pressed in another Slack, or another app, than the one that asks.'],
  pair_code_invalid: [401, 'This pairing code is wrong, used or expired.'],
  // what is asked for
  not_found: [404, 'There is no such thing here.'],
  not_sealed_yet: [404, 'It is on record, and not in the sealed log yet.'],
  method_not_allowed: [405, 'This address does not take that method.'],
  idempotency_conflict: [409, 'This idempotency key was used for a different body.'],
  idempotency_expired: [409, 'The request of this idempotency key has left the store.'],
  already_exists: [409, 'Something with this id is there already.'],
  slack_user_taken: [409, 'Another person has this member id of Slack.'],
  destination_changed: [409, 'The destination has changed since it was read.'],
  context_required: [422, 'Policy wants more context before a human is asked.'],
  // deciding
  stale: [409, 'The request has changed since it was shown.'],
  already_decided: [409, 'The request has been decided.'],
  still_pending: [409, 'The request waits for a decision.'],
  not_approved: [409, 'The request is not approved.'],
  already_claimed: [409, 'Somebody else is on it.'],
  too_many_questions: [409, 'No more questions can be asked about this request.'],
  nothing_to_answer: [409, 'No question of this request waits for an answer.'],
  already_answered: [409, 'This question has been answered.'],
  nothing_to_undo: [409, 'There is no approval of yours to undo.'],
  edit_invalid: [422, 'The edited arguments are not acceptable.'],
  edit_denied: [422, 'Policy denies the edited arguments.'],
  policy_invalid: [422, 'The policy does not load.'],
  grant_not_allowed: [422, 'Policy does not let this be granted.'],
  not_in_batch: [409, 'The request is not part of that batch.'],
  card_answered: [409, 'This card of the drill has been answered.'],
  confirmation_missing: [422, 'This tier asks the reviewer to confirm values of the payload.'],
  // reviewing afterwards
  not_under_review: [409, 'The request is not one that ran and waits to be reviewed.'],
  undo_not_offered: [409, 'Policy names nothing that undoes this.'],
  undo_not_requested: [409, 'Nobody has asked for this to be undone.'],
  // running
  token_invalid: [401, 'The token is not valid here and now.'],
  token_consumed: [409, 'The token, or another one of the same request, has been used.'],
  args_mismatch: [422, 'The arguments are not the ones that were approved.'],
  approval_revoked: [403, 'The approval was revoked.'],
  frozen: [403, 'A freeze is in force.'],
  discontinuity: [403, 'The store may have lost what became of this approval.'],
  not_consumed: [409, 'No token of this request has been used, so nothing can have run.'],
  outcome_conflict: [409, 'Another outcome has been reported for this request.'],
  // the service
  too_busy: [503, 'Too many changes to one request at once.'],
  unavailable: [503, 'The store cannot be reached, so nothing was allowed or changed.'],
  slack_unverified: [503, 'Slack did not say whose app it is, so nothing was decided.'],
  not_ready: [503, 'This process is not ready to answer.'],
  search_too_long: [503, 'The search took too long.'],
  rate_limited: [429, 'Too many attempts.'],
  agent_throttled: [429, 'This agent has asked people too much, and may ask nobody for a while.'],
  internal: [500, 'Something went wrong on our side.'],
} as const satisfies Record<string, readonly [number, string]>;

export type ProblemCode = keyof typeof problems;

/** An expected failure as a value. `detail` says what was wrong and what to do; `extra` adds members to the document. */
export type Problem = { code: ProblemCode; detail: string; extra?: Record<string, unknown> };

/** Makes a problem value. */
export function problem(code: ProblemCode, detail: string, extra?: Record<string, unknown>): Problem {
  return extra ? { code, detail, extra } : { code, detail };
}

/** The HTTP status that a code is answered with. */
export function statusOf(code: ProblemCode): (typeof problems)[ProblemCode][0] {
  return problems[code][0];
}

/** The document as it is sent, `application/problem+json`. */
export const ProblemDocument = z
  .looseObject({
    type: z.string(),
    title: z.string(),
    status: z.number().int(),
    code: z.string(),
    detail: z.string(),
  })
  .meta({ id: 'Problem' });
export type ProblemDocument = z.infer<typeof ProblemDocument>;

/** Renders a problem as its RFC 9457 document. */
export function problemDocument(failure: Problem): ProblemDocument {
  const [status, title] = problems[failure.code];
  return {
    ...failure.extra,
    type: `urn:countersign:${failure.code}`,
    title,
    status,
    code: failure.code,
    detail: failure.detail,
  };
}
