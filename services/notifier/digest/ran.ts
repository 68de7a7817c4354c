/** What ran before anyone looked, and one person may still look at. */
import { idForPerson, workspaceKeys } from '@countersign/shared/keys';
import { type Loaded, loadRequests } from '@countersign/shared/request';
import type { Directory } from '@countersign/shared/routing';
import type { Redis } from 'ioredis';

export type Ran = {
  total: number;
  /** Undos that are not done, then the ends of windows; at most so many as were asked for. */
  first: Loaded[];
};

/** Of one person no more are counted: whoever has more than this needs no exact number. */
const mostRead = 1_000;

/**
 * Reads it as of a moment (Redis time in ms).
 *
 * @param most how many of them are read in full
 */
export async function ranFor(
  redis: Redis,
  { workspace, person, now }: { workspace: string; person: string; now: number },
  directory: Directory,
  most: number,
): Promise<Ran> {
  const keys = workspaceKeys(workspace);
  const groups = directory.groupsOf(person);
  if (groups === undefined) return { total: 0, first: [] };
  const audiences = [...new Set(['any', person, ...groups])];
  const lists = await Promise.all(
    audiences.map((audience) =>
      redis.zrange(keys.reviews(audience), '0', String(mostRead - 1), 'WITHSCORES'),
    ),
  );
  const ends = new Map<string, number>();
  for (const reply of lists) {
    for (let i = 0; i + 1 < reply.length; i += 2) {
      const id = idForPerson(reply[i] ?? '', person);
      const end = Number(reply[i + 1]);
      // 0 is an undo that is not done: it has no end.
      if (id !== undefined && (end === 0 || end > now)) ends.set(id, end);
    }
  }
  const ids = [...ends]
    .sort(([a, before], [b, after]) => before - after || (a < b ? -1 : 1))
    .map(([id]) => id);
  return { total: ids.length, first: await loadRequests(redis, keys, ids.slice(0, most)) };
}
