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
import { recordTtl, whileWaiting } from '../record/record.ts';

export type Told = {
  /** Undefined once it has left the store. */
  facts: RequestFacts | undefined;
  /** Where it has been told of, by name. */
  asked: Map<string, Delivery>;
};

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
): Promise<void> {
  const key = workspaceKeys(workspace).asked(id);
  await Promise.all([redis.sadd(key, ...places.map(nameOfDelivery)), redis.pexpire(key, whileWaiting)]);
}

/** The request is over: what is known of the places where it was told of need not outlive the last attempts. */
export async function letGo(redis: Redis, workspace: string, id: string, { asked }: Told): Promise<void> {
  const keys = workspaceKeys(workspace);
  const known = [keys.asked(id), ...[...asked.keys()].map((name) => keys.delivery(name, id))];
  await Promise.all(known.map((key) => redis.pexpire(key, recordTtl)));
}
