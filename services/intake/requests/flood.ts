/** A12: an agent that asks people too much may ask nobody for a while, or is paused. What waits already stays. */
import { readFileSync } from 'node:fs';
import { type Problem, problem, type Throttle } from '@countersign/shared/contracts';
import { type EventBody, encodeEvent } from '@countersign/shared/feed';
import type { WorkspaceKeys } from '@countersign/shared/keys';
import type { Flood } from '@countersign/shared/policy';
import type { Redis } from 'ioredis';
import { writeFreeze } from '../access/freezes.ts';
import { newUlid } from '../random.ts';
import { Commit } from '../store/commit.ts';
import { redisTime } from '../store/redis-time.ts';
import { type Current, expectUnchanged } from '../workspace/workspaces.ts';
import type { Caller, Service } from './service.ts';

/** As it is stored: times are Redis ms. */
type Throttled = { why: Throttle['why']; words: string; since: number; until: number };

/** The refusal of an agent that may ask nobody now; undefined where it may again. */
export async function throttledProblem(
  redis: Redis,
  keys: WorkspaceKeys,
  agent: string,
): Promise<Problem | undefined> {
  const { throttled } = keys.flood(agent);
  const [text, clock] = await Promise.all([redis.get(throttled), redis.time()]);
  if (text === null) return undefined;
  const { why, words, until }: Throttled = JSON.parse(text);
  const retry_after = Math.max(1, Math.ceil((until - redisTime(clock)) / 1000));
  const detail = `${words} What waits already is decided as ever, and calls that policy allows still run. Ask again in ${retry_after} seconds, and for less.`;
  return problem('agent_throttled', detail, { why, retry_after, until: new Date(until).toISOString() });
}

/**
 * Does what policy says to an agent that asks too much, once, whoever notices it at the same time. Counting begins anew:
 * a throttle that has passed is not followed by another at the next call.
 */
export async function stopFlood(
  { redis, onFreeze }: Pick<Service, 'redis' | 'onFreeze'>,
  current: Current,
  agent: string,
): Promise<void> {
  const { snapshot, now } = current;
  const { keys, policy, workspace } = snapshot;
  const { flood } = policy;
  if (flood === undefined) return;
  const at = keys.flood(agent);
  const { why, words } = await reasonFor(redis, at, flood, agent);
  // A freeze goes by patterns: one for a name with a star in it would stop others as well.
  const pauses = flood.pause && !agent.includes('*');
  const until = now + flood.throttle_ms;
  const commit = new Commit().expectAbsent('throttled', at.throttled);
  expectUnchanged(commit, snapshot);
  const event: EventBody = {
    type: 'agent.throttled',
    at: now,
    actor: { kind: 'policy', id: 'policy' },
    agent,
    data: { why, ...(pauses ? { paused: true } : { until: new Date(until).toISOString() }) },
  };
  commit.tell(keys.feed, event);
  if (pauses) {
    const epoch = Number(snapshot.versions.freeze || 0) + 1;
    const id = `frz_${newUlid(now)}`;
    const freeze = {
      id,
      epoch,
      scope: 'agent',
      match: agent,
      reason: words,
      set_by: 'policy',
      set_at: now,
    } as const;
    writeFreeze(commit, keys, freeze, epoch, { at: now, actor: event.actor });
  } else {
    const throttled: Throttled = { why, words, since: now, until };
    commit.write('SET', at.throttled, JSON.stringify(throttled), 'PXAT', until);
    commit.write('ZADD', keys.throttles, until, agent);
    commit.write('ZREMRANGEBYSCORE', keys.throttles, '-inf', now);
    commit.write('PUBLISH', keys.wake, '*');
  }
  const { asks, rejections } = at;
  commit.writeAll('DEL', [asks.members, asks.sum, rejections.members, rejections.sum]);
  const { outcome } = await commit.run(redis);
  if (outcome === 'ok' && pauses) onFreeze(workspace);
}

async function reasonFor(
  redis: Redis,
  { rejections }: ReturnType<WorkspaceKeys['flood']>,
  { rejections: most, asks, window_ms }: Flood,
  agent: string,
): Promise<Pick<Throttled, 'why' | 'words'>> {
  const rejected = Number((await redis.get(rejections.sum)) ?? 0);
  return most !== null && rejected >= most
    ? { why: 'rejections', words: `People have rejected ${rejected} calls of ${agent} in a row.` }
    : { why: 'asks', words: `${agent} has asked people ${asks} times within ${window_ms / 1000} seconds.` };
}

const liftScript = readFileSync(new URL('./lift-throttle.lua', import.meta.url), 'utf8');

/** `DELETE /v1/throttles/{agent}`: it may ask again before its time is over. What it asked until then is not counted. */
export async function liftThrottle(
  redis: Redis,
  { current: { snapshot, now }, key }: Caller,
  agent: string,
): Promise<Problem | undefined> {
  const { keys } = snapshot;
  const { throttled } = keys.flood(agent);
  const text = await redis.get(throttled);
  const [, type, , event] = encodeEvent({
    type: 'throttle.lifted',
    at: now,
    actor: { kind: 'person', id: key.owner },
    agent,
  });
  const { throttles, feed, wake } = keys;
  const lifted =
    text !== null &&
    (await redis.eval(liftScript, 3, throttled, throttles, feed, text, agent, type, event, wake)) === 1;
  return lifted ? undefined : problem('not_found', `Nobody by the name ${agent} is held back here.`);
}

/** `GET /v1/throttles`: agents that may ask nobody now, the one that is held back longest first. */
export async function listThrottles(redis: Redis, { snapshot: { keys }, now }: Current): Promise<Throttle[]> {
  const agents = await redis.zrange(keys.throttles, '+inf', `(${now}`, 'BYSCORE', 'REV');
  const texts = await Promise.all(agents.map((agent) => redis.get(keys.flood(agent).throttled)));
  return agents.flatMap((agent, index): Throttle[] => {
    const text = texts[index];
    if (text === null || text === undefined) return [];
    const { why, words, since, until }: Throttled = JSON.parse(text);
    return [
      { agent, why, words, since: new Date(since).toISOString(), until: new Date(until).toISOString() },
    ];
  });
}
