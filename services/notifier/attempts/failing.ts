/**
 * Destinations for which nothing works any more: counted, and after days of it taken out of use. What arrives ends the
 * count, in settle.lua.
 */
import { readFileSync } from 'node:fs';
import { workspaceKeys } from '@countersign/shared/keys';
import { personOf } from '@countersign/shared/routing';
import type { Redis, Result } from 'ioredis';
import { disableDestination, findDestination } from '../channels/destination.ts';
import type { DeliveryJob } from './queue.ts';
import { nameOf } from './queue.ts';

declare module 'ioredis' {
  interface RedisCommander<Context> {
    countersignFailing(
      failing: string,
      destination: string,
      silence: number,
    ): Result<[number, number, number], Context>;
  }
}

/** When a destination is given up: everything has failed for so long, ms, and often enough to say so. */
const givenUpAfter = { ms: 3 * 86_400_000, attempts: 10 };
/**
 * What failed before so long a silence no longer counts, ms: nine failures of the last minute and one of last week are
 * no week of failing. Longer than the schedule's longest pause, with its jitter, so that one delivery alone can tell.
 */
export const forgottenAfter = 36 * 3_600_000;

const lua = readFileSync(new URL('./failing.lua', import.meta.url), 'utf8');

/** Teaches a connection the script. Once per connection. */
export function defineFailingScript(redis: Redis): void {
  redis.defineCommand('countersignFailing', { numberOfKeys: 1, lua });
}

/** A browser says itself that it is gone, an agent's URL belongs to one request, a person's address to the person. */
const isDestination = ({ channel, id }: DeliveryJob): boolean =>
  channel !== 'push' && channel !== 'callback' && personOf(id) === undefined;

/** Whether so many failed attempts since then are enough. */
export function isGivenUp(now: number, since: number, attempts: number): boolean {
  return now - since >= givenUpAfter.ms && attempts >= givenUpAfter.attempts;
}

/**
 * Counts a failed attempt. Where nothing has arrived for days the destination is disabled, with the reason and an event
 * on record; `true` then.
 *
 * @param code why this attempt failed: codes hold no secret
 */
export async function noteFailure(redis: Redis, job: DeliveryJob, code: string): Promise<boolean> {
  if (!isDestination(job)) return false;
  const key = workspaceKeys(job.workspace).failing;
  const [now, since, attempts] = await redis.countersignFailing(key, nameOf(job).destination, forgottenAfter);
  if (!isGivenUp(now, since, attempts)) return false;
  const found = await findDestination(redis, job);
  if (!found.found) return false;
  const days = Math.floor((now - since) / 86_400_000);
  const reason = `All ${attempts} attempts of ${days} days have failed, the last with ${code}.`;
  return disableDestination(redis, job, found.target.stored, { at: now, reason });
}
