/**
 * Whether every index, timer and payload agrees with the records: worked out again from the list of keys in
 * shared/keys, not by the code that writes them.
 */
import { workspaceKeys } from '@countersign/shared/keys';
import { isTerminal, type RequestRecord } from '@countersign/shared/request';
import type { Snapshot } from './snapshot.ts';

const ranks = { critical: 0, high: 1, medium: 2, low: 3 };
const day = 86_400_000;

/** Which sorted sets a record stands in, with which member and score. */
function* placesOf(
  record: RequestRecord,
  keys: ReturnType<typeof workspaceKeys>,
  /** Grants that somebody has revoked. */
  revoked: ReadonlySet<unknown>,
): Generator<[string, string, number]> {
  const { id, created_at, status } = record;
  yield [keys.index('status', status), id, created_at];
  yield [keys.index('agent', record.agent), id, created_at];
  yield [keys.index('tool', record.tool), id, created_at];
  if (record.run_id !== undefined) yield [keys.index('run', record.run_id), id, created_at];
  if (record.planted !== undefined) {
    const { decided_at } = record;
    yield decided_at === undefined
      ? [keys.canaries('open'), id, created_at]
      : [keys.canaries('ended'), id, decided_at];
  }
  const { granted } = record;
  if (granted !== undefined && !revoked.has(granted.id)) {
    yield [keys.grants, granted.id, granted.expires_at];
    yield [keys.grantsFor(granted.match), granted.id, granted.expires_at];
  }
  if (isTerminal(status)) {
    const { review } = record;
    const alone = record.verdicts.length === 0 && record.version === 1 && review === undefined;
    const byPolicy = record.decided_by === 'policy' && alone;
    const until = review?.until ?? created_at + (review?.window_ms ?? 0);
    const reviewed = review === undefined ? 0 : Math.max(until, record.outcome?.at ?? 0);
    const last = Math.max(record.decided_at ?? Number.NaN, record.consumed?.at ?? 0, reviewed);
    yield [keys.timers, `prune:${id}`, last + (byPolicy ? day / 24 : 30 * day)];
    return;
  }
  if (status !== 'pending') {
    yield* placesUnderReview(record, keys);
    return;
  }
  const urgency = ranks[record.terms.tier] * 1e13 + (record.expires_at ?? 9e12);
  const audience = record.terms.requirements.flatMap(({ slots }) =>
    slots.flatMap(({ from }) => from ?? ['any']),
  );
  const concerned = [record.owner, ...record.verdicts.map(({ reviewer }) => reviewer)];
  if (record.requested_by !== undefined) concerned.push(record.requested_by);
  const place = id + JSON.stringify([...new Set(concerned)]);
  for (const name of new Set(audience)) yield [keys.queue(name), place, urgency];
  if (record.expires_at !== null) yield [keys.timers, `expire:${id}`, record.expires_at];
  if (record.release_at !== undefined) yield [keys.timers, `release:${id}`, record.release_at];
  if (record.claim !== undefined) yield [keys.timers, `claim:${id}`, record.claim.until];
  else if (record.release_at === undefined) {
    const [first] = record.escalate
      .filter(({ done_at }) => done_at === undefined)
      .map(({ after_ms, reviewers }) => ({
        at: Math.max(created_at + after_ms, record.ladder_from ?? 0),
        kind: reviewers.length > 0 ? 'escalate' : 'remind',
      }));
    if (first !== undefined && first.at < (record.expires_at ?? Number.POSITIVE_INFINITY)) {
      yield [keys.timers, `${first.kind}:${id}`, first.at];
    }
  }
}

/** It stands in its reviewers' lists once it ran, and has a timer for what it waits for. */
function* placesUnderReview(
  record: RequestRecord,
  keys: ReturnType<typeof workspaceKeys>,
): Generator<[string, string, number]> {
  const { id, status, review, consumed, valid_until = 0 } = record;
  if (status === 'running' && consumed === undefined) {
    yield [keys.timers, `lapse:${id}`, valid_until];
    return;
  }
  const until = review?.until ?? Number.NaN;
  const people = new Set([record.owner, ...(record.requested_by === undefined ? [] : [record.requested_by])]);
  const place = id + JSON.stringify([...people]);
  const audience = record.terms.requirements.flatMap(({ slots }) =>
    slots.flatMap(({ from }) => from ?? ['any']),
  );
  for (const name of new Set(audience)) {
    yield [keys.reviews(name), place, status === 'undo_requested' ? 0 : until];
  }
  if (status === 'running') yield [keys.timers, `unreviewed:${id}`, until];
  else if (review?.overdue_at === undefined)
    yield [keys.timers, `overdue:${id}`, review?.answer_by ?? Number.NaN];
}

/** Whether what is counted is what the records take, and sums are the sums of it; takes tallies out of `left`. */
function* tallyViolations(
  { now, records, strings }: Snapshot,
  left: Map<string, Map<string, number>>,
  workspace: string,
): Generator<string> {
  const tallies = workspaceKeys(workspace).tally('').members;
  const counts = ({ status, revoked }: RequestRecord) =>
    !['rejected', 'timed_out', 'cancelled'].includes(status) && revoked === undefined;
  for (const [id, record] of records) {
    for (const { tally, amount, window_ms } of counts(record) ? (record.shares ?? []) : []) {
      const members = left.get(tallies + tally);
      const member = `${amount}:${id}`;
      const due = record.created_at > now - window_ms + 60_000;
      if (due && members?.get(member) !== record.created_at) yield `${id} is not counted in ${tally}`;
    }
  }
  for (const [key, members] of left) {
    if (!key.startsWith(tallies)) continue;
    left.delete(key);
    let sum = 0;
    for (const member of members.keys()) {
      const [amount = '', id = ''] = member.split(':');
      sum += Number(amount);
      const record = records.get(id);
      const taken = record?.shares?.some(
        (share) => tallies + share.tally === key && share.amount === Number(amount),
      );
      if (record !== undefined && !(counts(record) && taken))
        yield `${key} counts ${member}, and its record does not`;
    }
    if (Number(strings.get(`${key}:sum`)) !== sum)
      yield `${key} has the sum ${strings.get(`${key}:sum`)}, not ${sum}`;
  }
}

/** Everything that is written by halves, in words; none is what a test wants. */
export function indexViolations(snapshot: Snapshot, workspace = 'default'): string[] {
  const keys = workspaceKeys(workspace);
  const found: string[] = [];
  const left = new Map([...snapshot.sets].map(([key, members]) => [key, new Map(members)]));
  const payloads = new Set(
    [...snapshot.strings.keys()].filter((key) => key.startsWith(keys.payload('', 1).slice(0, -2))),
  );
  const revoked = new Set(
    snapshot.feed.flatMap(({ type, data }) => (type === 'grant.revoked' ? [data?.grant] : [])),
  );
  const idempotency = new Map<string, string>();
  for (const [key, text] of snapshot.strings) {
    if (key.startsWith(keys.idempotency('', '').slice(0, -1))) idempotency.set(JSON.parse(text).id, key);
  }

  for (const [id, record] of snapshot.records) {
    if (snapshot.revisions.get(id) !== String(record.revision)) found.push(`${id}: the two revisions differ`);
    for (const [key, member, score] of placesOf(record, keys, revoked)) {
      const there = left.get(key)?.get(member);
      if (there !== score) found.push(`${key} has ${member} at ${there}, its record says ${score}`);
      left.get(key)?.delete(member);
    }
    for (let version = 1; version <= record.payload_version; version++) {
      if (!payloads.delete(keys.payload(id, version))) found.push(`${id} lacks payload ${version}`);
    }
    if ((record.idempotency === undefined) === idempotency.has(id)) {
      found.push(`${id} and its idempotency key do not know each other`);
    }
    idempotency.delete(id);
  }
  found.push(...tallyViolations(snapshot, left, workspace));
  for (const [key, members] of left) {
    for (const member of members.keys()) found.push(`${key} has ${member}, which no record asks for`);
  }
  for (const key of payloads) found.push(`${key} belongs to no request`);
  for (const key of idempotency.values()) found.push(`${key} belongs to no request`);
  return found;
}
