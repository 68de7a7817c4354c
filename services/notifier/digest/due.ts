/** Finds whose digest has fallen due, and queues it. */
import type { Preferences } from '@countersign/shared/contracts';
import { globalKeys, workspaceKeys } from '@countersign/shared/keys';
import { digestDue } from '@countersign/shared/preferences';
import { type Directory, isAway } from '@countersign/shared/routing';
import type { Redis } from 'ioredis';
import type { DirectoryReader } from '../dispatch/directory.ts';
import { type DigestQueue, digestOptions } from './digest-queue.ts';

export type DigestClerk = {
  redis: Redis;
  directory: DirectoryReader;
  queue: DigestQueue;
  /** Redis time in ms. */
  clock: () => Promise<number>;
  /** How often is looked, ms: who is seen for the first time may have been missed for so long. */
  everyMs: number;
  attempts: number;
  pauseMs: number;
};

/** Who gets digests now: reviewers who asked for them, have an address and are not away. Those who stand in get only their own. */
export function readersOf(directory: Directory, now: number): Map<string, Preferences> {
  const readers = [...directory.preferences].filter(
    ([person, preferences]) =>
      preferences.digest_at.length > 0 &&
      directory.groupsOf(person) !== undefined &&
      directory.people.get(person)?.email !== undefined &&
      !isAway(preferences, now),
  );
  return new Map(readers);
}

/** Queues the digests of one workspace that are due. Doing it again adds nothing: a job's id says since when it tells. */
async function queueDue(clerk: DigestClerk, workspace: string, now: number): Promise<void> {
  const { redis, directory, queue, everyMs, attempts, pauseMs } = clerk;
  const { digests } = workspaceKeys(workspace);
  const [known, told] = await Promise.all([directory.directory(workspace), redis.hgetall(digests)]);
  const readers = readersOf(known, now);
  // Whoever comes back begins anew: what fell due meanwhile is not made up for.
  const gone = Object.keys(told).filter((person) => !readers.has(person));
  if (gone.length > 0) await redis.hdel(digests, ...gone);
  for (const [person, preferences] of readers) {
    let since = Number(told[person]);
    if (told[person] === undefined) {
      since = now - everyMs;
      if ((await redis.hsetnx(digests, person, since)) === 0) continue;
    }
    if (!digestDue(preferences, since, now)) continue;
    const job = { workspace, person, since, at: now };
    await queue.add('digest', job, digestOptions(job, attempts, pauseMs));
  }
}

/** Looks at every workspace once. */
export async function queueDueDigests(clerk: DigestClerk): Promise<void> {
  const now = await clerk.clock();
  for (const workspace of await clerk.redis.smembers(globalKeys.workspaces)) {
    await queueDue(clerk, workspace, now);
  }
}
