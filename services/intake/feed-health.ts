/** Keeps the feed within its window, behind every registered consumer, and says when a consumer is stuck. */
import { globalKeys, workspaceKeys } from '@countersign/shared/keys';
import type { Redis } from 'ioredis';

/** Events are kept at least this long for streams to resume, ms. */
const windowMs = 24 * 3_600_000;
/** A consumer this many events behind holds the feed back: readiness fails before memory does. */
const stuckAt = 500_000;

type Group = { name: string; lastDelivered: string; oldestPending: string | undefined; lag: number };

const msOf = (id: string): number => Number(id.split('-')[0]);

async function groupsOf(redis: Redis, feed: string): Promise<Group[]> {
  if ((await redis.exists(feed)) === 0) return [];
  const replies = (await redis.xinfo('GROUPS', feed)) as unknown[];
  return Promise.all(
    replies.map(async (reply) => {
      const flat = Array.isArray(reply) ? reply : Object.entries(reply as object).flat();
      const read = (field: string): string => String(flat[flat.indexOf(field) + 1] ?? '');
      const name = read('name');
      const pending = (await redis.xpending(feed, name)) as [number, string | null];
      return {
        name,
        lastDelivered: read('last-delivered-id'),
        oldestPending: pending[1] ?? undefined,
        lag: Number(read('lag')) || 0,
      };
    }),
  );
}

/** Trims every workspace's feed: never past what a registered consumer has not acknowledged, never inside the window. */
export async function trimFeeds(redis: Redis, now: number): Promise<void> {
  for (const workspace of await redis.smembers(globalKeys.workspaces)) {
    const { feed } = workspaceKeys(workspace);
    const groups = await groupsOf(redis, feed);
    // Nobody has registered to read it yet: it is the only record there is.
    if (groups.length === 0) continue;
    const needed = groups.map((group) => msOf(group.oldestPending ?? group.lastDelivered));
    await redis.xtrim(feed, 'MINID', '~', Math.max(0, Math.min(now - windowMs, ...needed)));
  }
}

/** Consumers that are stuck, in words. */
export async function stuckConsumers(redis: Redis): Promise<string[]> {
  const stuck: string[] = [];
  for (const workspace of await redis.smembers(globalKeys.workspaces)) {
    for (const { name, lag } of await groupsOf(redis, workspaceKeys(workspace).feed)) {
      if (lag > stuckAt)
        stuck.push(`Consumer ${name} is ${lag} events behind in workspace ${workspace}: start or mend it.`);
    }
  }
  return stuck;
}
