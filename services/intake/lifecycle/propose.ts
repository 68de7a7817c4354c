/** A proposal becomes a request on record: allowed, denied, or waiting for a human. */
import type { EventBody } from '@countersign/shared/feed';
import type { PolicyAnswer } from '@countersign/shared/policy';
import type { RequestRecord } from '@countersign/shared/request';
import type { Decision, Proposal, World } from './command.ts';
import { agent, eventOf, policy } from './event.ts';
import { freezeInForce } from './freeze.ts';
import { type GrantOffered, letsThrough } from './grant.ts';
import { groupsAsked } from './groups.ts';
import { decidable } from './quorum.ts';
import { reviewUnder } from './under-review.ts';

/** The shorter of policy's timeout and the caller's; null where neither sets one. */
function timeoutOf(answer: PolicyAnswer, proposal: Proposal): number | null {
  const { timeout_ms: asked } = proposal;
  if (answer.timeout_ms === null) return asked ?? null;
  return asked === undefined ? answer.timeout_ms : Math.min(asked, answer.timeout_ms);
}

/**
 * Records a proposal under policy's answer. One of the grants on offer may stand for a human. Of the calls that policy
 * has reviewed afterwards, those that were not drawn run as if allowed, and the feed says so.
 */
export function propose(
  proposal: Proposal,
  answer: PolicyAnswer,
  world: World,
  offered: readonly GrantOffered[] = [],
): Decision {
  const { timeout_ms: _asked, draw = 0, drawn_before = false, canary, ...fixed } = proposal;
  const timeout = timeoutOf(answer, proposal);
  const base: RequestRecord = {
    ...fixed,
    canary_salt: canary.salt,
    status: 'pending',
    revision: 1,
    version: 1,
    payload_version: 1,
    proposed_digest: proposal.args_digest,
    terms: answer.terms,
    rules: answer.rules.map((rule) => rule.name),
    messages: answer.messages,
    channels: answer.channels,
    escalate: answer.escalate,
    tool_facts: answer.tool ?? {},
    policy_digests: [answer.policy_digest],
    created_at: world.now,
    expires_at: timeout === null ? null : world.now + timeout,
    valid_for_ms: answer.valid_for_ms,
    verdicts: [],
    viewed_by: [],
    freeze_epoch: world.freeze_epoch,
    warnings: [],
    ...(answer.grants === undefined ? {} : { grantable: answer.grants }),
  };
  const proposed = (request: RequestRecord): EventBody =>
    eventOf(request, 'action.proposed', agent(request.agent), world.now, {
      effect: answer.effect,
      rules: request.rules,
      policy_digest: answer.policy_digest,
      // For whoever backtests the log: what is not in the payload, and what policy could not know of itself.
      ...(request.context_trusted ? { context_trusted: true } : {}),
      ...(request.cost === undefined ? {} : { cost: request.cost }),
      ...(answer.shadow === undefined ? {} : { shadow: answer.shadow }),
      ...(request.run_id === undefined ? {} : { run_id: request.run_id }),
    });

  const frozen = freezeInForce(world, proposal);
  if (frozen !== undefined || answer.effect === 'deny') {
    const request: RequestRecord = {
      ...base,
      status: 'rejected',
      expires_at: null,
      decided_at: world.now,
      decided_by: frozen === undefined ? 'policy' : 'freeze',
      stop_reason: frozen === undefined ? 'policy_denied' : 'frozen',
      decision_reason:
        frozen?.reason ??
        (answer.messages.join('\n') || `Policy denies this call (${base.rules.join(', ')}).`),
    };
    const why = frozen === undefined ? { rules: request.rules } : { freeze: frozen.id };
    return {
      request,
      events: [proposed(request), eventOf(request, 'action.denied', policy, world.now, why)],
    };
  }
  if (answer.effect === 'allow' || answer.effect === 'review_after') {
    const { sample } = answer.review;
    const after = answer.effect === 'review_after';
    const sampled = after && (drawn_before || draw < sample);
    // What runs before anyone looks is never planted, so it has nothing to commit to and nothing to open.
    const { canary_salt: _none, ...plain } = base;
    const request: RequestRecord = {
      ...plain,
      ...(sampled ? { status: 'running', review: reviewUnder(answer) } : { status: 'approved' }),
      expires_at: null,
      decided_at: world.now,
      decided_by: 'policy',
      valid_until: world.now + answer.valid_for_ms,
    };
    const drawn = { sample, sampled, ...(drawn_before ? { again: true } : {}) };
    const data = { rules: request.rules, ...(after ? { review: drawn } : {}) };
    return {
      request,
      events: [proposed(request), eventOf(request, 'action.allowed', policy, world.now, data)],
    };
  }
  const through = offered.find((grant) => letsThrough(grant, base, answer, world));
  if (through !== undefined) {
    const { id, by, expires_at } = through.grant;
    const request: RequestRecord = {
      ...base,
      status: 'approved',
      expires_at: null,
      decided_at: world.now,
      decided_by: 'grant',
      grant_used: { id, by, use: through.use },
      valid_until: world.now + answer.valid_for_ms,
    };
    const data = { grant: id, by, use: through.use };
    return {
      request,
      events: [proposed(request), eventOf(request, 'grant.used', policy, world.now, data)],
      not_after: expires_at - 1,
    };
  }
  const hopeless = !decidable(base, world);
  const request = hopeless ? { ...base, warnings: ['nobody_may_decide'] } : base;
  const events = [
    proposed(request),
    eventOf(request, 'request.created', policy, world.now, {
      rules: request.rules,
      ...groupsAsked(request, world),
      canary_commitment: canary.commitment,
    }),
  ];
  if (hopeless) events.push(eventOf(request, 'request.undecidable', policy, world.now));
  return { request, events };
}
