/**
 * Replay: bringing a destination to the current state of requests once more. It needs no way round the delivery record:
 * an admin's wish is an event like any other, later than all that was delivered, so it is wanted like any other.
 */

import { Status } from '@countersign/shared/contracts';
import type { DestinationRecord } from '@countersign/shared/directory';
import { encodeEvent } from '@countersign/shared/feed';
import { workspaceKeys } from '@countersign/shared/keys';
import { audienceOf, type RequestRecord } from '@countersign/shared/request';
import { considerDestinations, lastTold, type ToldEvent } from '@countersign/shared/routing';
import type { Redis } from 'ioredis';
import { type DeliveryJob, type DeliveryQueue, jobOptions, nameOf } from '../attempts/queue.ts';
import type { ChannelName } from '../channels/channel.ts';
import type { DirectoryReader } from '../dispatch/directory.ts';
import { noteAsked } from '../dispatch/told.ts';
import { want } from '../record/record.ts';

/** One request, or all that changed since a time, Redis time in ms. */
export type Replay = { destination: string; request_id: string } | { destination: string; since: number };

type Replayer = {
  redis: Redis;
  directory: DirectoryReader;
  queue: DeliveryQueue;
  /** Attempts that a delivery is given. */
  attempts: number;
  can: ReadonlySet<ChannelName>;
};

/** `waits`: the request is still to be decided. */
type ReplayJob = { job: DeliveryJob; waits: boolean };

/** Requests that are looked at in one go. */
const chunk = 200;

/** When a request last changed in a way that somebody is told of, ms. */
function changedAt(record: RequestRecord): number {
  const { created_at, decided_at, revoked, consumed, outcome, verdicts, review } = record;
  const times = [
    created_at,
    decided_at,
    revoked?.at,
    consumed?.at,
    outcome?.at,
    verdicts.at(-1)?.at,
    review?.at,
  ];
  return Math.max(...times.map((at) => at ?? 0));
}

/** Ids of every request there is, a batch at a time. One that moves from one status to another meanwhile may come twice. */
async function* idsOf(redis: Redis, workspace: string): AsyncGenerator<string[]> {
  for (const status of Status.options) {
    let cursor = '0';
    do {
      const [next, found] = await redis.zscan(
        workspaceKeys(workspace).index('status', status),
        cursor,
        'COUNT',
        chunk,
      );
      cursor = next;
      yield found.filter((_, index) => index % 2 === 0);
    } while (cursor !== '0');
  }
}

/**
 * Queues the deliveries of a replay, and puts on record how many there are. Doing it again adds nothing: it is cut
 * short by a crash and done from the beginning by whoever comes next.
 *
 * @param eventId the wish's place in the feed
 */
export async function replay(
  { redis, directory, queue, attempts, can }: Replayer,
  workspace: string,
  eventId: string,
  wish: Replay,
): Promise<number> {
  const keys = workspaceKeys(workspace);
  const stored = await redis.hget(keys.destinations, wish.destination);
  if (stored === null) return onRecord(redis, keys.feed, eventId, wish.destination, 0);
  const destination = JSON.parse(stored) as DestinationRecord;
  const { kind: channel, id } = destination;
  const { groupsOf } = await directory.directory(workspace);

  function jobFor(record: RequestRecord): ReplayJob | undefined {
    if ('since' in wish && changedAt(record) < wish.since) return undefined;
    const { id: request_id, agent, tool } = record;
    const event_type = lastTold(record);
    const told: ToldEvent = {
      id: eventId,
      type: event_type,
      at: 0,
      actor: { kind: 'system', id: 'notifier' },
      request_id,
      agent,
      tool,
      tier: record.terms.tier,
      status: record.status,
      audience: audienceOf(record),
    };
    const heard = considerDestinations([destination], told, groupsOf, can).some(({ hears }) => hears);
    if (!heard) return undefined;
    const job: DeliveryJob = {
      workspace,
      channel,
      id,
      request_id,
      event_id: eventId,
      event_type,
      replay: true,
    };
    return { job, waits: record.status === 'pending' };
  }

  let queued = 0;
  const batches = 'since' in wish ? idsOf(redis, workspace) : [[wish.request_id]];
  for await (const ids of batches) {
    const texts = await Promise.all(ids.map((request) => redis.hget(keys.request(request), 'record')));
    const found = texts.flatMap((text) => (text === null ? [] : (jobFor(JSON.parse(text)) ?? [])));
    const jobs = found.map(({ job }) => job);
    // What a replay puts up is taken down by the end, like anything that was asked.
    const [wanted] = await Promise.all([
      Promise.all(found.map(({ job, waits }) => want(redis, nameOf(job), !waits))),
      ...found.map(
        ({ job, waits }) => waits && noteAsked(redis, workspace, job.request_id, [{ channel, id: job.id }]),
      ),
    ]);
    const due = jobs.filter((_, index) => wanted[index]);
    if (due.length > 0)
      await queue.addBulk(due.map((data) => ({ name: channel, data, opts: jobOptions(data, attempts) })));
    // Those that a run before a crash has queued, and that have gone out since, are counted too.
    queued += jobs.length;
  }
  return onRecord(redis, keys.feed, eventId, id, queued);
}

/** Tells whoever asked. After a crash it may be told twice, the same each time. */
async function onRecord(
  redis: Redis,
  feed: string,
  eventId: string,
  destination: string,
  queued: number,
): Promise<number> {
  const [seconds, micros] = await redis.time();
  const at = Number(seconds) * 1_000 + Math.floor(Number(micros) / 1_000);
  const actor = { kind: 'system', id: 'notifier' } as const;
  const event = {
    type: 'delivery.replayed',
    at,
    actor,
    data: { replay: eventId, destination, queued },
  } as const;
  await redis.xadd(feed, '*', ...encodeEvent(event));
  return queued;
}
