/** Taking back: the agent cancels or supersedes, a reviewer undoes within the hold or revokes before the run. */
import { problem } from '@countersign/shared/contracts';
import { isTerminal, type RequestRecord } from '@countersign/shared/request';
import type { Command, Decision, World } from './command.ts';
import { ended } from './due.ts';
import { agent, eventOf, person } from './event.ts';
import { deciders } from './quorum.ts';
import { endedUnrun } from './under-review.ts';
import { alreadyDecided } from './verdict.ts';

type Of<K extends Command['kind']> = Extract<Command, { kind: K }>;

const hasRun = problem(
  'token_consumed',
  'It has run already. What ran under review is undone in its review.',
);

/** The agent no longer wants it. A repeat is the same answer again. */
export function cancel(request: RequestRecord, command: Of<'cancel'>, world: World): Decision {
  if (request.status === 'cancelled' && request.stop_reason === 'approval_cancelled')
    return { request, events: [] };
  if (isTerminal(request.status)) return { request, events: [], refusal: alreadyDecided(request) };
  const reason = command.reason === undefined ? {} : { reason: command.reason };
  const end = {
    status: 'cancelled',
    stop_reason: 'approval_cancelled',
    decided_by: 'agent',
    ...reason,
  } as const;
  if (request.status !== 'pending' && request.consumed !== undefined)
    return { request, events: [], refusal: hasRun };
  const next = ended(request, end, world.now);
  return { request: next, events: [eventOf(next, 'request.cancelled', agent(command.agent), world.now)] };
}

/** A newer proposal takes this one's place: cancelled while it waits, revoked when approved and not yet run. */
export function supersede(request: RequestRecord, command: Of<'supersede'>, world: World): Decision {
  const at = world.now;
  const who = agent(command.agent);
  if (request.status === 'pending' || (request.status === 'running' && request.consumed === undefined)) {
    const end = { status: 'cancelled', stop_reason: 'approval_cancelled', decided_by: 'agent' } as const;
    const next = { ...ended(request, end, at), superseded_by: command.by };
    return { request: next, events: [eventOf(next, 'request.superseded', who, at, { by: command.by })] };
  }
  if (request.status === 'approved' && request.consumed === undefined && request.revoked === undefined) {
    const next = { ...request, superseded_by: command.by, revoked: { by: `agent:${command.agent}`, at } };
    return { request: next, events: [eventOf(next, 'request.superseded', who, at, { by: command.by })] };
  }
  if (request.consumed !== undefined) {
    const detail = 'The request to supersede has run already. Propose without `supersedes`, knowing that.';
    return {
      request,
      events: [],
      refusal: problem('already_decided', detail, { request_status: request.status }),
    };
  }
  return { request, events: [] };
}

/** Clears the approvals of a held request; before that, takes back one's own. Only those who approved may. */
export function undo(request: RequestRecord, command: Of<'undo'>, world: World): Decision {
  if (request.status !== 'pending') return { request, events: [], refusal: alreadyDecided(request) };
  const own = request.verdicts.some((v) => v.reviewer === command.reviewer);
  if (!own) {
    const detail = 'You have given no verdict on this request as it stands, so there is nothing to undo.';
    return { request, events: [], refusal: problem('nothing_to_undo', detail) };
  }
  const { release_at, ...rest } = request;
  const held = release_at !== undefined;
  const next = {
    ...rest,
    verdicts: held ? [] : request.verdicts.filter((v) => v.reviewer !== command.reviewer),
  };
  return {
    request: next,
    events: [eventOf(next, 'verdict.undone', person(command.reviewer), world.now, { held })],
    // Undo and release never both happen: this commit is void from the moment of release on.
    ...(held ? { not_after: release_at - 1 } : {}),
  };
}

/** Takes an approval back before it runs. The status stays (law 1); the token issuer and the gateway refuse from now on. */
export function revoke(request: RequestRecord, command: Of<'revoke'>, world: World): Decision {
  if (request.terms.requirements.length > 0 && deciders(request, [command.reviewer], world).length === 0) {
    const detail = 'Only those who may decide this request may revoke its approval.';
    return { request, events: [], refusal: problem('not_your_request', detail) };
  }
  if (request.status === 'pending') {
    return {
      request,
      events: [],
      refusal: problem('not_approved', 'It is not approved yet: reject it, or undo.'),
    };
  }
  if (request.revoked !== undefined) return { request, events: [] };
  if (request.review !== undefined && !isTerminal(request.status))
    return revokeUnrun(request, command, world);
  if (request.status !== 'approved') return { request, events: [], refusal: alreadyDecided(request) };
  if (request.consumed !== undefined) {
    const detail = 'It has run already, so its approval can no longer be revoked.';
    return { request, events: [], refusal: problem('token_consumed', detail) };
  }
  const reason = command.reason === undefined ? {} : { reason: command.reason };
  const next = { ...request, revoked: { by: command.reviewer, at: world.now, ...reason } };
  return { request: next, events: [eventOf(next, 'request.revoked', person(command.reviewer), world.now)] };
}

/** What was to run before anyone looked, and has not: it never will. */
function revokeUnrun(request: RequestRecord, command: Of<'revoke'>, { now }: World): Decision {
  if (request.consumed !== undefined) return { request, events: [], refusal: hasRun };
  const reason = command.reason === undefined ? {} : { reason: command.reason };
  const revoked = { by: command.reviewer, at: now, ...reason };
  const end = { stop_reason: 'approval_revoked', decided_by: command.reviewer, revoked } as const;
  const next = endedUnrun(request, end, now);
  return { request: next, events: [eventOf(next, 'request.revoked', person(command.reviewer), now)] };
}
