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

/** A comparison that commits may share: the fields of a key must have these values. */
export type Alike = { key: string; fields: Readonly<Record<string, string>> };

/** One commit: its steps as commit.lua reads them, and the keys and arguments that they use, in order. */
type Part = {
  /** Redis ms; 0: whenever. */
  notAfter: number;
  keys: string[];
  args: (string | number)[];
  steps: string;
  alike: Alike | undefined;
};
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
    // Compared by identity: commits on one snapshot hold the very same fields.
    const shared: Alike[] = [];
    const sharedBy = group.map(({ alike }) => {
      if (alike === undefined) return 0;
      const known = shared.findIndex(({ key, fields }) => key === alike.key && fields === alike.fields);
      return known < 0 ? shared.push(alike) : known + 1;
    });
    const keys = shared.map(({ key }) => key);
    const args: (string | number)[] = [shared.length];
    for (const { fields } of shared) {
      const names = Object.keys(fields);
      args.push(names.length, ...names, ...Object.values(fields));
    }
    for (const [index, part] of group.entries()) {
      const { notAfter, steps } = part;
      args.push(`${notAfter} ${part.keys.length} ${part.args.length} ${sharedBy[index]} ${steps}`);
      for (const key of part.keys) keys.push(key);
      for (const arg of part.args) args.push(arg);
    }
    const [now, ...results] = await redis.countersignCommit(keys.length, ...keys, ...args);
    for (const [index, { resolve, reject }] of group.entries()) {
      const result = results[index];
      if (typeof result === 'number') resolve({ now, result });
      else reject(new Error(result ?? 'Redis left this commit out of its answer'));
    }
  } catch (error) {
    for (const { reject } of group) reject(error);
  }
}
