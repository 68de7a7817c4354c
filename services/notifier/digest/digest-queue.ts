/** The queue of digests: one job a person and a digest, however often and by however many notifiers it is found due. */
import { bullPrefix, queues } from '@countersign/shared/keys';
import { type JobsOptions, Queue } from 'bullmq';
import type { Redis } from 'ioredis';

/** Ids and moments only (law 12). */
export type DigestJob = {
  workspace: string;
  person: string;
  /** Until when earlier digests have told this person, Redis time in ms: what it must still be when this one is sent. */
  since: number;
  /** When this one was found due, Redis time in ms. */
  at: number;
};

export type DigestQueue = Queue<DigestJob, string>;

/** Opens the queue for adding. The connection fails fast: what could not be added is found due again at the next look. */
export function openDigestQueue(redis: Redis, onError: (error: Error) => void): DigestQueue {
  const queue: DigestQueue = new Queue(queues.digests, { connection: redis, prefix: bullPrefix });
  queue.on('error', onError);
  return queue;
}

/** @param pauseMs the pause after the first failure; it doubles after each */
export function digestOptions(
  { workspace, person, since }: DigestJob,
  attempts: number,
  pauseMs: number,
): JobsOptions {
  return {
    jobId: `${workspace}_${person}_${since}`,
    attempts,
    backoff: { type: 'exponential', delay: pauseMs, jitter: 0.1 },
    // What was sent is in the workspace's hash, not in the queue.
    removeOnComplete: true,
    removeOnFail: true,
    stackTraceLimit: 1,
  };
}
