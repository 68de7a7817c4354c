/** Where a person's drill lies, and the one way in which it changes: compared and written at once. */
import type { DrillResult } from '@countersign/shared/contracts';
import type { EventBody } from '@countersign/shared/feed';
import type { WorkspaceKeys } from '@countersign/shared/keys';
import type { Redis } from 'ioredis';
import { Commit } from '../store/commit.ts';
import { answered, cardsOf, type DrillRecord, resultOf } from './record.ts';

/** What there is of one person. */
export type Stored = { revision: string; drill: DrillRecord | undefined; past: DrillResult[] };

/** How long it is kept after it was last written, ms; and how many results. */
const kept = 90 * 86_400_000;
const mostPast = 10;

export async function readDrill(redis: Redis, keys: WorkspaceKeys, person: string): Promise<Stored> {
  const { revision = '', drill, past } = await redis.hgetall(keys.drill(person));
  return {
    revision,
    drill: drill === undefined ? undefined : (JSON.parse(drill) as DrillRecord),
    past: past === undefined ? [] : (JSON.parse(past) as DrillResult[]),
  };
}

/** What the latest drills of these people were made of: whoever saw a card of it would know the same call again. */
export async function practisedOn(
  redis: Redis,
  keys: WorkspaceKeys,
  people: readonly string[],
): Promise<string[]> {
  const stored = await Promise.all(people.map((person) => redis.hget(keys.drill(person), 'drill')));
  return stored.flatMap((text) =>
    text === null ? [] : (JSON.parse(text) as DrillRecord).items.map(({ of }) => of),
  );
}

/** The drill with its end, and its result before those of others. */
export function ending(stored: Stored, drill: DrillRecord, ended: NonNullable<DrillRecord['ended']>): Stored {
  const over = { ...drill, ended };
  return { ...stored, drill: over, past: [resultOf(over, ended.at), ...stored.past].slice(0, mostPast) };
}

/**
 * What the log is told of a drill: that it took place, with how many cards. How it went is the person's own: an entry
 * names who, and stays for ever.
 */
export function eventOf(
  type: 'drill.started' | 'drill.ended',
  person: string,
  drill: DrillRecord,
  at: number,
): EventBody {
  const data = { drill: drill.id, cards: cardsOf(drill).length };
  const more = drill.ended === undefined ? {} : { answered: answered(drill).length, why: drill.ended.why };
  return { type, at, actor: { kind: 'person', id: person }, data: { ...data, ...more } };
}

/** Writes it with its events, unless it was written since it was read. Gives whether it was. */
export async function writeDrill(
  redis: Redis,
  keys: WorkspaceKeys,
  person: string,
  before: Stored,
  after: Stored,
  events: readonly EventBody[],
  now: number,
): Promise<boolean> {
  const { drill, past } = after;
  const key = keys.drill(person);
  const commit = new Commit();
  commit.expect(key, { revision: before.revision });
  const fields = { drill: JSON.stringify(drill), past: JSON.stringify(past) };
  commit.write('HSET', key, ...Object.entries(fields).flat(), 'revision', Number(before.revision || 0) + 1);
  commit.write('PEXPIRE', key, kept);
  if (drill?.ended?.why === 'finished') {
    commit.write('ZADD', keys.drilled, drill.ended.at, person);
    commit.write('ZREMRANGEBYSCORE', keys.drilled, '-inf', now - kept);
    commit.write('PEXPIRE', keys.drilled, kept);
  }
  commit.tell(keys.feed, ...events);
  if (events.length > 0) commit.write('PUBLISH', keys.wake, '*');
  return (await commit.run(redis)).outcome === 'ok';
}
