/**
 * The laws, derived again from the feed and from nothing that intake computed: what happened to each request, in the
 * order and at the times at which Redis committed it.
 */
import { matchesGlob } from '@countersign/shared/policy';
import { isTerminal, type RequestRecord } from '@countersign/shared/request';
import type { Committed, Snapshot } from './snapshot.ts';

const afterTheEnd = new Set([
  'grant.created',
  'request.viewed',
  'request.revoked',
  'request.superseded',
  'token.issued',
  'token.consumed',
  'token.refused',
  'outcome.reported',
]);
/**
 * The commit's script compares the deadline with its clock before it writes; Redis 7.0 lets the clock run on until the
 * entry gets its id (later ones stop it), and the machine may be busy. What is later than this, in ms, was late.
 */
const scriptTakes = 100;

const endings: Record<string, string> = {
  'request.approved': 'approved',
  'request.rejected': 'rejected',
  'request.timed_out': 'timed_out',
  'request.cancelled': 'cancelled',
  'action.allowed': 'approved',
  'grant.used': 'approved',
  'action.denied': 'rejected',
  'review.reviewed': 'reviewed',
  'review.unreviewed': 'unreviewed',
  'review.undo_requested': 'undo_requested',
};

/** What a call that runs first and is reviewed afterwards may become, and nothing else (DESIGN.md, vocabulary). */
const reviewing: Record<string, readonly string[]> = {
  running: ['reviewed', 'unreviewed', 'undo_requested', 'cancelled'],
  undo_requested: ['undone', 'undo_failed'],
};

/** What one request's events have come to so far. */
type History = {
  status: string;
  revision: number;
  version: number;
  approvers: Set<string>;
  consumed: number;
  revoked: boolean;
  /** How many freezes had been set before it was made. */
  born: number;
  /** Steps of its ladder that were done. */
  steps: number;
  paused: boolean;
};

/** A freeze, and whether it has been lifted by this point of the feed. */
type Freeze = { set: Committed; lifted: boolean };

type Complain = (law: string, what: string) => void;

/** Everything in the feed that breaks a law, in words; none is what a test wants. */
export function feedViolations({ feed, records }: Snapshot): string[] {
  const found: string[] = [];
  const histories = new Map<string, History>();
  const freezes: Freeze[] = [];
  for (const event of feed) {
    if (event.type === 'freeze.set') freezes.push({ set: event, lifted: false });
    if (event.type === 'freeze.lifted') {
      for (const freeze of freezes) freeze.lifted ||= freeze.set.data?.freeze === event.data?.freeze;
    }
    const { request_id: id } = event;
    if (id === undefined) continue;
    const complain: Complain = (law, what) => found.push(`${law}: ${id} ${event.type} ${what}`);
    const record = records.get(id);
    if (record === undefined) {
      complain('law 9', 'has no record');
      continue;
    }
    let history = histories.get(id);
    if (history === undefined) {
      history = {
        status: 'none',
        revision: 0,
        version: 1,
        approvers: new Set(),
        consumed: 0,
        revoked: false,
        born: freezes.length,
        steps: 0,
        paused: false,
      };
      histories.set(id, history);
      if (event.type !== 'action.proposed') complain('law 9', 'is the first event');
    }
    inOrder(history, event, complain);
    inTime(record, event, complain);
    approvals(history, record, event, complain);
    running(history, event, freezes, complain);
    climbing(history, record, event, complain);
    ending(history, event, complain);
  }
  for (const [id, record] of records) {
    const history = histories.get(id);
    if (history === undefined) {
      found.push(`law 9: ${id} is in no event`);
      continue;
    }
    if (history.revision !== record.revision) {
      found.push(`law 9: ${id} has revision ${record.revision}, the feed knows ${history.revision}`);
    }
    if (history.status !== record.status) {
      found.push(`law 1: ${id} is ${record.status}, the feed says ${history.status}`);
    }
    const done = record.escalate.filter(({ done_at }) => done_at !== undefined).length;
    if (history.steps !== done) found.push(`law 9: ${id} did ${done} steps, the feed knows ${history.steps}`);
    if (history.version !== record.version) found.push(`law 7: ${id} has another version than in the feed`);
    if ((history.consumed === 1) !== (record.consumed !== undefined)) {
      found.push(`law 5: ${id} and its feed differ on whether it was consumed`);
    }
  }
  return found;
}

/** Each commit raises the revision by one; its events stand together. A refusal is noted without a change. */
function inOrder(history: History, { type, revision = 0, version = 1 }: Committed, complain: Complain): void {
  if (type !== 'token.refused' && revision !== history.revision && revision !== history.revision + 1) {
    complain('law 9', `jumps from revision ${history.revision} to ${revision}`);
  }
  history.revision = Math.max(history.revision, revision);
  if (type === 'request.edited' || type === 'request.raised') {
    if (version !== history.version + 1) complain('law 7', `jumps to version ${version}`);
    history.approvers.clear();
    history.version = version;
  } else if (type === 'request.escalated' && version === history.version + 1) {
    // Others may decide as well: what was approved is the same, so approvals stay.
    history.version = version;
  } else if (version !== history.version) complain('law 7', `changes the version to ${version}`);
}

/** Each step of a ladder once, in its order, not early, and never while somebody is on it. */
function climbing(history: History, record: RequestRecord, event: Committed, complain: Complain): void {
  const { type, at, committed, data } = event;
  if (type === 'request.claimed') history.paused = true;
  if (type === 'request.unclaimed') history.paused = false;
  if (type !== 'request.reminded' && type !== 'request.escalated') return;
  history.steps += 1;
  if (data?.step !== history.steps) complain('law 9', `is step ${data?.step} after ${history.steps - 1}`);
  if (committed < at) complain('law 2', 'was committed before it was due');
  if (history.paused) complain('law 9', 'happened while somebody was on it');
  const kind = type === 'request.escalated';
  const same = record.escalate.filter(
    ({ done_at, reviewers }) => done_at === at && reviewers.length > 0 === kind,
  );
  if (!same.some(({ after_ms }) => record.created_at + after_ms <= at)) complain('law 2', 'came early');
}

function inTime(record: RequestRecord, event: Committed, complain: Complain): void {
  const { type, at, committed, actor } = event;
  const deadline = record.expires_at ?? Number.POSITIVE_INFINITY;
  const late = committed - scriptTakes >= deadline;
  if (type === 'verdict.given' && late) complain('law 2', 'was committed after the deadline');
  if (type === 'request.approved') {
    if (at > deadline) complain('law 2', 'takes effect after the deadline');
    if (actor.kind !== 'timer' && late) complain('law 2', 'was committed after the deadline');
    if (committed < at) complain('law 2', 'was committed before it was due');
  }
  if (type === 'request.timed_out' && (at !== deadline || committed < deadline)) {
    complain('law 2', `came early, at ${committed} for ${deadline}`);
  }
  if (type === 'token.consumed' && committed - scriptTakes >= (record.valid_until ?? 0)) {
    complain('law 5', 'was committed after the approval had lapsed');
  }
}

function approvals(history: History, record: RequestRecord, event: Committed, complain: Complain): void {
  const { type, actor, data } = event;
  if (type === 'verdict.given') {
    if (actor.id === record.owner || actor.id === record.requested_by) complain('law 8', `by ${actor.id}`);
    if (data?.verdict === 'approve') {
      if (history.approvers.has(actor.id)) complain('law 1', `a second time by ${actor.id}`);
      history.approvers.add(actor.id);
    }
  }
  if (type === 'verdict.undone') {
    if (data?.held === true) history.approvers.clear();
    else history.approvers.delete(actor.id);
  }
  if (type === 'request.approved') {
    for (const { rule, slots } of record.terms.requirements) {
      const needed = slots.reduce((sum, { need }) => sum + need, 0);
      if (history.approvers.size < needed)
        complain('law 2', `has ${history.approvers.size} of ${needed} for ${rule}`);
    }
  }
}

/** Whether a freeze is for what this event is about. */
function isFor({ set: { data } }: Freeze, { agent = '', tool = '' }: Committed): boolean {
  return (
    data?.scope === 'workspace' || matchesGlob(String(data?.match), data?.scope === 'agent' ? agent : tool)
  );
}

/** Nothing is granted that a freeze has met; nothing runs twice, unapproved, revoked or frozen: by the order of commits. */
function running(history: History, event: Committed, freezes: Freeze[], complain: Complain): void {
  const { type } = event;
  if (type === 'request.revoked' || (type === 'request.superseded' && event.status === 'approved')) {
    history.revoked = true;
  }
  const met = freezes.slice(history.born).find((freeze) => isFor(freeze, event));
  // A hold that ended before the freeze keeps its end, however late anyone looked.
  const held = type === 'request.approved' && event.actor.kind === 'timer' && event.at < (met?.set.at ?? 0);
  if (met !== undefined && !held && (type === 'verdict.given' || type === 'request.approved')) {
    complain('law 1', 'happened after a freeze had met it');
  }
  const frozen = freezes.some((freeze) => !freeze.lifted && isFor(freeze, event));
  if (frozen && (type === 'action.allowed' || type === 'grant.used'))
    complain('law 5', 'happened under a freeze');
  if (type !== 'token.consumed') return;
  history.consumed += 1;
  if (history.consumed > 1) complain('law 5', 'happened twice');
  if (history.status !== 'approved' && history.status !== 'running')
    complain('law 5', `happened to a request that is ${history.status}`);
  if (history.revoked) complain('law 5', 'happened after the approval was revoked');
  if (frozen) complain('law 5', 'happened under a freeze');
}

function ending(history: History, event: Committed, complain: Complain): void {
  const { type, status = '' } = event;
  const reviewed = reviewing[history.status];
  if (reviewed !== undefined || status === 'running') {
    if (type.startsWith('review.') && history.consumed === 0) complain('law 6', 'happened before it ran');
    if (history.status !== 'none' && history.status !== status && !reviewed?.includes(status))
      complain('law 1', `made it ${status} from ${history.status}`);
    history.status = status;
    return;
  }
  const ends =
    endings[type] ?? (type === 'request.superseded' && status === 'cancelled' ? status : undefined);
  if (history.status === 'none') history.status = 'pending';
  if (!isTerminal(history.status as RequestRecord['status'])) {
    if (ends !== undefined) history.status = ends;
  } else if (ends !== undefined) complain('law 1', `comes after it was ${history.status}`);
  else if (!afterTheEnd.has(type)) complain('law 1', `happened to a request that is ${history.status}`);
}
