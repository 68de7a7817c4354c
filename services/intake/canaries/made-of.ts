/** What the canaries that wait are made of: a drill that showed the same call as it was right would point them out. */
import type { WorkspaceKeys } from '@countersign/shared/keys';
import { isPlanted, loadRequests } from '@countersign/shared/request';
import type { Redis } from 'ioredis';

export async function sourcesThatWait(redis: Redis, keys: WorkspaceKeys): Promise<ReadonlySet<string>> {
  const open = await loadRequests(redis, keys, await redis.zrange(keys.canaries('open'), '0', '-1'));
  return new Set(open.flatMap(({ record }) => (isPlanted(record) ? [record.planted.source] : [])));
}
