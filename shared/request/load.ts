/** Reading requests and their payloads as they stand. */
import type { Redis } from 'ioredis';
import type { Json } from '../contracts/index.ts';
import type { WorkspaceKeys } from '../keys/index.ts';
import type { Payload, Payloads, Words } from './payload.ts';
import type { RequestRecord } from './record.ts';

export type Loaded = { record: RequestRecord; payloads: Payloads };

/** What there is of every request, as Redis holds it: its record, its first payload, the detail of its outcome. */
export type StoredRequest = { record: string | null; first: string | null; detail: string | null };

const parse = <T>(text: string | null | undefined): T | undefined =>
  text === null || text === undefined ? undefined : (JSON.parse(text) as T);

/** The words of its questions and answers, where somebody asked. */
async function wordsOf(redis: Redis, key: string): Promise<Record<string, Words>> {
  const fields = Object.entries(await redis.hgetall(key));
  return Object.fromEntries(fields.map(([field, text]) => [field, JSON.parse(text) as Words]));
}

/** Loads one request with its payloads; `undefined` when there is none. One round trip unless it was edited or asked about. */
export async function loadRequest(
  redis: Redis,
  keys: WorkspaceKeys,
  id: string,
): Promise<Loaded | undefined> {
  const [record, first, detail] = await Promise.all([
    redis.hget(keys.request(id), 'record'),
    redis.get(keys.payload(id, 1)),
    redis.get(keys.outcomeDetail(id)),
  ]);
  return completeRequest(redis, keys, id, { record, first, detail });
}

/** The rest of a request that somebody has begun to read. No round trip unless it was edited or asked about. */
export async function completeRequest(
  redis: Redis,
  keys: WorkspaceKeys,
  id: string,
  stored: StoredRequest,
): Promise<Loaded | undefined> {
  const record = parse<RequestRecord>(stored.record);
  if (record === undefined) return undefined;
  const first = parse<Payload>(stored.first);
  const current =
    record.payload_version === 1
      ? first
      : parse<Payload>(await redis.get(keys.payload(id, record.payload_version)));
  const detail = parse<Json>(stored.detail);
  const words = record.questions && (await wordsOf(redis, keys.questions(id)));
  return {
    record,
    payloads: {
      first,
      current,
      ...(detail === undefined ? {} : { outcome_detail: detail }),
      ...(words === undefined ? {} : { words }),
    },
  };
}

/** Loads many, in the order given, leaving out those that are gone. */
export async function loadRequests(redis: Redis, keys: WorkspaceKeys, ids: string[]): Promise<Loaded[]> {
  const found = await Promise.all(ids.map((id) => loadRequest(redis, keys, id)));
  return found.filter((loaded) => loaded !== undefined);
}
