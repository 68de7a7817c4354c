/**
 * Where in the feed sealing goes on. As a rule after the last event that was sealed; where Redis has lost events that
 * are sealed already (it was restored from a backup, or a replica that lagged took over), after the last that is still
 * there, and the log says so.
 */
import { workspaceKeys } from '@countersign/shared/keys';
import type { Redis } from 'ioredis';
import type { Entry } from './entry.ts';

export type Resume = {
  /** The last event of the feed that is sealed. */
  after: string;
  /** Sealed, and no longer in the feed, though it was not trimmed so far: from which event to which, and how many. */
  lost: { from: string; to: string; count: number } | undefined;
};

/** Compares places in the feed. */
export function isAfter(a: string, b: string): boolean {
  const [aMs = 0, aSequence = 0] = a.split('-').map(Number);
  const [bMs = 0, bSequence = 0] = b.split('-').map(Number);
  return aMs === bMs ? aSequence > bSequence : aMs > bMs;
}

/** The first event that the feed holds, and the last that it ever held. */
async function extentOf(redis: Redis, feed: string): Promise<{ first: string | undefined; last: string }> {
  if ((await redis.exists(feed)) === 0) return { first: undefined, last: '0-0' };
  const info = (await redis.xinfo('STREAM', feed)) as unknown[];
  const last = String(info[info.indexOf('last-generated-id') + 1]);
  const [[first] = []] = await redis.xrange(feed, '-', '+', 'COUNT', 1);
  return { first, last };
}

/**
 * @param acknowledged how many entries Redis knows to be sealed: later ones it can not have trimmed
 * @param backwards the log's entries, the newest first
 */
export async function resumeFrom(
  redis: Redis,
  workspace: string,
  acknowledged: number,
  backwards: AsyncIterable<Entry>,
): Promise<Resume> {
  const { feed } = workspaceKeys(workspace);
  const { first, last } = await extentOf(redis, feed);
  let lost: Resume['lost'];
  for await (const { seq, feed_id: id, type, actor, data } of backwards) {
    const ours = type === 'discontinuity.found' && actor.id === 'ledger';
    // Losses before this one are on record already: this is where it went on.
    if (ours && typeof data?.after === 'string') return { after: data.after, lost };
    if (id === null || ours) continue;
    const [[found] = []] = await redis.xrange(feed, id, id);
    // What is older than all that is there, and not newer than all that ever was, has been trimmed: that is no loss.
    const old = first === undefined ? !isAfter(id, last) : isAfter(first, id);
    if (found !== undefined || (old && seq < acknowledged)) return { after: id, lost };
    lost = { from: id, to: lost?.to ?? id, count: (lost?.count ?? 0) + 1 };
  }
  return { after: '0-0', lost };
}
