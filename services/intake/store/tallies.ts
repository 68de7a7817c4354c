/** Reading tallies: what is asked in one turn of the event loop goes to Redis in few scripts (count.lua), as commits do. */
import { readFileSync } from 'node:fs';
import type { WorkspaceKeys } from '@countersign/shared/keys';
import { type Asked, gather } from '@countersign/shared/turn';
import type { Redis, Result } from 'ioredis';

declare module 'ioredis' {
  interface RedisCommander<Context> {
    countersignCount(keyCount: number, ...keysAndArgs: (string | number)[]): Result<number[], Context>;
  }
}

/** What to read of a tally: what it counts after `horizon`, but for what came at `before` or later, or for some members. */
export type TallyQuestion = { tally: string; horizon: number } & (
  | { before: number }
  | { without: readonly string[] }
);

type Part = { keys: string[]; args: (string | number)[] };

/** Proposals that are counted by one script. */
const mostInGroup = 8;

const script = (name: string): string => readFileSync(new URL(name, import.meta.url), 'utf8');
const lua = script('./tally.lua') + script('./count.lua');
const askers = new WeakMap<Redis, (part: Part) => Promise<number[]>>();

/** Teaches a connection to count. Once per connection. */
export function defineCount(redis: Redis): void {
  redis.defineCommand('countersignCount', { lua });
  askers.set(
    redis,
    gather(mostInGroup, (group) => ask(redis, group)),
  );
}

/** The counts, in the order of the questions, all as of one moment. Rejects when Redis cannot be reached. */
export async function readTallies(
  redis: Redis,
  keys: WorkspaceKeys,
  questions: readonly TallyQuestion[],
): Promise<number[]> {
  if (questions.length === 0) return [];
  const asker = askers.get(redis);
  if (asker === undefined) throw new Error('this connection has not been taught to count');
  const part: Part = { keys: [], args: [] };
  for (const question of questions) {
    const { members, sum } = keys.tally(question.tally);
    part.keys.push(members, sum);
    const [before, without] = 'before' in question ? [question.before, []] : ['', question.without];
    part.args.push(question.horizon, before, without.length, ...without);
  }
  return asker(part);
}

async function ask(redis: Redis, group: Asked<Part, number[]>[]): Promise<void> {
  try {
    const keys = group.flatMap((part) => part.keys);
    const args = group.flatMap((part) => part.args);
    const counts = await redis.countersignCount(keys.length, ...keys, ...args);
    let at = 0;
    for (const { keys: own, resolve } of group) {
      const until = at + own.length / 2;
      resolve(counts.slice(at, until));
      at = until;
    }
  } catch (error) {
    for (const { reject } of group) reject(error);
  }
}
