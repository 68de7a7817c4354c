/**
 * Group commit: what is committed to a workspace in one turn of the event loop goes to Redis in few scripts, not one
 * each. Every commit is compared and written on its own and keeps its own result.
 */
import { readFileSync } from 'node:fs';
import type { Redis, Result } from 'ioredis';

declare module 'ioredis' {
  interface RedisCommander<Context> {
    countersignCommit(keyCount: number, ...keysAndArgs: (string | number)[]): Result<Reply, Context>;
  }
}

/** `now`, then each commit's result: a number, or what Redis refused it with, which ioredis gives as text. */
type Reply = [number, ...(number | string)[]];

type Part = { keys: string[]; args: (string | number)[] };
type Waiting = Part & {
  resolve: (answer: { now: number; result: number }) => void;
  reject: (error: unknown) => void;
};

/** Commits in one script: few enough that Redis begins while the next are prepared, and is not held up for others. */
const mostInGroup = 8;

const lua = readFileSync(new URL('./commit.lua', import.meta.url), 'utf8');
const open = new WeakMap<Redis, Map<string, Waiting[]>>();

/** Teaches a connection the commit script. Once per connection. */
export function defineCommit(redis: Redis): void {
  redis.defineCommand('countersignCommit', { lua });
  open.set(redis, new Map());
}

/** Sends a commit with others of this turn and workspace. Rejects when Redis cannot be reached, or refuses this one. */
export function sendCommit(redis: Redis, part: Part): Promise<{ now: number; result: number }> {
  const groups = open.get(redis);
  if (groups === undefined) throw new Error('this connection does not know the commit script');
  const workspace = tagOf(part.keys[0] ?? '');
  return new Promise((resolve, reject) => {
    const waiting = { ...part, resolve, reject };
    const group = groups.get(workspace);
    if (group !== undefined) {
      group.push(waiting);
      if (group.length < mostInGroup) return;
      groups.delete(workspace);
      void send(redis, group);
      return;
    }
    const first = [waiting];
    groups.set(workspace, first);
    setImmediate(() => {
      if (groups.get(workspace) !== first) return;
      groups.delete(workspace);
      void send(redis, first);
    });
  });
}

async function send(redis: Redis, group: Waiting[]): Promise<void> {
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

/** What decides a key's slot on Redis Cluster: a script may touch one only. */
function tagOf(key: string): string {
  return key.slice(key.indexOf('{'), key.indexOf('}'));
}
