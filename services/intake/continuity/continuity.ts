/**
 * Whether Redis still holds what was sealed. It is looked at once for each workspace and each run of Redis: a restored
 * backup, or a replica that lagged and was promoted, is another run. Where events that were sealed have gone, so may
 * revocations, consumptions and freezes have: no approval from before counts until an admin has looked.
 */
import { type Problem, problem } from '@countersign/shared/contracts';
import { globalKeys, workspaceKeys } from '@countersign/shared/keys';
import type { Redis } from 'ioredis';
import { Commit } from '../store/commit.ts';
import { redisTime } from '../store/redis-time.ts';
import { watchRedisRun } from './redis-run.ts';
import type { SealedTail } from './sealed-tail.ts';

/** It cannot be told whether this workspace has lost anything. */
export class ContinuityUnknown extends Error {
  override name = 'ContinuityUnknown';
}

export type Continuity = {
  /** Names the run of Redis that answers now. */
  run(): Promise<string>;
  /** Looks whether the workspace has lost anything, and notes that it was looked in this run. */
  settle(workspace: string, run: string): Promise<void>;
};

/** @param sealedTail absent: nobody notes what was sealed, so nothing can be found to be missing */
export function openContinuity(redis: Redis, sealedTail: SealedTail | undefined): Continuity {
  const { current } = watchRedisRun(redis);
  return {
    run: current,
    async settle(workspace, run) {
      const { state, feed, wake } = workspaceKeys(workspace);
      for (;;) {
        const sealed = await sealedTail?.(workspace).catch((error: unknown) => {
          throw new ContinuityUnknown(`the note of what was sealed in ${workspace} cannot be read`, {
            cause: error,
          });
        });
        const [clock, [seen, accepted]] = await Promise.all([
          redis.time(),
          redis.hmget(state, 'continuity', 'gap_accepted'),
        ]);
        if (seen === run) return;
        const missing = sealed?.last_event_id;
        const lost = missing !== undefined && missing !== accepted && !(await reaches(redis, feed, missing));
        const commit = new Commit().expect(state, { continuity: seen ?? '' });
        if (lost) {
          const at = redisTime(clock);
          const actor = { kind: 'system', id: 'intake' } as const;
          const event = { type: 'discontinuity.found', at, actor, data: { sealed: missing } } as const;
          commit.tell(feed, event);
          commit.write('HSET', state, 'discontinuity', at, 'gap', missing);
        }
        commit.write('HSET', state, 'continuity', run);
        if (lost) commit.write('PUBLISH', wake, '*');
        if ((await commit.run(redis)).outcome === 'ok') return;
      }
    },
  };
}

/** Looks at every workspace, so that nobody waits for it. Where it cannot be told, whoever calls is told so. */
export async function settleAll(redis: Redis, continuity: Continuity): Promise<void> {
  const run = await continuity.run();
  for (const workspace of await redis.smembers(globalKeys.workspaces)) {
    await continuity.settle(workspace, run).catch((error: unknown) => {
      if (!(error instanceof ContinuityUnknown)) throw error;
    });
  }
}

/** Whether a feed has come as far as this event: it holds it, or has held it and was trimmed behind it. */
async function reaches(redis: Redis, feed: string, id: string): Promise<boolean> {
  const [found, oldest] = await Promise.all([
    redis.xrange(feed, id, id),
    redis.xrange(feed, '-', '+', 'COUNT', 1),
  ]);
  if (found.length > 0) return true;
  const first = oldest[0]?.[0];
  return first !== undefined && isBefore(id, first);
}

/** Whether one entry of a stream stands before another. */
function isBefore(one: string, other: string): boolean {
  const [ms = 0, seq = 0] = one.split('-').map(Number);
  const [otherMs = 0, otherSeq = 0] = other.split('-').map(Number);
  return ms < otherMs || (ms === otherMs && seq < otherSeq);
}

/** An admin has looked, and lets approvals from before count again. What was lost stays lost. */
export async function acceptDiscontinuity(
  redis: Redis,
  workspace: string,
  { found_at, reason }: { found_at: number; reason: string },
  by: string,
): Promise<Problem | undefined> {
  const { state, feed, wake } = workspaceKeys(workspace);
  const [clock, [found, gap]] = await Promise.all([redis.time(), redis.hmget(state, 'discontinuity', 'gap')]);
  if (Number(found || -1) !== found_at) {
    return problem('not_found', 'No discontinuity of that time waits to be accepted here.');
  }
  const data = { sealed: gap ?? null, found_at: new Date(found_at).toISOString(), reason };
  const actor = { kind: 'person', id: by } as const;
  const event = { type: 'discontinuity.accepted', at: redisTime(clock), actor, data } as const;
  const { outcome } = await new Commit()
    .expect(state, { discontinuity: String(found_at) })
    .tell(feed, event)
    .write('HSET', state, 'discontinuity', '', 'gap_accepted', gap ?? '')
    .write('PUBLISH', wake, '*')
    .run(redis);
  return outcome === 'ok' ? undefined : problem('not_found', 'Somebody else has just accepted it.');
}
