/** Permission to run, used once, and what came of it. */
import { type Problem, problem } from '@countersign/shared/contracts';
import { type AgentMade, isAgentMade, type RequestRecord } from '@countersign/shared/request';
import type { Command, Decision, World } from './command.ts';
import { agent, eventOf } from './event.ts';
import { freezeInForce } from './freeze.ts';
import { undone } from './under-review.ts';

type Of<K extends Command['kind']> = Extract<Command, { kind: K }>;

/**
 * Whether a token may be minted: made by an agent (law 10), approved or to be reviewed afterwards, not revoked, not run, still valid, nothing frozen,
 * nothing of it lost.
 */
export function mayRun(request: RequestRecord, world: World): request is AgentMade {
  return (
    isAgentMade(request) &&
    (request.status === 'approved' || request.status === 'running') &&
    request.revoked === undefined &&
    request.consumed === undefined &&
    world.now < (request.valid_until ?? 0) &&
    freezeInForce(world, request) === undefined &&
    isTrusted(request, world)
  );
}

/** Whether what is on record of an approval is known to be all that became of it. */
function isTrusted({ decided_at = 0 }: RequestRecord, { distrusted_before = 0 }: World): boolean {
  return decided_at >= distrusted_before;
}

/**
 * Notes that the owning agent was given a token. The first time is an event; minting again for the same approval is not.
 * Nothing is noted where a revocation or a freeze came first: the caller looks again and gives no token.
 */
export function issue(request: RequestRecord, command: Of<'issue'>, world: World): Decision {
  if (request.token_issued_at !== undefined || !mayRun(request, world)) return { request, events: [] };
  const next = { ...request, token_issued_at: world.now };
  return { request: next, events: [eventOf(next, 'token.issued', agent(command.agent), world.now)] };
}

/**
 * Uses the approval up, before the run. The same consumer repeating itself with the same token and idempotency key
 * gets its answer again: a lost answer must not strand an approval, and is no second run.
 */
export function consume(request: RequestRecord, command: Of<'consume'>, world: World): Decision {
  const refuse = (refusal: Problem, more: { kid?: string } = {}): Decision => {
    const data = { code: refusal.code, ...more };
    return {
      request,
      events: [eventOf(request, 'token.refused', agent(command.agent), world.now, data)],
      refusal,
    };
  };
  if (world.denied_keys.includes(command.kid)) {
    const detail =
      'The key that signed this token was denied. Read the request again for a token of another.';
    return refuse(problem('token_invalid', detail), { kid: command.kid });
  }
  if (freezeInForce(world, request) !== undefined) {
    return refuse(
      problem('frozen', 'A freeze is in force for this call. Nothing may run until it is lifted.'),
    );
  }
  if (request.revoked !== undefined) {
    return refuse(
      problem('approval_revoked', `The approval was revoked by ${request.revoked.by}. Do not run this call.`),
    );
  }
  if (!isLetThrough(request) || !isAgentMade(request)) {
    return refuse(problem('token_invalid', `The request is ${request.status}, so its token is void.`));
  }
  if (!isTrusted(request, world)) {
    const detail =
      'The store has lost events since this was approved. An admin looks, and accepts it (`countersign discontinuity`), or propose the call again.';
    return refuse(problem('discontinuity', detail));
  }
  if (command.digest !== request.args_digest) {
    return refuse(
      problem('args_mismatch', 'The arguments differ from those that were approved. Run the approved ones.'),
    );
  }
  if (request.consumed !== undefined) {
    const { jti, idempotency } = request.consumed;
    const again = idempotency !== undefined && idempotency === command.idempotency && jti === command.jti;
    if (again) return { request, events: [] };
    return refuse(
      problem('token_consumed', 'This approval has been used. One approval runs one call, once.'),
    );
  }
  if (world.now >= command.token_until) {
    return refuse(problem('token_invalid', 'The token has expired. Read the request again for a new one.'));
  }
  const until = Math.min(request.valid_until ?? 0, command.token_until);
  if (world.now >= until) {
    return refuse(
      problem('token_invalid', 'The approval was not used while it was valid. Propose the call again.'),
    );
  }
  const idempotency = command.idempotency === undefined ? {} : { idempotency: command.idempotency };
  const { review } = request;
  const next = {
    ...request,
    consumed: { at: world.now, jti: command.jti, ...idempotency },
    // It runs from now on, and from now on it can be reviewed.
    ...(review === undefined ? {} : { review: { ...review, until: world.now + review.window_ms } }),
  };
  return {
    request: next,
    events: [eventOf(next, 'token.consumed', agent(command.agent), world.now, { jti: command.jti })],
    not_after: until - 1,
  };
}

/**
 * Whether it is one that may run, or ran. Where its undo was asked for, not even a repeat is answered: whoever lost the
 * first answer has not run it yet, and need not.
 */
function isLetThrough({ status, consumed }: RequestRecord): boolean {
  if (status === 'approved' || status === 'running') return true;
  return consumed !== undefined && (status === 'reviewed' || status === 'unreviewed');
}

/** What happened when the tool ran. `unknown` may still become known; anything else stands. */
export function outcome(request: RequestRecord, command: Of<'outcome'>, world: World): Decision {
  if (request.consumed === undefined) {
    const detail = 'No token of this request has been consumed: consume it before the run, then report.';
    return { request, events: [], refusal: problem('not_consumed', detail) };
  }
  const before = request.outcome?.status;
  if (before === command.status) return { request, events: [] };
  if (command.status === 'undone' || command.status === 'undo_failed') {
    if (request.status === 'undo_requested') {
      const [next, events] = undone(request, command.status, command.agent, world.now);
      return { request: next, events };
    }
    if (before !== 'undone' && before !== 'undo_failed') {
      const detail = 'Nobody has asked for this to be undone. Report what came of the run.';
      return { request, events: [], refusal: problem('undo_not_requested', detail) };
    }
  }
  if (before !== undefined && before !== 'unknown') {
    const detail = `The outcome was reported as ${before}; it stands.`;
    return { request, events: [], refusal: problem('outcome_conflict', detail, { outcome: before }) };
  }
  const next = { ...request, outcome: { status: command.status, at: world.now } };
  const data = { status: command.status };
  return {
    request: next,
    events: [eventOf(next, 'outcome.reported', agent(command.agent), world.now, data)],
  };
}
