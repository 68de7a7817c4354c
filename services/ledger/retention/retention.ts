/**
 * Retention: what policy says is to be kept for so long and no longer is erased, as an admin would erase it, with an
 * event for each erasure that names the policy. Here it is only asked for; what is erased is erased when that event is
 * sealed (sealing/erasing.ts), so that a crash at any point leaves it to be asked for again, or done.
 */
import { type EventBody, encodeEvent } from '@countersign/shared/feed';
import { workspaceKeys } from '@countersign/shared/keys';
import { loadPolicySet, type PolicyFile, type Retention } from '@countersign/shared/policy';
import type { Redis } from 'ioredis';
import type { Disk } from '../disk/disk.ts';
import { openSealedLog } from '../reading/sealed-log.ts';
import { openNames } from '../sealing/names.ts';
import { isAfter } from '../sealing/resume.ts';
import { requestsDue } from './due.ts';

/** So many events are written at once. */
const atOnce = 500;

/** What the active policy of a workspace says, and its digest; undefined where there is none that can be read. */
async function activeRetention(
  redis: Redis,
  workspace: string,
): Promise<{ digest: string; retention: Retention } | undefined> {
  const keys = workspaceKeys(workspace);
  const digest = await redis.hget(keys.state, 'policy');
  const text = digest === null ? null : await redis.get(keys.policy(digest));
  if (digest === null || text === null) return undefined;
  const loaded = loadPolicySet(JSON.parse(text) as PolicyFile[]);
  // A policy that this version can not read states nothing: nothing is erased on a guess.
  return loaded.ok ? { digest, retention: loaded.set.retention } : undefined;
}

export type Asked = {
  /** Requests whose texts are to go, and people whose names are. */
  requests: number;
  people: number;
  /** The last event of it; undefined where nothing was due. */
  last: string | undefined;
};

/**
 * Asks for the erasure of whatever is past its time. Nothing is asked while what was asked before is not sealed: it
 * would be asked again.
 *
 * @param now Redis ms
 * @param lastAsked the last event that was written here
 */
export async function askToErase(
  redis: Redis,
  disk: Disk,
  workspace: string,
  now: number,
  lastAsked?: string,
): Promise<Asked> {
  const nothing = { requests: 0, people: 0, last: lastAsked };
  const keys = workspaceKeys(workspace);
  const policy = await activeRetention(redis, workspace);
  if (policy === undefined) return nothing;
  const { texts_ms, names_ms } = policy.retention;
  if (texts_ms === undefined && names_ms === undefined) return nothing;
  const sealedTo = (await redis.hget(keys.sealed, 'feed_id')) ?? '0-0';
  if (lastAsked !== undefined && isAfter(lastAsked, sealedTo)) return nothing;
  const log = await openSealedLog(disk);
  if (log === undefined) return nothing;

  const asked: Asked = { ...nothing };
  async function tell(events: Partial<EventBody>[]): Promise<void> {
    for (let from = 0; from < events.length; from += atOnce) {
      const writing = redis.pipeline();
      for (const about of events.slice(from, from + atOnce)) {
        const actor = { kind: 'policy', id: 'policy' } as const;
        const data = { ...about.data, policy: policy?.digest };
        writing.xadd(
          keys.feed,
          '*',
          ...encodeEvent({ type: 'payload.erased', at: now, actor, ...about, data }),
        );
      }
      for (const [error, id] of (await writing.exec()) ?? []) {
        if (error) throw error;
        asked.last = String(id);
      }
    }
  }

  if (texts_ms !== undefined) {
    const inStore = async (ids: readonly string[]): Promise<ReadonlySet<string>> => {
      const found = await Promise.all(ids.map((id) => redis.exists(keys.request(id))));
      return new Set(ids.filter((_, at) => found[at] === 1));
    };
    for await (const due of requestsDue(disk, log, now - texts_ms, inStore)) {
      await tell(due.map((request_id) => ({ request_id, data: { after_ms: texts_ms } })));
      asked.requests += due.length;
    }
  }
  if (names_ms !== undefined) {
    const people = (await openNames(disk, now)).unusedSince(now - names_ms);
    await tell(people.map((person) => ({ data: { person, after_ms: names_ms } })));
    asked.people = people.length;
  }
  return asked;
}
