/** From events to jobs: notes in each delivery record what is wanted, then queues the attempts. */
import type { FeedEvent } from '@countersign/shared/feed';
import { workspaceKeys } from '@countersign/shared/keys';
import type { RequestRecord } from '@countersign/shared/request';
import type { Redis } from 'ioredis';
import type { DirectoryReader } from './directory.ts';
import { type DeliveryJob, type DeliveryQueue, jobOptions, nameOf } from './queue.ts';
import { want } from './record/record.ts';
import { isCalledBack, isTold, route } from './route.ts';

type Dispatcher = {
  redis: Redis;
  directory: DirectoryReader;
  queue: DeliveryQueue;
  /** Attempts that a delivery is given. */
  attempts: number;
};

/** The key to call back for each request that gave a URL and has ended. */
async function callbackKeys(
  redis: Redis,
  workspace: string,
  events: FeedEvent[],
): Promise<Map<string, string>> {
  const keys = workspaceKeys(workspace);
  const ended = new Set(events.filter(isCalledBack).flatMap((event) => event.request_id ?? []));
  const found = new Map<string, string>();
  await Promise.all(
    [...ended].map(async (id) => {
      const text = await redis.hget(keys.request(id), 'record');
      if (text === null) return;
      const record = JSON.parse(text) as RequestRecord;
      if (record.callback_url !== undefined) found.set(id, record.key_id);
    }),
  );
  return found;
}

/**
 * Queues what these events ask for, in their order. Doing it again adds nothing: a job's id is its meaning, and the
 * delivery record knows what has been delivered. Rejects when Redis is away; then the events are handed over again.
 */
export async function dispatch(
  { redis, directory, queue, attempts }: Dispatcher,
  workspace: string,
  events: FeedEvent[],
): Promise<void> {
  const told = events.filter(isTold);
  if (told.length === 0) return;
  const [places, people, callbacks] = await Promise.all([
    directory.places(workspace),
    directory.directory(workspace),
    callbackKeys(redis, workspace, told),
  ]);
  const jobs: DeliveryJob[] = told.flatMap((event) =>
    route(event, places, people, callbacks.get(event.request_id)).map(({ channel, id }) => ({
      workspace,
      channel,
      id,
      request_id: event.request_id,
      event_id: event.id,
      event_type: event.type,
    })),
  );
  // Noted before it is queued: whoever attempts a later event first can then see that this one is still to come.
  const wanted = await Promise.all(jobs.map((job) => want(redis, nameOf(job))));
  const due = jobs.filter((_, index) => wanted[index]);
  if (due.length === 0) return;
  await queue.addBulk(due.map((data) => ({ name: data.channel, data, opts: jobOptions(data, attempts) })));
}
