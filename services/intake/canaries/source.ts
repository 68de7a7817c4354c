/** What a canary is made from: a call of this workspace's own recent history that somebody looked at and approved. */
import type { Programme } from '@countersign/shared/policy';
import { isPlanted, type Loaded, loadRequests, type RequestRecord } from '@countersign/shared/request';
import type { Redis } from 'ioredis';
import type { Current } from '../workspace/workspaces.ts';

/** How far back is looked: among so many approvals, none older, none so new that it is remembered. ms. */
const most = 300;
const oldest = 21 * 86_400_000;
const newest = 2 * 3_600_000;

/** What was right: approved by people as proposed, and not taken back or gone wrong. */
function wasRight(record: RequestRecord): boolean {
  const { verdicts, version, revoked, outcome } = record;
  const held = verdicts.some(({ verdict }) => verdict === 'approve');
  return held && version === 1 && revoked === undefined && outcome?.status !== 'failed';
}

/**
 * Requests to make one from, in no order. Those that call their agent back are left out: a canary calls nobody; and
 * those of a key that is gone, since nothing would come from it any more.
 */
export async function sourcesFor(
  redis: Redis,
  { snapshot, now }: Current,
  programme: Programme,
): Promise<Loaded[]> {
  const { keys, directory } = snapshot;
  const ids = await redis.zrange(
    keys.index('status', 'approved'),
    String(now - newest),
    String(now - oldest),
    'BYSCORE',
    'REV',
    'LIMIT',
    0,
    most,
  );
  const loaded = await loadRequests(redis, keys, ids);
  return loaded.filter(({ record, payloads }) => {
    const key = directory.keysById.get(record.key_id);
    return (
      !isPlanted(record) &&
      wasRight(record) &&
      programme.concerns(record.tool) &&
      record.callback_url === undefined &&
      payloads.current !== undefined &&
      key !== undefined &&
      key.revoked_at === undefined
    );
  });
}
