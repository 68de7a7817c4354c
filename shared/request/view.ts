/** From the record and its payloads to what the API shows. Pure. */

import { renderCard } from '../card/index.ts';
import type { CardSegment, Change, QuestionView, RequestView } from '../contracts/index.ts';
import { changesBetween } from './changes.ts';
import { channelsAskedBy, kindOf, type LadderStep, plannedAt, stepsAhead } from './ladder.ts';
import { answerField, type Payloads } from './payload.ts';
import { type GroupsOf, met, slotsMet } from './quorum.ts';
import { type QuestionRecord, type RequestRecord, type ReviewRecord, reviewedUntil } from './record.ts';

const iso = (ms: number): string => new Date(ms).toISOString();

/** Policy's own way to say a quorum: a number, or one per group where a rule wants several. */
function quorumOf(record: RequestRecord): RequestView['quorum'] {
  const perGroup: Record<string, number> = {};
  let number = 1;
  let several = false;
  for (const { slots } of record.terms.requirements) {
    if (slots.length > 1) several = true;
    for (const slot of slots) {
      number = Math.max(number, slot.need);
      perGroup[slot.from?.join('|') ?? 'any'] = Math.max(
        perGroup[slot.from?.join('|') ?? 'any'] ?? 0,
        slot.need,
      );
    }
  }
  return several ? perGroup : number;
}

function progressOf(record: RequestRecord, groupsOf: GroupsOf): RequestView['progress'] {
  const approvers = record.verdicts.filter((v) => v.verdict === 'approve').map((v) => v.reviewer);
  const requirements = record.terms.requirements.map((requirement) => ({
    ...requirement,
    met: met(requirement, approvers, groupsOf),
  }));
  let needed = 0;
  let given = 0;
  for (const requirement of record.terms.requirements) {
    const wanted = requirement.slots.reduce((sum, slot) => sum + slot.need, 0);
    // The widest rule is what the card shows: "1 of 2". Every rule's own progress stands beside it.
    if (wanted > needed) [needed, given] = [wanted, slotsMet(requirement, approvers, groupsOf)];
  }
  return { needed, given, requirements };
}

function cardOf(record: RequestRecord, args: RequestView['args']): { title: CardSegment[] } | undefined {
  const title = record.tool_facts.card?.title;
  return title === undefined ? undefined : { title: renderCard(title, args) };
}

function grantableOf(grants: RequestRecord['grantable']): RequestView['grantable'] {
  return grants && { calls: grants.calls, seconds: grants.for_ms / 1000, per: grants.per };
}

/** The ladder: done, then to come. What will never come is left out. */
function escalationOf(record: RequestRecord): RequestView['escalation'] {
  if (record.escalate.length === 0) return undefined;
  const shown = (step: LadderStep, at: number) => ({
    at: iso(at),
    kind: kindOf(step),
    ...(step.notify.length === 0 ? {} : { notify: step.notify }),
    ...(step.reviewers.length === 0 ? {} : { reviewers: step.reviewers }),
    ...(step.channels.length === 0 ? {} : { channels: step.channels }),
    ...(step.done_at === undefined ? {} : { done_at: iso(step.done_at) }),
  });
  const done = record.escalate.filter(({ done_at }) => done_at !== undefined);
  return [
    ...done.map((step) => shown(step, plannedAt(record, step))),
    ...stepsAhead(record).map(({ step, at }) => shown(step, at)),
  ];
}

function channelsOf(record: RequestRecord): RequestView['channels'] {
  const channels = channelsAskedBy(record);
  return channels.length === 0 ? undefined : channels;
}

/** Words and names that decided: policy itself, the clock, or the reviewers whose verdicts count. */
function decisionOf(record: RequestRecord, changes: Change[]): RequestView['decision'] {
  if (record.status !== 'approved' && record.status !== 'rejected') return undefined;
  const verdict = record.status === 'approved' ? 'approve' : 'reject';
  return { verdict, edited: changes.length > 0, changes, reason: record.decision_reason ?? null };
}

function questionsOf(asked: QuestionRecord[], words: Payloads['words'] = {}): QuestionView[] {
  return asked.map(({ id, by, at, answered_at }) => ({
    id,
    by,
    at: iso(at),
    text: words[id]?.text ?? '',
    ...(answered_at === undefined
      ? {}
      : { answer: { at: iso(answered_at), text: words[answerField(id)]?.text ?? '' } }),
  }));
}

/** How its review stands, as the contract shows it. */
export function reviewOf(record: RequestRecord, review: ReviewRecord): NonNullable<RequestView['review']> {
  const { undo = null, verdict, by, at, reason, answer_by, overdue_at } = review;
  return {
    until: iso(reviewedUntil(record)),
    undo,
    ...(verdict === undefined || by === undefined || at === undefined
      ? {}
      : { verdict, by, at: iso(at), reason: reason ?? null }),
    ...(answer_by === undefined ? {} : { answer_by: iso(answer_by) }),
    ...(overdue_at === undefined ? {} : { overdue: true }),
  };
}

/**
 * The request as reviewers and agents read it, and as webhooks carry it. Never holds a token or `resume`:
 * those are added for the owning agent only. What a request does not have is undefined here and absent in JSON:
 * to take it out member by member would cost more than the rest of the view.
 */
export function viewOf(record: RequestRecord, payloads: Payloads, groupsOf: GroupsOf): RequestView {
  const { first, current } = payloads;
  const args = current?.args ?? {};
  const said = first?.said ?? {};
  const edited = record.args_digest !== record.proposed_digest;
  const changes = edited && first !== undefined ? changesBetween(first.args, args) : [];
  const { tier, hold_ms, editable, friction, on_rejection } = record.terms;
  const { card: _card, ...facts } = record.tool_facts;
  return {
    id: record.id,
    workspace: record.workspace,
    agent: record.agent,
    tool: record.tool,
    args,
    args_digest: record.args_digest,
    proposed_args: edited ? first?.args : undefined,
    context: said.context,
    context_trusted: record.context_trusted,
    run_id: record.run_id,
    call_id: record.call_id,
    requested_by: record.requested_by,
    cost: record.cost,
    version: record.version,
    revision: record.revision,
    tier,
    status: record.status,
    message: record.messages.length > 0 ? record.messages.join('\n') : null,
    rules: record.rules,
    why: current?.why ?? [],
    quorum: quorumOf(record),
    progress: progressOf(record, groupsOf),
    on_rejection,
    policy_digest: record.policy_digests.at(-1) ?? '',
    policy_digests: record.policy_digests,
    editable,
    friction,
    card: cardOf(record, args),
    tool_facts: facts,
    reason: said.reason,
    preview: said.preview,
    transcript: said.transcript,
    links: said.links,
    args_schema: said.args_schema,
    callback_url: record.callback_url,
    supersedes: record.supersedes,
    superseded_by: record.superseded_by,
    warnings: record.warnings,
    erased: current === undefined ? true : undefined,
    created_at: iso(record.created_at),
    expires_at: record.expires_at === null ? null : iso(record.expires_at),
    hold: hold_ms / 1000,
    release_at: record.release_at === undefined ? undefined : iso(record.release_at),
    decided_at: record.decided_at === undefined ? undefined : iso(record.decided_at),
    decided_by: record.decided_by,
    valid_until: record.valid_until === undefined ? undefined : iso(record.valid_until),
    consumed_at: record.consumed === undefined ? undefined : iso(record.consumed.at),
    grantable: record.status === 'pending' ? grantableOf(record.grantable) : undefined,
    granted: record.granted && {
      id: record.granted.id,
      calls: record.granted.calls,
      expires_at: iso(record.granted.expires_at),
    },
    grant_used: record.grant_used && { id: record.grant_used.id, by: record.grant_used.by },
    verdicts: record.verdicts.map(({ at, ...verdict }) => ({ ...verdict, at: iso(at) })),
    decision: decisionOf(record, changes),
    stop_reason: record.revoked === undefined ? record.stop_reason : 'approval_revoked',
    revoked: record.revoked && {
      by: record.revoked.by,
      at: iso(record.revoked.at),
      reason: record.revoked.reason ?? null,
    },
    review: record.review && reviewOf(record, record.review),
    claim: record.claim && { by: record.claim.by, until: iso(record.claim.until) },
    channels: channelsOf(record),
    escalation: escalationOf(record),
    viewed_by: record.viewed_by,
    questions: record.questions && questionsOf(record.questions, payloads.words),
    outcome: record.outcome && {
      status: record.outcome.status,
      at: iso(record.outcome.at),
      ...(payloads.outcome_detail === undefined ? {} : { detail: payloads.outcome_detail }),
    },
  } as RequestView;
}
