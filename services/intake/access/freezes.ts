/** The kill switch: freeze a workspace, an agent or a tool at once. */
import { type Problem, problem } from '@countersign/shared/contracts';
import type { FreezeRecord } from '@countersign/shared/directory';
import type { EventBody } from '@countersign/shared/feed';
import { type WorkspaceKeys, workspaceKeys } from '@countersign/shared/keys';
import type { Redis } from 'ioredis';
import { ulid } from 'ulid';
import { Commit } from '../store/commit.ts';
import { redisTime } from '../store/redis-time.ts';
import type { Current, Workspaces } from '../workspace/workspaces.ts';

/**
 * Sets or lifts a freeze under the next epoch. Proposals, decisions and consumptions in flight compare the epoch in
 * their commits, so none slips through.
 */
async function commitFreeze(
  redis: Redis,
  workspaces: Workspaces,
  workspace: string,
  change: (current: Current, epoch: number, now: number) => FreezeRecord | Problem | undefined,
  by: string,
): Promise<FreezeRecord | Problem | undefined> {
  const keys = workspaceKeys(workspace);
  for (;;) {
    const current = await workspaces.current(workspace);
    if (current === undefined) return problem('not_found', 'The workspace has gone.');
    const { freeze } = current.snapshot.versions;
    const epoch = Number(freeze || 0) + 1;
    const now = redisTime(await redis.time());
    const record = change(current, epoch, now);
    if (record === undefined || 'code' in record) return record;
    const commit = new Commit().expect(keys.state, { freeze });
    writeFreeze(commit, keys, record, epoch, { at: now, actor: { kind: 'person', id: by } });
    if ((await commit.run(redis)).outcome === 'ok') return record;
  }
}

/** Adds a freeze that is set or lifted, under the next epoch, to a commit that compares the one before. */
export function writeFreeze(
  commit: Commit,
  keys: WorkspaceKeys,
  record: FreezeRecord,
  epoch: number,
  who: Pick<EventBody, 'at' | 'actor'>,
): void {
  const type = record.lifted_at === undefined ? 'freeze.set' : 'freeze.lifted';
  const { id, scope, match, reason } = record;
  const data = { freeze: id, scope, ...(match === undefined ? {} : { match }), reason };
  commit
    .write('HSET', keys.freezes, id, JSON.stringify(record))
    .write('HSET', keys.state, 'freeze', epoch)
    .tell(keys.feed, { type, ...who, data })
    .write('PUBLISH', keys.wake, '*');
}

/** Freezes. What is pending and matches is stopped when it is next looked at, and in any case before it can run. */
export async function setFreeze(
  redis: Redis,
  workspaces: Workspaces,
  workspace: string,
  freeze: Pick<FreezeRecord, 'scope' | 'reason'> & { match?: string | undefined },
  by: string,
): Promise<FreezeRecord | Problem> {
  const { scope, match, reason } = freeze;
  if ((scope === 'workspace') !== (match === undefined)) {
    return problem(
      'invalid_request',
      'Scope "agent" and "tool" need a `match`; scope "workspace" takes none.',
    );
  }
  const set = await commitFreeze(
    redis,
    workspaces,
    workspace,
    (_current, epoch, now) => ({
      id: `frz_${ulid(now)}`,
      epoch,
      scope,
      ...(match === undefined ? {} : { match }),
      reason,
      set_by: by,
      set_at: now,
    }),
    by,
  );
  return set ?? problem('internal', 'The freeze was not set.');
}

/** Lifts a freeze. What it stopped stays stopped. Lifting again changes nothing. */
export async function liftFreeze(
  redis: Redis,
  workspaces: Workspaces,
  workspace: string,
  id: string,
  by: string,
): Promise<Problem | undefined> {
  const lifted = await commitFreeze(
    redis,
    workspaces,
    workspace,
    ({ snapshot }, _epoch, now) => {
      const freeze = snapshot.freezes.find((known) => known.id === id);
      if (freeze === undefined) return problem('not_found', `There is no freeze ${id} here.`);
      if (freeze.lifted_at !== undefined) return undefined;
      return { ...freeze, lifted_at: now, lifted_by: by };
    },
    by,
  );
  return lifted !== undefined && 'code' in lifted ? lifted : undefined;
}
