/** What people approved earlier, as far as Redis remembers: whom an agent's tool has reached before. */
import { loadRequest, type RequestRecord } from '@countersign/shared/request';
import type { Approved } from '../batch/group.ts';
import type { Caller, Service } from './service.ts';

/** How many approvals are looked at, the newest first. */
const remembered = 1000;

/** The calls of these agents' tools that a person approved, and that were not revoked. */
export async function approvedCalls(
  { redis }: Service,
  { current }: Caller,
  calls: readonly Pick<Approved, 'agent' | 'tool'>[],
): Promise<Approved[]> {
  const { keys } = current.snapshot;
  const nameOf = ({ agent, tool }: Pick<Approved, 'agent' | 'tool'>) => JSON.stringify([agent, tool]);
  const wanted = new Set(calls.map(nameOf));
  if (wanted.size === 0) return [];
  const ids = await redis.zrevrange(keys.index('status', 'approved'), 0, remembered - 1);
  const texts = await Promise.all(ids.map((id) => redis.hget(keys.request(id), 'record')));
  const found = texts
    .flatMap((text): RequestRecord[] => (text === null ? [] : [JSON.parse(text)]))
    .filter((record) => wanted.has(nameOf(record)))
    .filter(({ verdicts, revoked }) => verdicts.length > 0 && revoked === undefined);
  const loaded = await Promise.all(found.map(({ id }) => loadRequest(redis, keys, id)));
  return loaded.flatMap((one): Approved[] => {
    const args = one?.payloads.current?.args;
    return one === undefined || args === undefined
      ? []
      : [{ agent: one.record.agent, tool: one.record.tool, args }];
  });
}
