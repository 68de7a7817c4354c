/** The queue of deliveries: what a job holds, what it is called, how long it is kept. */
import { bullPrefix, queues } from '@countersign/shared/keys';
import { type JobsOptions, Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import type { ChannelName } from '../channels/channel.ts';
import type { DeliveryName } from '../record/record.ts';

/** Ids only: a job never holds what a request is about, nor a URL or a secret (law 12). */
export type DeliveryJob = {
  workspace: string;
  channel: ChannelName;
  /** Id of the destination, push subscription or agent key. */
  id: string;
  request_id: string;
  event_id: string;
  event_type: string;
  /** It was asked for by an event that concerns many requests. */
  replay?: true;
};

export type DeliveryQueue = Queue<DeliveryJob, string>;

/** How long finished jobs stay, so that an event handed over twice finds its job done, s. The delivery record knows for longer. */
const kept = { completed: 3_600, failed: 86_400 };

/** Of a replay, behind whatever is told for the first time: BullMQ takes jobs without a priority first. */
const replayPriority = 10;

/** What the delivery record calls this delivery. */
export function nameOf({ channel, id, ...rest }: DeliveryJob): DeliveryName {
  return { ...rest, destination: `${channel}-${id}` };
}

/** The same for the same event and destination, however often it is added; also the `webhook-id` of every attempt. */
export function jobIdOf({ workspace, channel, id, event_id, request_id, replay }: DeliveryJob): string {
  const name = `${workspace}_${event_id}_${channel}-${id}`;
  return replay ? `${name}_${request_id}` : name;
}

/** Options of a job that may be attempted so many times. */
export function jobOptions(job: DeliveryJob, attempts: number): JobsOptions {
  return {
    jobId: jobIdOf(job),
    attempts,
    backoff: { type: 'schedule' },
    removeOnComplete: { age: kept.completed },
    removeOnFail: { age: kept.failed },
    stackTraceLimit: 1,
    ...(job.replay && { priority: replayPriority }),
  };
}

/** Opens the queue for adding. The connection fails fast: with Redis away the feed is the queue. */
export function openQueue(redis: Redis, onError: (error: Error) => void): DeliveryQueue {
  const queue: DeliveryQueue = new Queue(queues.deliveries, { connection: redis, prefix: bullPrefix });
  queue.on('error', onError);
  return queue;
}
