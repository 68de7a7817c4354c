/**
 * What is still to be delivered, one set a workspace, beside what is said of it in the delivery records: so that it can
 * be found without the queue, which may lie on another machine than the records and lose what it had.
 */
import { readFileSync } from 'node:fs';
import { workspaceKeys } from '@countersign/shared/keys';
import type { Redis, Result } from 'ioredis';
import { type DeliveryName, nameIn } from './name.ts';
import { recordTtl } from './record.ts';

declare module 'ioredis' {
  interface RedisCommander<Context> {
    countersignLookAgain(
      wanted: string,
      firstMs: number,
      laterMs: number,
      oldestMs: number,
      most: number,
    ): Result<[number, string[]], Context>;
  }
}

/** Teaches a connection the script. Once per connection, before `lookAgain`. */
export function defineLookAgainScript(redis: Redis): void {
  const lua = readFileSync(new URL('./look-again.lua', import.meta.url), 'utf8');
  redis.defineCommand('countersignLookAgain', { numberOfKeys: 1, lua });
}

/**
 * Deliveries that have been wanted for `firstMs` and that nobody has looked at for `laterMs`; each is named to one
 * caller only. What is wanted for longer than its record lives is forgotten.
 *
 * @param most how many at most. Where `more`, there may be others.
 */
export async function lookAgain(
  redis: Redis,
  workspace: string,
  { firstMs, laterMs, most }: { firstMs: number; laterMs: number; most: number },
): Promise<{ names: DeliveryName[]; more: boolean }> {
  const { wanted } = workspaceKeys(workspace);
  const [seen, found] = await redis.countersignLookAgain(wanted, firstMs, laterMs, recordTtl, most);
  return { names: found.map((each) => nameIn(workspace, each)), more: seen === most };
}
