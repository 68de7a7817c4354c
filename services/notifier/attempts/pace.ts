/** How fast a destination takes messages, where its maker says so; and each delivery's moment under that. */
import { readFileSync } from 'node:fs';
import { workspaceKeys } from '@countersign/shared/keys';
import type { Redis, Result } from 'ioredis';

declare module 'ioredis' {
  interface RedisCommander<Context> {
    countersignPace(pace: string, job: string, intervalMs: number): Result<number, Context>;
  }
}

/**
 * Milliseconds between two messages to one destination. Slack: "one message per second" to a conversation
 * (https://docs.slack.dev/apis/web-api/rate-limits); PagerDuty: some 120 events a minute for a key; a Teams
 * workflow: 4 requests a second. A webhook's owner says 429 when it is too much.
 */
const intervals: Readonly<Record<string, number>> = { slack: 1_000, pagerduty: 500, teams: 250 };

const lua = readFileSync(new URL('./pace.lua', import.meta.url), 'utf8');

/** Teaches a connection the script. Once per connection, before `pause`. */
export function definePaceScript(redis: Redis): void {
  redis.defineCommand('countersignPace', { numberOfKeys: 1, lua });
}

/**
 * How long this delivery has to wait so that its destination is not sent more than it takes, ms. A delivery keeps the
 * moment it was given, whichever process asks, and moments are given in the order in which they are asked for.
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
  return redis.countersignPace(workspaceKeys(workspace).pace(`${channel}-${id}`), job, interval);
}
