/** Changes to what a workspace knows: committed with an event and a new version, so that every process notices. */
import type { Actor, EventType } from '@countersign/shared/feed';
import { workspaceKeys } from '@countersign/shared/keys';
import type { Redis } from 'ioredis';
import { Commit } from '../store/commit.ts';

/** Fields of the workspace's state hash that count changes. */
export type Counter = 'directory' | 'freeze' | 'preferences';

/**
 * Writes fields of a hash (`undefined` deletes one), bumps a counter and puts an event on record, all at once.
 * `data` goes into the feed: no secrets, no names. `expect`: what counters must still say ('' for one that never
 * counted); `false` where one of them says something else by now, and nothing was written.
 */
export async function changeHash(
  redis: Redis,
  workspace: string,
  change: {
    hash: string;
    fields: Record<string, object | undefined>;
    counter?: Counter;
    expect?: Partial<Record<Counter, string>>;
    event: { type: EventType; actor: Actor; at: number; data: Record<string, unknown> };
  },
): Promise<boolean> {
  const keys = workspaceKeys(workspace);
  const commit = new Commit();
  if (change.expect !== undefined) commit.expect(keys.state, change.expect);
  const { type, actor, at, data } = change.event;
  for (const [field, value] of Object.entries(change.fields)) {
    if (value !== undefined) commit.write('HSET', change.hash, field, JSON.stringify(value));
  }
  commit.tell(keys.feed, { type, actor, at, data });
  for (const [field, value] of Object.entries(change.fields)) {
    if (value === undefined) commit.write('HDEL', change.hash, field);
  }
  if (change.counter !== undefined) commit.write('HINCRBY', keys.state, change.counter, 1);
  commit.write('PUBLISH', keys.wake, '*');
  return (await commit.run(redis)).outcome === 'ok';
}
