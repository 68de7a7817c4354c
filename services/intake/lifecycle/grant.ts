/** Standing grants: what an approval may grant, and which call a grant lets through. Pure. */
import { type Problem, problem } from '@countersign/shared/contracts';
import { neverOn, type PolicyAnswer } from '@countersign/shared/policy';
import { type GrantRecord, met, type RequestRecord } from '@countersign/shared/request';
import type { World } from './command.ts';
import { freezeSince } from './freeze.ts';
import { deciders } from './quorum.ts';

/** What a reviewer asks to grant beside an approval. `match` stands for all calls that are alike. */
export type GrantAsked = { id: string; calls: number; for_ms: number; match: string };

/** A grant that may be for a call: `match` is that call's, worked out anew; `use` is a call of it that nobody has used. */
export type GrantOffered = { grant: GrantRecord; match: string; use: number };

/** Whether this one person's approval is all that the request needs. */
function alone(request: RequestRecord, person: string, world: World): boolean {
  return (
    deciders(request, [person], world).length === 1 &&
    request.terms.requirements.every((requirement) => met(requirement, [person], world.groupsOf))
  );
}

/**
 * Why a reviewer's approval can not grant that, if it can not. It is the active policy's word that counts (`answer`),
 * and it must have been offered with what the reviewer saw. What was edited grants nothing: its likes are not what the
 * agent will propose.
 */
export function grantRefusal(
  request: RequestRecord,
  {
    grant,
    reviewer,
    answer,
    edited,
  }: { grant: GrantAsked; reviewer: string; answer: PolicyAnswer; edited: boolean },
  world: World,
): Problem | undefined {
  const refuse = (why: string, most?: { calls: number; seconds: number }): Problem =>
    problem('grant_not_allowed', `${why} Nothing was changed.`, most && { grantable: most });
  if (edited || request.args_digest !== request.proposed_digest) {
    return refuse('An edited call grants nothing. Approve it alone.');
  }
  const { grantable } = request;
  const { grants } = answer;
  if (grantable === undefined || grants === undefined || neverOn(request.terms) !== undefined) {
    return refuse('Policy lets nothing be granted with this request. Approve it alone.');
  }
  const calls = Math.min(grantable.calls, grants.calls);
  const for_ms = Math.min(grantable.for_ms, grants.for_ms);
  if (grant.calls > calls || grant.for_ms > for_ms) {
    const most = { calls, seconds: for_ms / 1000 };
    return refuse(`Policy lets ${most.calls} calls be granted, for ${most.seconds} seconds, at most.`, most);
  }
  if (!alone(request, reviewer, world)) {
    return refuse('Others have to approve this as well, so it can not be granted. Approve it alone.');
  }
  return undefined;
}

/** The grant that an approval gives, from now on. */
export function grantBy(
  request: RequestRecord,
  { grant, reviewer, answer }: { grant: GrantAsked; reviewer: string; answer: PolicyAnswer },
  world: World,
): GrantRecord {
  return {
    id: grant.id,
    by: reviewer,
    request_id: request.id,
    agent: request.agent,
    key_id: request.key_id,
    tool: request.tool,
    policy_digest: answer.policy_digest,
    match: grant.match,
    per: answer.grants?.per ?? null,
    calls: grant.calls,
    created_at: world.now,
    expires_at: world.now + grant.for_ms,
    freeze_epoch: world.freeze_epoch,
  };
}

/**
 * Whether a grant lets this request through now: policy, asked afresh, would let it be granted again, and whoever gave
 * the grant could approve this very request alone (law 8). Anything else, and a human looks.
 */
export function letsThrough(
  { grant, match }: GrantOffered,
  request: RequestRecord,
  answer: PolicyAnswer,
  world: World,
): boolean {
  return (
    answer.effect === 'approval_required' &&
    answer.grants !== undefined &&
    neverOn(answer.terms) === undefined &&
    grant.match === match &&
    grant.agent === request.agent &&
    grant.key_id === request.key_id &&
    grant.tool === request.tool &&
    grant.policy_digest === answer.policy_digest &&
    world.now < grant.expires_at &&
    grant.created_at >= (world.distrusted_before ?? 0) &&
    freezeSince(world, request, grant.freeze_epoch) === undefined &&
    alone(request, grant.by, world)
  );
}
