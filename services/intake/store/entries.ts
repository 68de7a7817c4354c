/** Index and timer entries of a request: functions of its record, so that a commit writes just the difference. */
import { queueMember, type WorkspaceKeys } from '@countersign/shared/keys';
import {
  audienceOf,
  awaitsReview,
  isTerminal,
  type RequestRecord,
  reviewedUntil,
  tierRank,
} from '@countersign/shared/request';
import { timersOf } from '../lifecycle/due.ts';
import type { Commit } from './commit.ts';

/** How long requests stay in Redis after their end, ms. The sealed log keeps them beyond. */
export const retention = { decided: 30 * 86_400_000, byPolicy: 3_600_000 };

/** An entry `member` with `score` in each of the sorted sets `sets`. */
type Entry = { sets: string[]; member: string; score: number };

/** Most urgent first: by tier, then by deadline. A request that never expires stands last in its tier. */
export function urgency(record: RequestRecord): number {
  return tierRank[record.terms.tier] * 1e13 + (record.expires_at ?? 9e12);
}

/** Undos that the agent has not done first, then what ran, the end of its window first. */
function reviewRank(record: RequestRecord): number {
  return record.status === 'undo_requested' ? 0 : reviewedUntil(record);
}

/**
 * When a finished request leaves Redis. Policy's own answers go an hour after they were last used; none goes while it
 * may still run.
 *
 * @param decided how long others stay, ms
 */
export function leavesAt(record: RequestRecord, decided = retention.decided): number {
  const { review } = record;
  const alone = record.verdicts.length === 0 && record.version === 1 && review === undefined;
  const byPolicy = record.decided_by === 'policy' && alone;
  const reviewed = review === undefined ? 0 : Math.max(reviewedUntil(record), record.outcome?.at ?? 0);
  const last = Math.max(record.decided_at ?? record.created_at, record.consumed?.at ?? 0, reviewed);
  const kept = Math.min(decided, byPolicy ? retention.byPolicy : retention.decided);
  return Math.max(last + kept, record.valid_until ?? 0);
}

/** People in the audience who have nothing to do here: parties to the run, and those who have voted. */
function notFor(record: RequestRecord): Set<string> {
  const people = new Set([record.owner, ...record.verdicts.map((verdict) => verdict.reviewer)]);
  if (record.requested_by !== undefined) people.add(record.requested_by);
  return people;
}

function entriesOf(keys: WorkspaceKeys, record: RequestRecord): Entry[] {
  const { id } = record;
  const searched = [
    keys.index('status', record.status),
    keys.index('agent', record.agent),
    keys.index('tool', record.tool),
  ];
  if (record.run_id !== undefined) searched.push(keys.index('run', record.run_id));
  const entries: Entry[] = [{ sets: searched, member: id, score: record.created_at }];
  if (record.planted !== undefined) {
    const [state, at] =
      record.decided_at === undefined
        ? (['open', record.created_at] as const)
        : (['ended', record.decided_at] as const);
    entries.push({ sets: [keys.canaries(state)], member: id, score: at });
  }
  if (isTerminal(record.status)) {
    entries.push({ sets: [keys.timers], member: `prune:${id}`, score: leavesAt(record) });
  } else if (record.status !== 'pending') {
    if (awaitsReview(record)) {
      const lists = audienceOf(record).map((audience) => keys.reviews(audience));
      entries.push({ sets: lists, member: queueMember(id, notFor(record)), score: reviewRank(record) });
    }
    entries.push(...timerEntries(keys, record));
  } else {
    const waiting = audienceOf(record).map((audience) => keys.queue(audience));
    entries.push({ sets: waiting, member: queueMember(id, notFor(record)), score: urgency(record) });
    entries.push(...timerEntries(keys, record));
  }
  return entries;
}

function timerEntries(keys: WorkspaceKeys, record: RequestRecord): Entry[] {
  return Object.entries(timersOf(record)).map(([kind, at]) => ({
    sets: [keys.timers],
    member: `${kind}:${record.id}`,
    score: at,
  }));
}

const name = (set: string, member: string): string => `${set}\n${member}`;

/** Adds to a commit what takes the entries from `before` (undefined: none) to `after` (undefined: none). */
export function writeEntries(
  commit: Commit,
  keys: WorkspaceKeys,
  before: RequestRecord | undefined,
  after: RequestRecord | undefined,
): void {
  const entries = after === undefined ? [] : entriesOf(keys, after);
  if (before === undefined) {
    for (const { sets, member, score } of entries) commit.writeAll('ZADD', sets, score, member);
    return;
  }
  const old = new Map<string, { set: string; member: string; score: number }>();
  for (const { sets, member, score } of entriesOf(keys, before)) {
    for (const set of sets) old.set(name(set, member), { set, member, score });
  }
  for (const { sets, member, score } of entries) {
    const changed = sets.filter((set) => old.get(name(set, member))?.score !== score);
    if (changed.length > 0) commit.writeAll('ZADD', changed, score, member);
    for (const set of sets) old.delete(name(set, member));
  }
  for (const { set, member } of old.values()) commit.write('ZREM', set, member);
}
