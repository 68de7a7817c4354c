/** Index and timer entries of a request: functions of its record, so that a commit writes just the difference. */
import type { WorkspaceKeys } from '@countersign/shared/keys';
import { audienceOf, isTerminal, type RequestRecord, tierRank } from '@countersign/shared/request';
import { timersOf } from '../lifecycle/due.ts';
import type { Commit } from './commit.ts';

/** How long requests stay in Redis after their end, ms. The sealed log keeps them beyond. */
export const retention = { decided: 30 * 86_400_000, byPolicy: 3_600_000 };

/** An entry `member` with `score` in the sorted set `key`. */
type Entry = { key: string; member: string; score: number };

/** Most urgent first: by tier, then by deadline. A request that never expires stands last in its tier. */
export function urgency(record: RequestRecord): number {
  return tierRank[record.terms.tier] * 1e13 + (record.expires_at ?? 9e12);
}

/**
 * When a finished request leaves Redis. Policy's own answers go an hour after they were last used; none goes while it
 * may still run.
 */
function pruneAt(record: RequestRecord): number {
  const byPolicy = record.decided_by === 'policy' && record.verdicts.length === 0 && record.version === 1;
  const last = Math.max(record.decided_at ?? record.created_at, record.consumed?.at ?? 0);
  return Math.max(last + (byPolicy ? retention.byPolicy : retention.decided), record.valid_until ?? 0);
}

/** People in the audience who have nothing to do here: parties to the run, and those who have voted. */
function notFor(record: RequestRecord): Set<string> {
  const people = new Set(record.verdicts.map((verdict) => verdict.reviewer));
  people.add(record.owner);
  if (record.requested_by !== undefined) people.add(record.requested_by);
  return people;
}

function entriesOf(keys: WorkspaceKeys, record: RequestRecord): Entry[] {
  const { id, created_at: created } = record;
  const entries: Entry[] = [
    { key: keys.all, member: id, score: created },
    { key: keys.index('status', record.status), member: id, score: created },
    { key: keys.index('agent', record.agent), member: id, score: created },
    { key: keys.index('tool', record.tool), member: id, score: created },
  ];
  if (isTerminal(record.status)) {
    entries.push({ key: keys.timers, member: `prune:${id}`, score: pruneAt(record) });
  } else {
    const score = urgency(record);
    for (const audience of audienceOf(record)) entries.push({ key: keys.queue(audience), member: id, score });
    for (const person of notFor(record)) entries.push({ key: keys.notFor(person), member: id, score });
    for (const [kind, at] of Object.entries(timersOf(record))) {
      entries.push({ key: keys.timers, member: `${kind}:${id}`, score: at });
    }
  }
  return entries;
}

const name = (entry: Entry): string => `${entry.key}\n${entry.member}`;

/** Adds to a commit what takes the entries from `before` (undefined: none) to `after` (undefined: none). */
export function writeEntries(
  commit: Commit,
  keys: WorkspaceKeys,
  before: RequestRecord | undefined,
  after: RequestRecord | undefined,
): void {
  const entries = after === undefined ? [] : entriesOf(keys, after);
  const old = new Map<string, Entry>();
  if (before !== undefined) for (const entry of entriesOf(keys, before)) old.set(name(entry), entry);
  const added = new Map<string, { first: Entry; keys: string[] }>();
  for (const entry of entries) {
    const known = before === undefined ? undefined : old.get(name(entry));
    if (known !== undefined) old.delete(name(entry));
    if (known?.score === entry.score) continue;
    // Most sets hold the same member with one of two scores: those go together.
    const same = `${entry.score} ${entry.member}`;
    const others = added.get(same);
    if (others === undefined) added.set(same, { first: entry, keys: [entry.key] });
    else others.keys.push(entry.key);
  }
  for (const { first, keys: sets } of added.values()) {
    commit.writeAll('ZADD', sets, first.score, first.member);
  }
  for (const entry of old.values()) commit.write('ZREM', entry.key, entry.member);
}
