/**
 * Destinations in Redis. A change is made to the destination as it is at that moment: should somebody else change it
 * meanwhile (another admin, or the notifier that disables it), nothing is written and the change is made to what is
 * there now. So changes to different members are all kept, and nothing comes back that was removed.
 */
import { type Problem, problem } from '@countersign/shared/contracts';
import type { DestinationRecord } from '@countersign/shared/directory';
import type { Caller, Service } from '../requests/service.ts';
import { Commit } from '../store/commit.ts';
import { type DestinationChange, revisionOf } from './change.ts';

type Connected = Pick<Service, 'redis'>;

/** How often a change is tried before it is `too_busy`. Each round means that somebody else got through. */
const rounds = 100;

const nowhere = (id: string) => problem('not_found', `There is no destination ${id} here.`);

/** What says that there is no such destination; undefined when there is. */
export async function missing(
  { redis }: Connected,
  caller: Caller,
  id: string,
): Promise<Problem | undefined> {
  const there = await redis.hexists(caller.current.snapshot.keys.destinations, id);
  return there === 1 ? undefined : nowhere(id);
}

/** Stores a new destination and puts that on record. */
export async function addDestination(
  { redis }: Connected,
  caller: Caller,
  record: DestinationRecord,
): Promise<void> {
  const { destinations } = caller.current.snapshot.keys;
  const commit = new Commit().write('HSET', destinations, record.id, JSON.stringify(record));
  onRecord(commit, caller, record.id, 'created', { kind: record.kind });
  await commit.run(redis);
}

/**
 * Changes a destination as `change` says, which is asked again where somebody else was first. Gives it as it was
 * before and as it is stored; a problem of `change` ends it.
 */
export async function changeDestination(
  { redis }: Connected,
  caller: Caller,
  id: string,
  change: (before: DestinationRecord) => DestinationChange | Problem,
): Promise<DestinationRecord | Problem> {
  const { keys } = caller.current.snapshot;
  for (let round = 0; round < rounds; round++) {
    const stored = await redis.hget(keys.destinations, id);
    if (stored === null) return nowhere(id);
    const before = JSON.parse(stored) as DestinationRecord;
    const changed = change(before);
    if ('code' in changed) return changed;
    const after = changed.after && { ...changed.after, revision: revisionOf(before) + 1 };
    const commit = new Commit().expect(keys.destinations, { [id]: stored });
    if (after !== undefined) commit.write('HSET', keys.destinations, id, JSON.stringify(after));
    onRecord(commit, caller, id, changed.event, changed.data);
    if (after === undefined) commit.write('HDEL', keys.destinations, id);
    const place = `${before.kind}-${id}`;
    if (after === undefined || changed.forgiven) commit.write('HDEL', keys.failing, place);
    if (after === undefined || changed.released) commit.write('DEL', keys.pace(place));
    const { outcome } = await commit.run(redis);
    if (outcome === 'ok') return after ?? before;
  }
  return problem('too_busy', `${id} keeps changing. Nothing was written; send the change again.`);
}

function onRecord(
  commit: Commit,
  { key, current: { now: at, snapshot } }: Caller,
  destination: string,
  event: 'created' | DestinationChange['event'],
  data: Record<string, unknown> = {},
): void {
  const type = `destination.${event}` as const;
  const actor = { kind: 'person', id: key.owner } as const;
  const body = { type, at, actor, data: { destination, ...data } };
  commit.tell(snapshot.keys.feed, body);
  commit.write('PUBLISH', snapshot.keys.wake, '*');
}
