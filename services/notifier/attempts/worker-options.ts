/** What every worker of the notifier has in common with the others. */
import { bullPrefix } from '@countersign/shared/keys';
import type { WorkerOptions } from 'bullmq';
import type { Redis } from 'ioredis';
import { pauseBefore } from './schedule.ts';

export type Hands = {
  /** For work: waits for Redis to come back. */
  redis: Redis;
  /** A job whose process has not been heard of for so long is given to another, ms. */
  takeOverMs: number;
  /** How many jobs one process has in hand at once. */
  concurrency: number;
};

/** How its queue is worked on, and what becomes of a job whose process has died. */
export function workerOptions({ redis, takeOverMs, concurrency }: Hands): WorkerOptions {
  return {
    connection: redis,
    prefix: bullPrefix,
    concurrency,
    lockDuration: takeOverMs,
    stalledInterval: takeOverMs,
    // However often processes die under a job, it is not the job's fault.
    maxStalledCount: Number.MAX_SAFE_INTEGER,
  };
}

/**
 * Pauses on a schedule, for jobs whose `backoff` is of the type `schedule`.
 *
 * @param asked for how long a peer wants to be left alone, by the error of the attempt, ms
 */
export function onSchedule(
  schedule: readonly number[],
  asked: (error: Error | undefined) => number | undefined = () => undefined,
): NonNullable<WorkerOptions['settings']> {
  return {
    backoffStrategy: (made, _type, error) => pauseBefore(schedule, made, asked(error), Math.random()),
  };
}
