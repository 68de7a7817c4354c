/** The alarm that a request waits and nobody is told of it: an event in the feed, once a request. */
import { readFileSync } from 'node:fs';
import { encodeEvent } from '@countersign/shared/feed';
import { workspaceKeys } from '@countersign/shared/keys';
import type { Considered, ToldEvent } from '@countersign/shared/routing';
import type { Redis, Result } from 'ioredis';

declare module 'ioredis' {
  interface RedisCommander<Context> {
    countersignUnheard(mark: string, feed: string, ...args: (string | number)[]): Result<0 | 1, Context>;
  }
}

/** Longer than the feed hands an event over again, s. */
const markLasts = 4 * 86_400;

/** Teaches a connection the script. Once per connection. */
export function defineUnheardScript(redis: Redis): void {
  const lua = readFileSync(new URL('./unheard.lua', import.meta.url), 'utf8');
  redis.defineCommand('countersignUnheard', { numberOfKeys: 2, lua });
}

/** Why those who may decide it do not hear, counted by code. */
function whyNot(considered: readonly Considered[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const one of considered) {
    if (one.hears || one.kind !== 'person') continue;
    const { code } = one.reason;
    if (code === 'not_in_audience' || code === 'not_a_reviewer') continue;
    counts[code] = (counts[code] ?? 0) + 1;
  }
  return counts;
}

/** Puts `request.unheard` on record, with why nobody hears. `false`: it is there already. */
export async function raiseUnheard(
  redis: Redis,
  workspace: string,
  { id: _id, request_id, at: _at, type: event, data: _data, ...facts }: ToldEvent,
  considered: readonly Considered[],
  now: number,
): Promise<boolean> {
  const keys = workspaceKeys(workspace);
  const [, type, , body] = encodeEvent({
    ...facts,
    type: 'request.unheard',
    at: now,
    actor: { kind: 'system', id: 'notifier' },
    request_id,
    data: { event, why: whyNot(considered) },
  });
  const mark = keys.unheard(request_id);
  return (await redis.countersignUnheard(mark, keys.feed, markLasts, type, body)) === 1;
}
