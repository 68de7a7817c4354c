/**
 * What agents have asked people within the hour. A canary is planted only as one more of it: whatever else an agent
 * asked weeks ago, under other rules or by another name, would stand out now.
 */
import { isPlanted, type Loaded, loadRequests } from '@countersign/shared/request';
import type { Redis } from 'ioredis';
import type { Current } from '../workspace/workspaces.ts';
import { freshId } from './fresh-id.ts';
import type { Draw } from './mutate.ts';

/** How far back is looked, ms: as long as calls that policy let run stand in the list of their run. */
const lately = 3_600_000;
const most = 100;

/** A request of the last hour, and whether the card showed other calls of its run. */
export type Lately = Loaded & { alone: boolean };

/** What these agents asked people, newest first: so many of each at most, `within` ms, whatever became of it. */
export async function readAsked(
  redis: Redis,
  { snapshot: { keys }, now }: Current,
  agents: readonly string[],
  within: number,
): Promise<Loaded[]> {
  const found = await Promise.all(
    agents.map((agent) => {
      const [max, min] = [String(now), String(now - within)];
      return redis.zrange(keys.index('agent', agent), max, min, 'BYSCORE', 'REV', 'LIMIT', 0, most);
    }),
  );
  const asked = await loadRequests(redis, keys, found.flat());
  return asked.filter(({ record }) => !isPlanted(record) && wasAsked(record));
}

/** What they asked under the policy of now, within the hour. */
export async function askedLately(
  redis: Redis,
  current: Current,
  agents: readonly string[],
): Promise<Lately[]> {
  const { keys, policy } = current.snapshot;
  const asked = await readAsked(redis, current, agents, lately);
  return Promise.all(
    asked
      .filter(({ record }) => record.policy_digests[0] === policy.digest)
      .map(async (loaded): Promise<Lately> => {
        const { run_id, created_at } = loaded.record;
        const before = run_id && (await redis.zcount(keys.index('run', run_id), '-inf', `(${created_at}`));
        return { ...loaded, alone: before === undefined || before === 0 };
      }),
  );
}

/** What policy, a grant or a freeze decided at once, and what ran before anyone looked, asked nobody. */
function wasAsked({ decided_by, review, grant_used }: Loaded['record']): boolean {
  return (
    review === undefined && grant_used === undefined && decided_by !== 'policy' && decided_by !== 'freeze'
  );
}

/** The same for requests of which a reviewer sees the same parts. */
export function partsOf({ record, payloads }: Loaded): string {
  const { run_id, call_id, requested_by, cost, callback_url } = record;
  const seen = { run_id, call_id, requested_by, cost, callback_url, ...payloads.first?.said };
  return Object.entries(seen)
    .flatMap(([name, value]) => (value === undefined ? [] : [name]))
    .sort()
    .join();
}

/** Names for a new run and call, as this agent gives them; undefined where none can be made that would not stand out. */
export function idsLike(
  one: Lately,
  all: readonly Lately[],
  now: number,
  draw: Draw,
): { run_id?: string; call_id?: string } | undefined {
  const ids: { run_id?: string; call_id?: string } = {};
  for (const name of ['run_id', 'call_id'] as const) {
    if (one.record[name] === undefined) continue;
    const known = [...new Set(all.flatMap(({ record }) => record[name] ?? []))];
    const fresh = freshId(known, now, draw);
    if (fresh === undefined) return undefined;
    ids[name] = fresh;
  }
  return ids;
}

/** Whether one more of these would be nothing unusual: where cards mostly show what came before in the run, one without would tell. */
export function areOrdinary(all: readonly Lately[]): boolean {
  const alone = all.filter((one) => one.alone).length;
  return all.length > 0 && 2 * alone >= all.length;
}

/** Whether its agent answered a question that a reviewer asked. Of one that does, silence would tell. */
export function hasAnswered({ record }: Loaded): boolean {
  return record.questions?.some(({ answered_at }) => answered_at !== undefined) === true;
}
