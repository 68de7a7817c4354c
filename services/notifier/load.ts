/** Reading one request as it stands. */
import type { Json } from '@countersign/shared/contracts';
import { workspaceKeys } from '@countersign/shared/keys';
import type { Payload, Payloads, RequestRecord } from '@countersign/shared/request';
import type { Redis } from 'ioredis';

const parse = <T>(text: string | null): T | undefined =>
  text === null ? undefined : (JSON.parse(text) as T);

/** A request and its payloads; `undefined` when it has left Redis, or when what it was about has been erased. */
export async function loadRequest(
  redis: Redis,
  workspace: string,
  id: string,
): Promise<{ record: RequestRecord; payloads: Payloads } | undefined> {
  const keys = workspaceKeys(workspace);
  const record = parse<RequestRecord>(await redis.hget(keys.request(id), 'record'));
  if (record === undefined) return undefined;
  const [first, current, detail] = await Promise.all([
    redis.get(keys.payload(id, 1)),
    redis.get(keys.payload(id, record.payload_version)),
    redis.get(keys.outcomeDetail(id)),
  ]);
  if (current === null) return undefined;
  const outcome_detail = parse<Json>(detail);
  const payloads = { first: parse<Payload>(first), current: parse<Payload>(current) };
  return { record, payloads: outcome_detail === undefined ? payloads : { ...payloads, outcome_detail } };
}
