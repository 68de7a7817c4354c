/** How fast a destination takes messages, where its maker says so; and each delivery's moment under that. */
import { readFileSync } from 'node:fs';
import type { DestinationRecord } from '@countersign/shared/directory';
import { type WorkspaceKeys, workspaceKeys } from '@countersign/shared/keys';
import type { Redis, Result } from 'ioredis';

declare module 'ioredis' {
  interface RedisCommander<Context> {
    countersignPace(keys: number, ...keysJobAndInterval: (string | number)[]): Result<number, Context>;
  }
}

/**
 * Milliseconds between two messages to one destination. Slack: one message a second in each conversation
 * (https://docs.slack.dev/apis/web-api/rate-limits), and so to a destination, which tells each of its own at once;
 * PagerDuty: some 120 events a minute for a key; a Teams workflow: 4 requests a second. A webhook's owner says 429 when
 * it is too much.
 */
const intervals: Readonly<Record<string, number>> = { slack: 1_000, pagerduty: 500, teams: 250 };

const lua = readFileSync(new URL('./pace.lua', import.meta.url), 'utf8');

/** Teaches a connection the script. Once per connection, before `pause`. */
export function definePaceScript(redis: Redis): void {
  redis.defineCommand('countersignPace', { lua });
}

/** The paces of places that several destinations may lead to, and that take no more for that: conversations in Slack. */
async function placesOf(
  redis: Redis,
  keys: WorkspaceKeys,
  { channel, id }: { channel: string; id: string },
): Promise<string[]> {
  if (channel !== 'slack') return [];
  const stored = await redis.hget(keys.destinations, id);
  const { to = [] }: Pick<DestinationRecord, 'to'> = stored === null ? {} : JSON.parse(stored);
  return [...new Set(to)].map((conversation) => keys.pace(`slack-conversation.${conversation}`));
}

/**
 * How long this delivery has to wait so that its destination is not sent more than it takes, nor any conversation that
 * it shares with others, ms. A delivery keeps the moment it was given, whichever process asks, and moments are given in
 * the order in which they are asked for.
 *
 * @param job names the delivery's attempt
 */
export async function pause(
  redis: Redis,
  workspace: string,
  { channel, id }: { channel: string; id: string },
  job: string,
): Promise<number> {
  const interval = intervals[channel];
  if (interval === undefined) return 0;
  const keys = workspaceKeys(workspace);
  const paces = [keys.pace(`${channel}-${id}`), ...(await placesOf(redis, keys, { channel, id }))];
  return redis.countersignPace(paces.length, ...paces, job, interval);
}
