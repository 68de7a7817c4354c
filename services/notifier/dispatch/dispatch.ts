/** From events to jobs: routes each, notes in the delivery records what is wanted, then queues the attempts. */
import type { FeedEvent } from '@countersign/shared/feed';
import {
  alarms,
  asks,
  type Delivery,
  type Directory,
  ends,
  isTold,
  movesRequest,
  nameOfDelivery,
  type Places,
  type Routing,
  route,
  type ToldEvent,
} from '@countersign/shared/routing';
import type { Redis } from 'ioredis';
import type { Logger } from 'pino';
import { type DeliveryJob, type DeliveryQueue, jobOptions, nameOf } from '../attempts/queue.ts';
import { type ChannelName, channelNames } from '../channels/channel.ts';
import type { Metrics } from '../metrics.ts';
import { want } from '../record/record.ts';
import type { DirectoryReader } from './directory.ts';
import { letGo, noteAsked, readTold, type Told } from './told.ts';
import { raiseUnheard } from './unheard.ts';

export type Dispatcher = {
  redis: Redis;
  directory: DirectoryReader;
  queue: DeliveryQueue;
  metrics: Metrics;
  logger: Logger;
  /** Attempts that a delivery is given. */
  attempts: number;
  /** What can be sent by here. */
  can: ReadonlySet<ChannelName>;
};

type Routed = { event: ToldEvent; routing: Routing };
type Wanted = { job: DeliveryJob; over: boolean };

/** Routes events in their order: where one asks, a later one of the same batch finds it told. */
function routeAll(
  events: readonly ToldEvent[],
  told: ReadonlyMap<string, Told>,
  around: { places: Places; directory: Directory; can: ReadonlySet<ChannelName>; now: number },
): Routed[] {
  return events.map((event) => {
    const { facts, asked } = told.get(event.request_id) ?? { facts: undefined, asked: new Map() };
    const routing = route({ ...around, event, request: facts, asked: [...asked.values()] });
    if (asks(event) || alarms(event)) {
      for (const delivery of routing.deliveries) asked.set(nameOfDelivery(delivery), delivery);
    }
    return { event, routing };
  });
}

/** Whether this process has a channel of that name. */
export const isBuilt = (channel: string): channel is ChannelName =>
  channelNames.some((name) => name === channel);

/** Whether nothing more is decided about the request: by its state where that was read, or else by what the event says. */
function isOver(event: ToldEvent, told: Told | undefined): boolean {
  if (ends(event)) return true;
  return told === undefined ? event.status !== 'pending' : told.facts?.waits !== true;
}

function jobsOf(workspace: string, { event, routing }: Routed, over: boolean): Wanted[] {
  return routing.deliveries.flatMap(({ channel, id }: Delivery) => {
    if (!isBuilt(channel)) return [];
    const { request_id, id: event_id, type: event_type } = event;
    return [{ job: { workspace, channel, id, request_id, event_id, event_type }, over }];
  });
}

/**
 * Queues what these events ask for, in their order. Doing it again adds nothing: a job's id is its meaning, and the
 * delivery record knows what has been delivered. Rejects when Redis is away; then the events are handed over again.
 */
export async function dispatch(
  dispatcher: Dispatcher,
  workspace: string,
  events: FeedEvent[],
): Promise<void> {
  const { redis, directory: reader, queue, attempts, can } = dispatcher;
  const about = events.filter(isTold);
  if (about.length === 0) return;
  const [places, directory, told, clock] = await Promise.all([
    reader.places(workspace),
    reader.directory(workspace),
    readTold(
      redis,
      workspace,
      about.filter(movesRequest).map(({ request_id }) => request_id),
    ),
    redis.time(),
  ]);
  const now = Number(clock[0]) * 1_000 + Math.floor(Number(clock[1]) / 1_000);
  const routed = routeAll(about, told, { places, directory, can, now });
  const jobs = routed.flatMap((one) => {
    const { event } = one;
    return jobsOf(workspace, one, isOver(event, told.get(event.request_id)));
  });

  // Noted before it is queued: whoever attempts a later event first can then see that this one is still to come.
  const [wanted] = await Promise.all([
    Promise.all(jobs.map(({ job, over }) => want(redis, nameOf(job), over))),
    ...routed.map((one) => note(dispatcher, workspace, one, told.get(one.event.request_id), now)),
  ]);
  const due = jobs.flatMap(({ job }, index) => (wanted[index] ? [job] : []));
  if (due.length === 0) return;
  await queue.addBulk(due.map((data) => ({ name: data.channel, data, opts: jobOptions(data, attempts) })));
}

/** Keeps where this event is told of, or that nobody hears of it. */
async function note(
  { redis, metrics, logger }: Dispatcher,
  workspace: string,
  { event, routing }: Routed,
  told: Told | undefined,
  now: number,
): Promise<void> {
  const { request_id } = event;
  if ((asks(event) || alarms(event)) && routing.deliveries.length > 0)
    await noteAsked(redis, workspace, request_id, routing.deliveries);
  if (ends(event) && told !== undefined) await letGo(redis, workspace, request_id, told);
  if (routing.unheard && (await raiseUnheard(redis, workspace, event, routing.considered, now))) {
    metrics.unheard();
    logger.warn(
      { workspace, request_id, event_type: event.type },
      'a request waits and nobody is told of it',
    );
  }
}
