/** Tells Redis what has been sealed: how far, where each request's entries stand, and what of the feed is done with. */
import { readFileSync } from 'node:fs';
import { workspaceKeys } from '@countersign/shared/keys';
import type { Redis } from 'ioredis';
import type { Entry } from './entry.ts';
import { group } from './feed.ts';
import type { Sealed } from './log.ts';

declare module 'ioredis' {
  interface RedisCommander<Context> {
    countersignSealed(keyCount: number, ...keysAndArgs: (string | number)[]): Promise<1>;
  }
}

/** `after` is the last event of the feed that is sealed, and `passed` how many there ever were up to it. */
export type Mark = { entries: readonly Entry[]; after: string; passed: number };

/** How long it is known where a request's entries are, ms. Later the log itself is searched. */
const knownFor = 90 * 86_400_000;

const lua = readFileSync(new URL('./mark.lua', import.meta.url), 'utf8');

/** Teaches a connection the script. Once per connection. */
export function defineMarkScript(redis: Redis): void {
  redis.defineCommand('countersignSealed', { lua });
}

/** Has Redis know the script, so that a mark is in its place among all that is sent, the first one too. */
export async function loadMarkScript(redis: Redis): Promise<void> {
  await redis.script('LOAD', lua);
}

/** Notes it, all at once. The same again does no harm. */
export async function mark(
  redis: Redis,
  workspace: string,
  { size, root, checkpoint }: Sealed,
  { entries, after, passed }: Mark,
): Promise<void> {
  const keys = workspaceKeys(workspace);
  const fields = { size, root: Buffer.from(root).toString('base64'), feed_id: after, checkpoint };
  const byRequest = Map.groupBy(entries, ({ request_id }) => request_id);
  byRequest.delete(undefined);
  const requests = [...byRequest].map(([id = '', those]) => ({
    key: keys.entries(id),
    indexes: those.map(({ seq }) => seq),
  }));
  const told = Object.entries(fields).flat();
  await redis.countersignSealed(
    2 + requests.length,
    keys.sealed,
    keys.feed,
    ...requests.map(({ key }) => key),
    group,
    told.length,
    ...told,
    after,
    passed,
    knownFor,
    ...requests.flatMap(({ indexes }) => [indexes.length, ...indexes]),
  );
}
