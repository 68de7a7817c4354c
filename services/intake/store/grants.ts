/**
 * Grants in Redis. Each call of a grant is a field of its hash: whoever commits the field first has used that call, and
 * the expectation that it is absent holds everybody else back. So nothing is counted, and nothing can be used twice.
 */
import type { WorkspaceKeys } from '@countersign/shared/keys';
import type { GrantRecord, RequestRecord } from '@countersign/shared/request';
import type { Redis } from 'ioredis';
import type { Commit } from './commit.ts';

/** How long a grant's hash outlives it, and the list of its kind what was last put there, ms. */
const outlives = { grant: 60_000, list: 86_400_000 };

/** A grant in force, by what is stored: not revoked, and with these calls left. Its end is in its record. */
export type StoredGrant = { record: GrantRecord; free: number[] };

const useField = (use: number): string => `use:${use}`;

/** Reads grants in the order given, leaving out those that are gone or revoked. */
export async function loadGrants(redis: Redis, keys: WorkspaceKeys, ids: string[]): Promise<StoredGrant[]> {
  const found = await Promise.all(ids.map((id) => redis.hgetall(keys.grant(id))));
  return found.flatMap(({ record: text, state, ...used }) => {
    if (text === undefined || state !== 'active') return [];
    const record = JSON.parse(text) as GrantRecord;
    const all = Array.from({ length: record.calls }, (_, index) => index + 1);
    return [{ record, free: all.filter((use) => used[useField(use)] === undefined) }];
  });
}

/** Ids of the grants in a list whose end is after `now` (Redis time in ms), the one that ends first before the others. */
export function grantIds(redis: Redis, list: string, now: number): Promise<string[]> {
  return redis.zrange(list, `(${now}`, '+inf', 'BYSCORE');
}

/** Adds to a request's commit the grant that it gave, and the call of a grant that it used. */
export function writeGrants(
  commit: Commit,
  keys: WorkspaceKeys,
  before: RequestRecord | undefined,
  after: RequestRecord,
): void {
  if (after.granted !== undefined && before?.granted === undefined) writeGiven(commit, keys, after.granted);
  if (after.grant_used === undefined || before !== undefined) return;
  const { id, use } = after.grant_used;
  commit.expect(keys.grant(id), { state: 'active', [useField(use)]: '' });
  commit.write('HSET', keys.grant(id), useField(use), after.id);
}

function writeGiven(commit: Commit, keys: WorkspaceKeys, grant: GrantRecord): void {
  const { id, match, created_at, expires_at } = grant;
  const lists = [keys.grants, keys.grantsFor(match)];
  commit.write('HSET', keys.grant(id), 'state', 'active', 'record', JSON.stringify(grant));
  commit.write('PEXPIREAT', keys.grant(id), expires_at + outlives.grant);
  commit.writeAll('ZADD', lists, expires_at, id);
  commit.writeAll('ZREMRANGEBYSCORE', lists, '-inf', created_at);
  commit.write('PEXPIRE', keys.grantsFor(match), outlives.list);
}

/** Makes a commit revoke a grant; void when somebody else has, or its hash is gone. */
export function writeRevoked(commit: Commit, keys: WorkspaceKeys, { id, match }: GrantRecord): void {
  commit.expect(keys.grant(id), { state: 'active' });
  commit.write('HSET', keys.grant(id), 'state', 'revoked');
  commit.writeAll('ZREM', [keys.grants, keys.grantsFor(match)], id);
}
