/** Connections to Redis, and the settings that it must have. */
import { Redis } from 'ioredis';
import type { Logger } from 'pino';
import { defineCommit } from './commit-group.ts';
import { defineCount } from './tallies.ts';

/**
 * Connects for commands that answer a caller: fails fast, resends nothing. A commit whose answer was lost may have
 * happened; the caller is told so and repeats it under its idempotency key.
 */
export function connectForCommands(url: string, logger: Logger): Redis {
  // Not with enableAutoPipelining: commits of one turn would leave together at its end, and Redis would stand idle
  // until then. Sent as they are made, Redis works on the first while the next is prepared.
  const redis = new Redis(url, {
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    commandTimeout: 5000,
    retryStrategy: (times) => Math.min(50 * 2 ** times, 1000),
    lazyConnect: true,
  });
  redis.on('error', (error) => logger.warn({ err: error }, 'redis'));
  defineCommit(redis);
  defineCount(redis);
  return redis;
}

/** Connects for work in the background, which waits for Redis to come back: subscriptions and BullMQ workers. */
export function connectForBackground(url: string, logger: Logger): Redis {
  const redis = new Redis(url, {
    maxRetriesPerRequest: null,
    retryStrategy: (times) => Math.min(50 * 2 ** times, 1000),
  });
  redis.on('error', (error) => logger.warn({ err: error }, 'redis'));
  return redis;
}

/** Redis would lose or evict what was acknowledged. */
export class UnsafeRedis extends Error {
  override name = 'UnsafeRedis';
}

/** Refuses a Redis that may drop data: it must never evict, and must keep an append-only file. */
export async function checkRedis(redis: Redis): Promise<void> {
  const info = await redis.info();
  const read = (name: string): string | undefined =>
    new RegExp(`^${name}:(.*)$`, 'm').exec(info)?.[1]?.trim();
  const wrong: string[] = [];
  if (read('maxmemory_policy') !== 'noeviction') {
    wrong.push(
      `maxmemory-policy is ${read('maxmemory_policy')}: set it to noeviction, or pending requests may vanish`,
    );
  }
  if (read('aof_enabled') !== '1')
    wrong.push('appendonly is off: set it to yes, or a restart forgets decisions');
  if (wrong.length > 0) {
    throw new UnsafeRedis(
      `This Redis is not safe for approvals: ${wrong.join('; ')}. To run anyway, set UNSAFE_REDIS=yes.`,
    );
  }
}

/** The replies of a pipeline. Throws the first error among them. */
export function repliesOf(replies: [Error | null, unknown][] | null): unknown[] {
  if (replies === null) throw new Error('the transaction was aborted');
  return replies.map(([error, reply]) => {
    if (error !== null) throw error;
    return reply;
  });
}
