/** The switch of the programme: whoever leads may stop it at once, without a change of policy, and let it go on. */
import type { CanaryProgramme } from '@countersign/shared/contracts';
import { isRunning } from '@countersign/shared/policy';
import type { Redis } from 'ioredis';
import { Commit } from '../store/commit.ts';
import type { Current } from '../workspace/workspaces.ts';

/** As it is stored: who stopped it, and when, Redis ms. */
type Stopped = { by: string; at: number };

async function readStopped(redis: Redis, { snapshot: { keys } }: Current): Promise<Stopped | undefined> {
  const text = await redis.get(keys.canariesStopped);
  return text === null ? undefined : (JSON.parse(text) as Stopped);
}

/** Whether it has been stopped. */
export async function isStopped(redis: Redis, current: Current): Promise<boolean> {
  return (await readStopped(redis, current)) !== undefined;
}

/** What everybody may know of the programme; nothing of what is planted. */
export async function programmeFor(
  redis: Redis,
  current: Current,
): Promise<Omit<CanaryProgramme, 'may_switch'>> {
  const { canaries } = current.snapshot.policy;
  const stopped = await readStopped(redis, current);
  return {
    announced: canaries?.announced ?? null,
    running: stopped === undefined && isRunning(canaries, current.now),
    ...(canaries === undefined ? {} : { rate: canaries.rate }),
    ...(stopped === undefined ? {} : { stopped: { by: stopped.by, at: new Date(stopped.at).toISOString() } }),
  };
}

/**
 * Stops it, or ends the stop; once, whoever says so at the same time. What waits is taken back within seconds, as when
 * policy switches it off. Going on brings back what policy announces, and no more.
 */
export async function setStopped(redis: Redis, current: Current, by: string, stop: boolean): Promise<void> {
  const { keys } = current.snapshot;
  const before = await redis.get(keys.canariesStopped);
  if ((before !== null) === stop) return;
  const commit = new Commit();
  if (stop) {
    const stopped: Stopped = { by, at: current.now };
    commit.expectAbsent('stopped', keys.canariesStopped);
    commit.write('SET', keys.canariesStopped, JSON.stringify(stopped));
  } else commit.write('DEL', keys.canariesStopped);
  const type = stop ? 'canaries.stopped' : 'canaries.resumed';
  const actor = { kind: 'person', id: by } as const;
  commit.tell(keys.feed, { type, at: current.now, actor });
  await commit.run(redis);
}
