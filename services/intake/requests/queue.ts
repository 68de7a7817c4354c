/** `GET /v1/queue`: what this reviewer may decide, most urgent first, with exact counts. */
import type { Problem, Queue, Tier } from '@countersign/shared/contracts';
import { problem } from '@countersign/shared/contracts';
import { idForPerson } from '@countersign/shared/keys';
import { loadRequests, tierRank } from '@countersign/shared/request';
import { applyDue } from '../lifecycle/due.ts';
import { worldOf } from '../workspace/workspaces.ts';
import { audiencesOf, type Caller, type Service } from './service.ts';
import { plainView } from './view.ts';

export type Place = { id: string; score: number };

const tierOfRank = Object.fromEntries(Object.entries(tierRank).map(([tier, rank]) => [rank, tier as Tier]));

/** Those places of a queue, as ioredis returns them, that are for this person. */
export function placesFor(person: string, reply: string[]): Place[] {
  const places: Place[] = [];
  for (let i = 0; i + 1 < reply.length; i += 2) {
    const id = idForPerson(reply[i] ?? '', person);
    if (id !== undefined) places.push({ id, score: Number(reply[i + 1]) });
  }
  return places;
}

export const order = (a: Place, b: Place): number =>
  a.score - b.score || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);

/** A cursor is the place after which to go on. */
export function parseCursor(cursor: string): Place | undefined {
  const [score, id] = cursor.split('~');
  return id !== undefined && Number.isFinite(Number(score)) ? { score: Number(score), id } : undefined;
}

/** Everything that waits for this reviewer, most urgent first. */
export async function waitingFor(service: Service, caller: Caller): Promise<Place[]> {
  const { keys } = caller.current.snapshot;
  const queues = await Promise.all(
    audiencesOf(caller).map((audience) =>
      service.redis.zrange(keys.queue(audience), '0', '-1', 'WITHSCORES'),
    ),
  );
  return inOrder(queues.flatMap((reply) => placesFor(caller.key.owner, reply)));
}

/** The same for one tier: the most urgent of it, at most so many. */
export async function waitingIn(
  tier: Tier,
  most: number,
  service: Service,
  caller: Caller,
): Promise<Place[]> {
  const { keys } = caller.current.snapshot;
  const [from, below] = [tierRank[tier] * 1e13, `(${(tierRank[tier] + 1) * 1e13}`];
  const person = caller.key.owner;
  const queues = await Promise.all(
    audiencesOf(caller).map(async (audience) => {
      const queue = keys.queue(audience);
      const places: Place[] = [];
      for (let read = 0; places.length < most; read += most) {
        const reply = await service.redis.zrangebyscore(
          queue,
          from,
          below,
          'WITHSCORES',
          'LIMIT',
          read,
          most,
        );
        places.push(...placesFor(person, reply));
        if (reply.length < most * 2) break;
      }
      return places;
    }),
  );
  return inOrder(queues.flat()).slice(0, most);
}

/** In order, each once: a request may wait in the queues of several audiences. */
export function inOrder(places: Place[]): Place[] {
  return [...new Map(places.map((place) => [place.id, place])).values()].sort(order);
}

/** One page of the queue. `counts` covers all pages. */
export async function readQueue(
  service: Service,
  caller: Caller,
  { cursor, limit }: { cursor?: string | undefined; limit: number },
): Promise<Queue | Problem> {
  const after = cursor === undefined ? undefined : parseCursor(cursor);
  if (cursor !== undefined && after === undefined) {
    return problem('invalid_request', 'That cursor is not one of ours. Start without one.');
  }
  const { keys } = caller.current.snapshot;
  const places = await waitingFor(service, caller);

  const counts: Queue['counts'] = {
    total: places.length,
    tiers: { low: 0, medium: 0, high: 0, critical: 0 },
  };
  for (const { score } of places) {
    const tier = tierOfRank[Math.floor(score / 1e13)];
    if (tier !== undefined) counts.tiers[tier] += 1;
  }
  const from = after === undefined ? 0 : places.findIndex((place) => order(place, after) > 0);
  const page = from < 0 ? [] : places.slice(from, from + limit);
  const world = worldOf(caller.current);
  const loaded = await loadRequests(
    service.redis,
    keys,
    page.map(({ id }) => id),
  );
  const items = loaded
    // A deadline that has passed counts at once, although its timer may still be on its way.
    .filter(({ record }) => applyDue(record, world)[0].status === 'pending')
    .map((found) => plainView(found, caller.current));
  const last = page.at(-1);
  const more = last !== undefined && from + limit < places.length;
  return { items, counts, ...(more ? { next_cursor: `${last.score}~${last.id}` } : {}) };
}
