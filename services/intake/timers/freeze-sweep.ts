/** After a freeze is set: stops what is pending, so that agents that wait are told now. */
import { workspaceKeys } from '@countersign/shared/keys';
import { type StoreContext, transact } from '../store/transact.ts';

/** How many requests are looked at together. */
const batch = 200;

/** Has every pending request of a workspace apply what is due. A freeze that a request misses here still stops it later. */
export async function sweepPending(context: StoreContext, workspace: string): Promise<void> {
  const pending = workspaceKeys(workspace).index('status', 'pending');
  const ids = await context.redis.zrange(pending, '0', '-1');
  for (let from = 0; from < ids.length; from += batch) {
    await Promise.all(
      ids
        .slice(from, from + batch)
        .map((id) => transact(context, workspace, id, () => ({ command: { kind: 'wake' } }))),
    );
  }
}
