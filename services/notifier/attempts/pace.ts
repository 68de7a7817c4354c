/** How fast a destination takes messages, where its maker says so; and whose moment it is under that. */
import { readFileSync } from 'node:fs';
import type { DestinationRecord } from '@countersign/shared/directory';
import { type WorkspaceKeys, workspaceKeys } from '@countersign/shared/keys';
import type { RequestRecord } from '@countersign/shared/request';
import type { Redis, Result } from 'ioredis';

declare module 'ioredis' {
  interface RedisCommander<Context> {
    countersignPace(keys: number, ...keysAndArguments: (string | number)[]): Result<number, Context>;
  }
}

/**
 * Milliseconds between two messages to one destination. Slack: one message a second in each conversation
 * (https://docs.slack.dev/apis/web-api/rate-limits), and so to a destination, which tells each of its own at once;
 * PagerDuty: some 120 events a minute for a key; a Teams workflow: 4 requests a second. A webhook's owner says 429 when
 * it is too much.
 */
const intervals: Readonly<Record<string, number>> = { slack: 1_000, pagerduty: 500, teams: 250 };

/** How late somebody who waits may be before others go, ms: its process may have died, or it has nothing to say any more. */
const graceMs = 2_000;

const lua = readFileSync(new URL('./pace.lua', import.meta.url), 'utf8');

/** Teaches a connection the script. Once per connection, before `pause`. */
export function definePaceScript(redis: Redis): void {
  redis.defineCommand('countersignPace', { lua });
}

/** A delivery that wants to go: what it is about, where it goes, and how pressing it is. */
export type Waiting = {
  workspace: string;
  channel: string;
  /** Of the destination, or the address of a person. */
  id: string;
  /** It stands in line once, however many of its events are to be told: each says how it stands. */
  request_id: string;
  /** Of the request as it stands. */
  tier: RequestRecord['terms']['tier'];
  /** It tells of something once more. */
  replay?: boolean | undefined;
};

/** Who goes first. A replay is for those who have been told or were not listening: behind whatever is new. */
const rankOf: Readonly<Record<Waiting['tier'] | 'replay', number>> = {
  critical: 0,
  high: 1,
  medium: 2,
  low: 3,
  replay: 4,
};

/** A pace, its line, and when those in it are expected. */
function keysOf(keys: WorkspaceKeys, name: string): [pace: string, line: string, due: string] {
  const pace = keys.pace(name);
  return [pace, `${pace}:line`, `${pace}:due`];
}

/** The names of places that several destinations may lead to, and that take no more for that: conversations in Slack. */
async function placesOf(redis: Redis, keys: WorkspaceKeys, { channel, id }: Waiting): Promise<string[]> {
  if (channel !== 'slack') return [];
  const stored = await redis.hget(keys.destinations, id);
  const { to = [] }: Pick<DestinationRecord, 'to'> = stored === null ? {} : JSON.parse(stored);
  return [...new Set(to)].map((conversation) => `slack-conversation.${conversation}`);
}

/**
 * How long this delivery has to wait so that its destination is not sent more than it takes, nor any conversation that
 * it shares with others, ms; 0 when the moment is its own, which it has used then. Who waits asks again after that, or
 * sooner: meanwhile somebody more pressing may have come.
 *
 * @param grace how late it and others may be before their places are free, ms
 */
export async function pause(redis: Redis, waiting: Waiting, grace = graceMs): Promise<number> {
  const { workspace, channel, id, request_id, tier, replay } = waiting;
  const interval = intervals[channel];
  if (interval === undefined) return 0;
  const keys = workspaceKeys(workspace);
  const destination = `${channel}-${id}`;
  const names = [destination, ...(await placesOf(redis, keys, waiting))];
  const rank = rankOf[replay === true ? 'replay' : tier];
  const urgent = tier === 'critical' ? 1 : 0;
  return redis.countersignPace(
    names.length * 3,
    ...names.flatMap((name) => keysOf(keys, name)),
    request_id,
    rank,
    interval,
    destination,
    grace,
    urgent,
  );
}

/** Takes a request out of the line without its having gone: there is nothing to tell, and nobody has to wait for it. */
export async function stepOut(
  redis: Redis,
  { workspace, channel, id, request_id }: Pick<Waiting, 'workspace' | 'channel' | 'id' | 'request_id'>,
): Promise<void> {
  if (intervals[channel] === undefined) return;
  const [, line, due] = keysOf(workspaceKeys(workspace), `${channel}-${id}`);
  await Promise.all([redis.zrem(line, request_id), redis.zrem(due, request_id)]);
}
