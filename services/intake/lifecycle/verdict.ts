/** A reviewer's verdict: bound to what they saw, judged again by the active policy, counted under the quorum. */
import { type Problem, type ProblemCode, problem } from '@countersign/shared/contracts';
import type { EventBody } from '@countersign/shared/feed';
import { type PolicyAnswer, strengthen } from '@countersign/shared/policy';
import type { RequestRecord, VerdictRecord } from '@countersign/shared/request';
import { attentionOf } from './attention.ts';
import type { Command, Decision, World } from './command.ts';
import { approved, ended } from './due.ts';
import { eventOf, person, policy } from './event.ts';
import { missingConfirmations } from './friction.ts';
import { grantBy, grantRefusal } from './grant.ts';
import { asFarAs, joined } from './ladder.ts';
import { deciders, quorumMet, standing } from './quorum.ts';
import { taking } from './shares.ts';

type Decide = Extract<Command, { kind: 'decide' }>;

/** One's own verdict again, on the args that came with it (an edit has become what stands by then) or else were shown. */
function isRepeat(request: RequestRecord, command: Decide): boolean {
  const digest = command.given ?? command.seen.args_digest;
  return request.verdicts.some(
    (v) => v.reviewer === command.reviewer && v.verdict === command.verdict && v.args_digest === digest,
  );
}

/** Says kindly how a request ended. */
export function alreadyDecided(request: RequestRecord): Problem {
  const by = request.decided_by === undefined ? '' : ` by ${request.decided_by}`;
  return problem('already_decided', `This request is ${request.status}${by}; nothing was changed.`, {
    request_status: request.status,
    ...(request.decided_by === undefined ? {} : { decided_by: request.decided_by }),
    ...(request.decided_at === undefined ? {} : { decided_at: new Date(request.decided_at).toISOString() }),
    ...(request.stop_reason === undefined ? {} : { stop_reason: request.stop_reason }),
  });
}

/** A new version under stricter terms: what was approved before no longer counts. */
function raised(request: RequestRecord, answer: PolicyAnswer, at: number): RequestRecord {
  const { release_at: _held, grantable: _gone, ...rest } = joined(request, answer, at);
  return {
    ...rest,
    version: request.version + 1,
    terms: strengthen(request.terms, answer.terms).terms,
    rules: [...new Set([...request.rules, ...answer.rules.map((rule) => rule.name)])],
    messages: [...new Set([...request.messages, ...answer.messages])],
    channels: [...new Set([...request.channels, ...answer.channels])],
    verdicts: [],
  };
}

function judgedBy(request: RequestRecord, answer: PolicyAnswer): RequestRecord {
  return request.policy_digests.at(-1) === answer.policy_digest
    ? request
    : { ...request, policy_digests: [...request.policy_digests, answer.policy_digest] };
}

/** Decides one verdict on a request that has had its due transitions. */
export function decideVerdict(request: RequestRecord, command: Decide, world: World): Decision {
  const refuse = (code: ProblemCode, detail: string, extra?: Record<string, unknown>): Decision => ({
    request,
    events: [],
    refusal: problem(code, detail, extra),
  });
  const at = world.now;
  const who = person(command.reviewer);

  if (isRepeat(request, command)) return { request, events: [] };
  if (deciders(request, [command.reviewer], world).length === 0) {
    return refuse(
      'not_your_request',
      'Policy asks others to decide this request, or it is your own agent’s. Leave it to them.',
    );
  }
  if (request.status !== 'pending') return { request, events: [], refusal: alreadyDecided(request) };
  if (command.seen.version !== request.version || command.seen.args_digest !== request.args_digest) {
    return refuse('stale', 'The request has changed since it was shown. Read it again, then decide.', {
      version: request.version,
      args_digest: request.args_digest,
    });
  }

  if (command.verdict === 'reject') {
    const verdict: VerdictRecord = verdictRecord(command, request, at);
    const verdicts = [...request.verdicts.filter((v) => v.reviewer !== command.reviewer), verdict];
    const next = ended(
      { ...request, verdicts },
      {
        status: 'rejected',
        stop_reason: 'approval_rejected',
        decided_by: command.reviewer,
        ...(command.reason === undefined ? {} : { reason: command.reason }),
      },
      at,
    );
    return {
      request: next,
      events: [
        eventOf(next, 'verdict.given', who, at, {
          verdict: 'reject',
          seen: command.seen,
          ...batchOf(command),
          ...attentionOf(request, command, at),
        }),
        eventOf(next, 'request.rejected', who, at),
      ],
      ...deadline(request),
    };
  }
  return approve(request, command, world);
}

function verdictRecord(command: Decide, request: RequestRecord, at: number): VerdictRecord {
  return {
    reviewer: command.reviewer,
    verdict: command.verdict,
    version: request.version,
    args_digest: request.args_digest,
    edited: command.edit !== undefined,
    ...(command.reason === undefined ? {} : { reason: command.reason }),
    ...batchOf(command),
    at,
  };
}

function batchOf({ batch }: Decide): { batch?: string } {
  return batch === undefined ? {} : { batch };
}

/** A verdict must be committed before the request expires; the store's script compares with Redis time. */
function deadline(request: RequestRecord): { not_after?: number } {
  return request.expires_at === null ? {} : { not_after: request.expires_at - 1 };
}

function approve(before: RequestRecord, command: Decide, world: World): Decision {
  const at = world.now;
  const who = person(command.reviewer);
  const events: EventBody[] = [];
  const answer = asFarAs(before, command.answer);
  let request = taking(judgedBy(before, answer), command.shares);

  // Policy at decision time, on the arguments as they stand.
  if (answer.effect === 'deny') {
    const reason = answer.messages.join('\n') || 'The active policy denies this call.';
    const next = ended(
      request,
      { status: 'rejected', stop_reason: 'policy_denied', decided_by: 'policy', reason },
      at,
    );
    return {
      request: next,
      events: [eventOf(next, 'request.rejected', policy, at)],
      refusal: alreadyDecided(next),
    };
  }
  if (strengthen(request.terms, answer.terms).stricter) {
    const next = raised(request, answer, at);
    return {
      request: next,
      events: [eventOf(next, 'request.raised', policy, at, { policy_digest: answer.policy_digest })],
      refusal: problem(
        'stale',
        'Policy has changed and asks for more than what was shown. Read the request again.',
        {
          version: next.version,
          args_digest: next.args_digest,
        },
      ),
    };
  }

  const { edit, grant } = command;
  if (grant !== undefined) {
    const asked = { ...command, grant, edited: edit !== undefined };
    const refusal = grantRefusal(request, asked, world);
    if (refusal !== undefined) return { request: before, events: [], refusal };
  }
  if (edit?.problem !== undefined) return { request: before, events: [], refusal: edit.problem };
  if (edit !== undefined) {
    if (edit.answer.effect === 'deny') {
      const why =
        edit.answer.messages.join(' ') ||
        `Denied by ${edit.answer.rules.map((rule) => rule.name).join(', ')}.`;
      const refusal = problem(
        'edit_denied',
        `Policy denies the edited arguments: ${why} Nothing was changed.`,
      );
      return { request: before, events: [], refusal };
    }
    request = {
      ...taking(raised(request, asFarAs(request, edit.answer), at), edit.shares),
      args_digest: edit.digest,
      payload_version: request.payload_version + 1,
    };
    if (deciders(request, [command.reviewer], world).length === 0) {
      const refusal = problem(
        'not_your_request',
        'This edit needs approval by others, and not by you. Nothing was changed.',
      );
      return { request: before, events: [], refusal };
    }
    events.push(eventOf(request, 'request.edited', who, at));
  }
  const missing = missingConfirmations(
    request.terms.friction,
    edit?.args ?? command.args,
    command.confirm ?? {},
  );
  if (missing.length > 0) {
    const refusal = problem(
      'confirmation_missing',
      `Confirm the value of ${missing.join(', ')} as it stands in the arguments, in \`confirm\`. Nothing was changed.`,
      { missing, friction: request.terms.friction },
    );
    return { request: before, events: [], refusal };
  }

  const verdict = verdictRecord(command, request, at);
  request = {
    ...request,
    verdicts: [...request.verdicts.filter((v) => v.reviewer !== command.reviewer), verdict],
  };
  const given = {
    verdict: 'approve',
    edited: verdict.edited,
    seen: command.seen,
    ...batchOf(command),
    ...attentionOf(request, command, at),
  };
  events.push(eventOf(request, 'verdict.given', who, at, given));
  if (request.release_at === undefined && quorumMet(request, world)) {
    const until = at + request.terms.hold_ms;
    if (request.terms.hold_ms > 0) {
      request = {
        ...request,
        release_at: request.expires_at === null ? until : Math.min(until, request.expires_at),
      };
    } else {
      request = approved({ ...request, verdicts: standing(request, world) }, at);
      events.push(eventOf(request, 'request.approved', who, at));
      if (grant !== undefined) {
        const granted = grantBy(request, { ...command, grant }, world);
        request = { ...request, granted };
        const { id, calls, per, expires_at } = granted;
        const until = new Date(expires_at).toISOString();
        events.push(eventOf(request, 'grant.created', who, at, { grant: id, calls, per, until }));
      }
    }
  }
  return { request, events, ...deadline(before) };
}
