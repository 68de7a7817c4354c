/** Reading sorted sets of requests from the newest back. */
import type { Redis } from 'ioredis';
import { repliesOf } from './connect.ts';

/** A member of a sorted set. Among members of one score, those of greater ids come first. */
export type Place = { id: string; score: number };

const order = (a: Place, b: Place): number => b.score - a.score || (a.id < b.id ? 1 : a.id > b.id ? -1 : 0);

/**
 * The next `count` places after one, over several sets as if they were one: fewer mean that there are no more. All are
 * read at one moment, so that a request that moves from one set to another is neither missed nor given twice.
 *
 * @param range scores; the newest first begins at `max`, or at `after` where there is one
 */
export async function newestAfter(
  redis: Redis,
  sets: readonly string[],
  after: Place | undefined,
  range: { max: number | string; min: number | string },
  count: number,
): Promise<Place[]> {
  for (let size = count; ; size *= 2) {
    const reading = redis.multi();
    for (const set of sets) {
      reading.zrevrangebyscore(set, after?.score ?? range.max, range.min, 'WITHSCORES', 'LIMIT', 0, size);
    }
    const read = (repliesOf(await reading.exec()) as string[][]).map(placesOf);
    // Below the last that was read of a set there may be others of it.
    const known = read.flatMap((places) => (places.length < size ? [] : places.slice(-1))).sort(order)[0];
    const places = read
      .flat()
      .filter((place) => after === undefined || order(after, place) < 0)
      .filter((place) => known === undefined || order(place, known) <= 0)
      .sort(order);
    if (places.length >= count || known === undefined) return places.slice(0, count);
  }
}

/** As ioredis gives them: member and score in turn. */
function placesOf(reply: string[]): Place[] {
  const places: Place[] = [];
  for (let i = 0; i + 1 < reply.length; i += 2) {
    places.push({ id: reply[i] ?? '', score: Number(reply[i + 1]) });
  }
  return places;
}
