/** Where a request stands in the sealed log, as the ledger has noted it. */
import type { RequestView } from '@countersign/shared/contracts';
import type { Caller, Service } from './service.ts';

/** Its newest entry; undefined while nothing of it is sealed. */
export async function placeInLog(
  { redis }: Service,
  { current }: Caller,
  id: string,
): Promise<RequestView['log']> {
  const { entries, sealed } = current.snapshot.keys;
  const [[index], size] = await Promise.all([
    redis.zrange(entries(id), '-1', '-1'),
    redis.hget(sealed, 'size'),
  ]);
  return index === undefined ? undefined : { index: Number(index), size: Number(size) };
}
