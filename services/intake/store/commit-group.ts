/**
 * Group commit: what is committed to a workspace in one turn of the event loop goes to Redis in few scripts, not one
 * each. Every commit is compared and written on its own and keeps its own result.
 */
import { readFileSync } from 'node:fs';
import { type Asked, gather } from '@countersign/shared/turn';
import type { Redis, Result } from 'ioredis';

declare module 'ioredis' {
  interface RedisCommander<Context> {
    countersignCommit(keyCount: number, ...keysAndArgs: (string | number)[]): Result<Reply, Context>;
  }
}

/** `now`, then each commit's result: a number, or what Redis refused it with, which ioredis gives as text. */
type Reply = [number, ...(number | string)[]];

type Part = { keys: string[]; args: (string | number)[] };
type Answer = { now: number; result: number };

/** Commits in one script: few enough that Redis begins while the next are prepared, and is not held up for others. */
const mostInGroup = 8;

const script = (name: string): string => readFileSync(new URL(name, import.meta.url), 'utf8');
const lua = script('./tally.lua') + script('./commit.lua');
const senders = new WeakMap<Redis, (part: Part) => Promise<Answer>>();

/** Teaches a connection the commit script. Once per connection. */
export function defineCommit(redis: Redis): void {
  redis.defineCommand('countersignCommit', { lua });
  senders.set(
    redis,
    gather(mostInGroup, (group) => send(redis, group)),
  );
}

/** Sends a commit with others of this turn and workspace. Rejects when Redis cannot be reached, or refuses this one. */
export function sendCommit(redis: Redis, part: Part): Promise<Answer> {
  const sender = senders.get(redis);
  if (sender === undefined) throw new Error('this connection does not know the commit script');
  return sender(part);
}

async function send(redis: Redis, group: Asked<Part, Answer>[]): Promise<void> {
  try {
    const keys = group.flatMap((commit) => commit.keys);
    const [now, ...results] = await redis.countersignCommit(
      keys.length,
      ...keys,
      ...group.flatMap((commit) => commit.args),
    );
    for (const [index, { resolve, reject }] of group.entries()) {
      const result = results[index];
      if (typeof result === 'number') resolve({ now, result });
      else reject(new Error(result ?? 'Redis left this commit out of its answer'));
    }
  } catch (error) {
    for (const { reject } of group) reject(error);
  }
}
