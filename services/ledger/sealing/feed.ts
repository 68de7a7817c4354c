/**
 * The feed as it is sealed: read in order, from a place that the log knows. The ledger's consumer group is only its
 * mark: how far the feed may be trimmed, and how far behind the ledger is. Nothing is pending in it, ever.
 */
import { readFileSync } from 'node:fs';
import { decodeEvent, type FeedEvent, parseEvent } from '@countersign/shared/feed';
import { workspaceKeys } from '@countersign/shared/keys';
import type { Redis } from 'ioredis';

declare module 'ioredis' {
  interface RedisCommander<Context> {
    countersignRead(feed: string, after: string, most: number): Promise<[ids: string, events: string]>;
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

/**
 * Registers as a reader of the feed, so that nothing is trimmed that is not sealed. Says how many of all events that
 * there ever were lie behind the mark: Redis counts from there how far behind it is.
 */
export async function register(redis: Redis, workspace: string): Promise<number> {
  const { feed } = workspaceKeys(workspace);
  await redis.xgroup('CREATE', feed, group, '0', 'MKSTREAM').catch((error: unknown) => {
    if (!(error instanceof Error && error.message.startsWith('BUSYGROUP'))) throw error;
  });
  const groups = (await redis.xinfo('GROUPS', feed)) as unknown[][];
  const passed = fieldOf(groups.find((one) => fieldOf(one, 'name') === group) ?? [], 'entries-read');
  if (typeof passed === 'number') return passed;
  // It never moved: what is there lies ahead of it, and what was trimmed before it was made lies behind.
  const stream = (await redis.xinfo('STREAM', feed)) as unknown[];
  return Number(fieldOf(stream, 'entries-added')) - Number(fieldOf(stream, 'length'));
}

/** The events after a place, oldest first. Waits for one as long as is said, and gives none where none has come. */
export async function awaitEvents(
  redis: Redis,
  workspace: string,
  after: string,
  most: number,
  waitMs: number,
): Promise<FeedEvent[]> {
  const { feed } = workspaceKeys(workspace);
  const reply = await redis.xread('COUNT', most, 'BLOCK', Math.ceil(waitMs), 'STREAMS', feed, after);
  return (reply?.[0]?.[1] ?? []).map(([id, fields]) => decodeEvent(id, fields));
}

/** The same at once, and packed: for when many have piled up. */
export async function readEvents(
  redis: Redis,
  workspace: string,
  after: string,
  most: number,
): Promise<FeedEvent[]> {
  const [ids, events] = await redis.countersignRead(workspaceKeys(workspace).feed, after, most);
  if (ids === '') return [];
  const texts = events.split('\n');
  return ids.split('\n').map((id, at) => parseEvent(id, texts[at] ?? ''));
}
