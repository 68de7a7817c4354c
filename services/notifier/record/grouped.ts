/**
 * What is asked of one script in one turn of the event loop goes to Redis together. Each part is judged and written on
 * its own and has its own answer: what is saved is calls.
 */
import { readFileSync } from 'node:fs';
import { type Asked, gather } from '@countersign/shared/turn';
import type { Redis } from 'ioredis';

type Part = { keys: string[]; args: (string | number)[] };

/** Asks for one part. Rejects when Redis cannot be reached, or refuses this part. */
export type Grouped = (keys: string[], args: (string | number)[]) => Promise<unknown>;

/** Few enough that the first go on while Redis is at the others, and that it is not held up for others. */
const mostInGroup = 25;

const around = readFileSync(new URL('./grouped.lua', import.meta.url), 'utf8');

/**
 * Makes a script one that is sent in groups.
 *
 * @param name names it on the connection
 * @param lua a script whose calls all have equally many keys and arguments, and which returns a number or a table
 */
export function grouped(redis: Redis, name: string, lua: string): Grouped {
  redis.defineCommand(name, { lua: around.replace('--[[script]]', () => lua) });
  const run = Reflect.get(redis, name) as (...args: (string | number)[]) => Promise<unknown[]>;

  async function send(parts: Asked<Part, unknown>[]): Promise<void> {
    const [first] = parts;
    if (first === undefined) return;
    try {
      const keys = parts.flatMap((part) => part.keys);
      const args = parts.flatMap((part) => part.args);
      const answers = await run.call(
        redis,
        keys.length,
        ...keys,
        first.keys.length,
        first.args.length,
        ...args,
      );
      for (const [index, { resolve, reject }] of parts.entries()) {
        const answer = answers[index];
        if (typeof answer === 'string' || answer === undefined)
          reject(new Error(answer ?? 'Redis left this part out'));
        else resolve(answer);
      }
    } catch (error) {
      for (const { reject } of parts) reject(error);
    }
  }

  const ask = gather(mostInGroup, send);
  return (keys, args) => ask({ keys, args });
}
