/** Who is calling: the workspace's own keys, read from Redis and kept as long as their version stands. */
import { bearerIn, hashOf, invalidKey, noKey, workspaceOfKey } from '@countersign/shared/access';
import type { Problem } from '@countersign/shared/contracts';
import type { ApiKeyRecord } from '@countersign/shared/directory';
import { workspaceKeys } from '@countersign/shared/keys';
import type { Redis } from 'ioredis';

/** A key, and the workspace that it opens: no other can be named in a call. */
export type Caller = { workspace: string; key: ApiKeyRecord };

/** Fields of the workspace's state under which its keys stand: their version, and the run of Redis that counts it. */
const versionFields = ['directory', 'continuity'] as const;

type Known = { version: string; byHash: ReadonlyMap<string, ApiKeyRecord> };

/** Opens the cache. A key that was revoked is refused at once: the version is asked for at every call. */
export function openKeys(redis: Redis): (authorization: string | undefined) => Promise<Caller | Problem> {
  const known = new Map<string, Known>();

  async function keysOf(workspace: string): Promise<Known['byHash']> {
    const { state, apiKeys } = workspaceKeys(workspace);
    const version = JSON.stringify(await redis.hmget(state, ...versionFields));
    const cached = known.get(workspace);
    if (cached?.version === version) return cached.byHash;
    // Read after their version: what comes in between makes them look older than they are, and they are read again.
    const records = (await redis.hvals(apiKeys)).map((text) => JSON.parse(text) as ApiKeyRecord);
    const live = records.filter(({ revoked_at }) => revoked_at === undefined);
    const byHash = new Map(live.map((key) => [key.hash, key]));
    // A workspace without keys may be one that somebody made up: nothing is kept of it.
    if (byHash.size > 0) known.set(workspace, { version, byHash });
    return byHash;
  }

  return async (authorization) => {
    const text = bearerIn(authorization);
    if (text === undefined) return noKey();
    const workspace = workspaceOfKey(text);
    const key = workspace === undefined ? undefined : (await keysOf(workspace)).get(hashOf(text));
    return workspace === undefined || key === undefined ? invalidKey() : { workspace, key };
  };
}
