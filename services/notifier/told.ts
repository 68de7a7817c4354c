/** What is known of requests that are to be told of: how they stand, and where they have been told of before. */
import { workspaceKeys } from '@countersign/shared/keys';
import type { RequestRecord } from '@countersign/shared/request';
import {
  type Delivery,
  deliveryNamed,
  factsOf,
  nameOfDelivery,
  type RequestFacts,
} from '@countersign/shared/routing';
import type { Redis } from 'ioredis';

export type Told = {
  /** Undefined once it has left the store. */
  facts: RequestFacts | undefined;
  /** Where it has been told of, by name. */
  asked: Map<string, Delivery>;
};

/** For how long a request that nobody decides keeps where it was told of, s. */
const whileWaiting = 40 * 86_400;
/** And once it is over: longer than any delivery is tried, s. */
const afterwards = 4 * 86_400;

/** Reads them as they stand now, in one round trip. */
export async function readTold(
  redis: Redis,
  workspace: string,
  ids: Iterable<string>,
): Promise<Map<string, Told>> {
  const keys = workspaceKeys(workspace);
  const read = async (id: string): Promise<[string, Told]> => {
    const [text, names] = await Promise.all([
      redis.hget(keys.request(id), 'record'),
      redis.smembers(keys.asked(id)),
    ]);
    return [
      id,
      {
        facts: text === null ? undefined : factsOf(JSON.parse(text) as RequestRecord),
        asked: new Map(names.map((name) => [name, deliveryNamed(name)])),
      },
    ];
  };
  return new Map(await Promise.all([...new Set(ids)].map(read)));
}

/**
 * Keeps where a request is about to be told of. Before any attempt is queued: an attempt that finds the request waiting
 * was noted before its end is in the feed, so that whoever routes the end knows of it.
 */
export async function noteAsked(
  redis: Redis,
  workspace: string,
  id: string,
  places: readonly Delivery[],
  over: boolean,
): Promise<void> {
  const key = workspaceKeys(workspace).asked(id);
  await Promise.all([
    places.length === 0 ? undefined : redis.sadd(key, ...places.map(nameOfDelivery)),
    redis.expire(key, over ? afterwards : whileWaiting),
  ]);
}
