/**
 * The feed as it is sealed: read in order, from a place that the log knows. The ledger's consumer group is only its
 * mark: how far the feed may be trimmed, and how far behind the ledger is. Nothing is pending in it, ever.
 */
import { readFileSync } from 'node:fs';
import { type FeedEvent, parseEvent } from '@countersign/shared/feed';
import { workspaceKeys } from '@countersign/shared/keys';
import type { Redis } from 'ioredis';

declare module 'ioredis' {
  interface RedisCommander<Context> {
    countersignRead(
      feed: string,
      group: string,
      after: string,
      most: number,
    ): Promise<[mark: string, ids: string, events: string]>;
  }
}

const lua = readFileSync(new URL('./read.lua', import.meta.url), 'utf8');

/** Teaches a connection to read packed. Once per connection. */
export function defineReadScript(redis: Redis): void {
  redis.defineCommand('countersignRead', { numberOfKeys: 1, lua });
}

/** The consumer group. */
export const group = 'ledger';

const fieldOf = (list: readonly unknown[], name: string): unknown => list[list.indexOf(name) + 1];

/** How far the ledger is by Redis: the last event that is sealed, and how many there ever were up to it. */
export type FeedMark = { after: string; passed: number };

/** Redis no longer has what it was told last: it was restored or emptied, or a replica that lagged took its place. */
export class FeedRolledBack extends Error {
  override name = 'FeedRolledBack';
}

/** Registers as a reader of the feed, so that nothing is trimmed that is not sealed. Gives the mark that is there. */
export async function register(redis: Redis, workspace: string): Promise<FeedMark> {
  const { feed } = workspaceKeys(workspace);
  await redis.xgroup('CREATE', feed, group, '0', 'MKSTREAM').catch((error: unknown) => {
    if (!(error instanceof Error && error.message.startsWith('BUSYGROUP'))) throw error;
  });
  const groups = (await redis.xinfo('GROUPS', feed)) as unknown[][];
  const found = groups.find((one) => fieldOf(one, 'name') === group) ?? [];
  const after = String(fieldOf(found, 'last-delivered-id'));
  const passed = fieldOf(found, 'entries-read');
  if (typeof passed === 'number') return { after, passed };
  // It never moved: what is there lies ahead of it, and what was trimmed before it was made lies behind.
  const stream = (await redis.xinfo('STREAM', feed)) as unknown[];
  return { after, passed: Number(fieldOf(stream, 'entries-added')) - Number(fieldOf(stream, 'length')) };
}

/** Where to read: `after` was read last, and `marked` is the mark that Redis was told last on the same connection. */
export type Place = { after: string; marked: string };

/** The events after a place, oldest first. Waits for one as long as is said, and gives none where none has come. */
export async function awaitEvents(
  redis: Redis,
  workspace: string,
  place: Place,
  most: number,
  waitMs: number,
): Promise<FeedEvent[]> {
  const { feed } = workspaceKeys(workspace);
  await redis.xread('COUNT', 1, 'BLOCK', Math.ceil(waitMs), 'STREAMS', feed, place.after);
  return readEvents(redis, workspace, place, most);
}

/**
 * The same at once, and packed: for when many have piled up.
 *
 * Rejects with `FeedRolledBack` where Redis has another mark than it was told: what follows there may not follow what
 * is sealed, and the log has to say so before anything more is.
 */
export async function readEvents(
  redis: Redis,
  workspace: string,
  { after, marked }: Place,
  most: number,
): Promise<FeedEvent[]> {
  const { feed } = workspaceKeys(workspace);
  const [mark, ids, events] = await redis.countersignRead(feed, group, after, most);
  if (mark !== marked) {
    const is = mark === '' ? 'none' : mark;
    throw new FeedRolledBack(
      `Redis was told that workspace ${workspace} is sealed up to ${marked} and has ${is}: the log is compared with it.`,
    );
  }
  if (ids === '') return [];
  const texts = events.split('\n');
  return ids.split('\n').map((id, at) => parseEvent(id, texts[at] ?? ''));
}
