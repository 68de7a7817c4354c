/** Redis holds a window: requests leave it early where policy keeps texts for less long than the window is. */
import { Status } from '@countersign/shared/contracts';
import { globalKeys } from '@countersign/shared/keys';
import { isTerminal, loadRequest } from '@countersign/shared/request';
import type { Redis } from 'ioredis';
import { leavesAt, retention } from '../store/entries.ts';
import { prune } from '../store/prune.ts';
import type { StoreContext } from '../store/transact.ts';
import type { Snapshot } from '../workspace/workspaces.ts';

const ended = Status.options.filter(isTerminal);

/**
 * Removes finished requests whose texts the active policy keeps no longer. One that waits, or may still run, stays.
 * By the policy of now and not of then: a period that was shortened counts for what is there already.
 *
 * @param now Redis ms
 * @returns how many there were
 */
export async function pruneBeyondPolicy(redis: Redis, snapshot: Snapshot, now: number): Promise<number> {
  const { keys, policy } = snapshot;
  const { texts_ms } = policy.retention;
  if (texts_ms === undefined || texts_ms >= retention.decided) return 0;
  let pruned = 0;
  for (const status of ended) {
    // By when they were made: whoever ended long enough ago was made before.
    const old = await redis.zrangebyscore(keys.index('status', status), '-inf', now - texts_ms);
    for (const id of old) {
      const loaded = await loadRequest(redis, keys, id);
      if (loaded === undefined || leavesAt(loaded.record, texts_ms) > now) continue;
      await prune(redis, snapshot, id);
      pruned += 1;
    }
  }
  return pruned;
}

/** The same for every workspace, each at its own Redis time. */
export async function narrowWindows({ redis, workspaces }: StoreContext): Promise<void> {
  for (const workspace of await redis.smembers(globalKeys.workspaces)) {
    const current = await workspaces.current(workspace);
    if (current !== undefined) await pruneBeyondPolicy(redis, current.snapshot, current.now);
  }
}
