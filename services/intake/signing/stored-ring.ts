/**
 * The ring in Redis, and how every workspace learns of a change. The ring belongs to the installation and lies in a
 * slot of its own; each workspace's state names the version that it works under, which every commit there compares.
 */

import { globalKeys, workspaceKeys } from '@countersign/shared/keys';
import { generateSigningKey, type SigningKey } from '@countersign/shared/token';
import type { Redis } from 'ioredis';
import { Commit } from '../store/commit.ts';
import { redisTime } from '../store/redis-time.ts';
import { deniedKeys, firstRing, type Ring, signingKey } from './ring.ts';

/** A workspace works under a ring that is not to be had: nothing can be signed or verified there. */
export class SigningUnavailable extends Error {
  override name = 'SigningUnavailable';
}

/** The ring as it is stored, if there is one. */
export async function readRing(redis: Redis): Promise<Ring | undefined> {
  const [version, keys] = await redis.hmget(globalKeys.signingRing, 'version', 'keys');
  if (version == null || keys == null) return undefined;
  return { version: Number(version), keys: JSON.parse(keys) as Ring['keys'] };
}

/**
 * Changes the ring and tells every workspace; makes the first one where there is none. `change` gives back the very
 * ring that it was given to leave it as it is, and may be called again when another process came first.
 *
 * @returns the ring in force. Once this has resolved, no commit of any workspace rests on an older one
 */
export async function changeRing(
  redis: Redis,
  change: (ring: Ring, fresh: SigningKey, now: number) => Ring = (ring) => ring,
): Promise<Ring> {
  for (;;) {
    const now = redisTime(await redis.time());
    const before = await readRing(redis);
    const fresh = await generateSigningKey();
    const after = change(before ?? (await newRing(now)), fresh, now);
    if (after !== before) {
      // Never the number of a ring that a failover lost.
      const version = Math.max((before?.version ?? 0) + 1, now);
      const { outcome } = await new Commit()
        .expect(globalKeys.signingRing, { version: before === undefined ? '' : String(before.version) })
        .write('HSET', globalKeys.signingRing, 'version', version, 'keys', JSON.stringify(after.keys))
        .run(redis);
      if (outcome !== 'ok') continue;
    }
    return announce(redis);
  }
}

async function newRing(now: number): Promise<Ring> {
  return firstRing(await generateSigningKey(), await generateSigningKey(), now);
}

/** Brings every workspace under the ring that is stored. Whoever finds that another process has not ended this may end it. */
async function announce(redis: Redis): Promise<Ring> {
  const ring = await readRing(redis);
  if (ring === undefined) throw new SigningUnavailable('the signing keys have gone');
  for (const workspace of await redis.smembers(globalKeys.workspaces))
    await adoptRing(redis, workspace, ring);
  return ring;
}

/** Brings a workspace under this ring, unless it is under a later one. On record where it was under another before. */
export async function adoptRing(redis: Redis, workspace: string, ring: Ring): Promise<void> {
  const keys = workspaceKeys(workspace);
  for (;;) {
    const [clock, before] = await Promise.all([redis.time(), redis.hget(keys.state, 'signing')]);
    if (Number(before ?? 0) >= ring.version) return;
    const at = redisTime(clock);
    const data = { signing: signingKey(ring, at).kid, denied: deniedKeys(ring) };
    const event = { type: 'signing.changed', at, actor: { kind: 'system', id: 'intake' }, data } as const;
    const commit = new Commit().expect(keys.state, { signing: before ?? '' });
    if (before !== null) commit.tell(keys.feed, event);
    commit.write('HSET', keys.state, 'signing', ring.version);
    if ((await commit.run(redis)).outcome === 'ok') return;
  }
}
