/** Runs deliveries from the queue: BullMQ says when, the delivery record says whether. */
import { bullPrefix, queues } from '@countersign/shared/keys';
import { DelayedError, UnrecoverableError, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import { type Deliverer, deliver } from './deliver.ts';
import type { DeliveryJob } from './queue.ts';
import { pauseBefore } from './schedule.ts';

export type WorkerOptions = {
  redis: Redis;
  deliverer: Deliverer;
  schedule: readonly number[];
  /** A job whose process has not been heard of for so long is given to another, ms. */
  takeOverMs: number;
  onError: (error: Error) => void;
};

/** How many attempts one process has under way at once. They wait for peers, not for this machine. */
const concurrency = 50;
/** How soon a delivery that must let another go first looks again, ms. */
const waitMs = 100;

/** Tells the backoff strategy, which BullMQ gives nothing but the error, what the peer asked for. */
class TryAgain extends Error {
  readonly retryAfterMs: number | undefined;
  constructor(code: string, retryAfterMs: number | undefined) {
    super(code);
    this.retryAfterMs = retryAfterMs;
  }
}

/** Starts working. `close()` lets attempts under way end. */
export function startWorker({
  redis,
  deliverer,
  schedule,
  takeOverMs,
  onError,
}: WorkerOptions): Worker<DeliveryJob, string> {
  const worker = new Worker<DeliveryJob, string>(
    queues.deliveries,
    async (job, token) => {
      const number = job.attemptsMade + 1;
      const result = await deliver(deliverer, job.data, number, number >= schedule.length);
      switch (result.next) {
        case 'finish':
          return result.why;
        case 'wait':
          await job.moveToDelayed(Date.now() + waitMs, token);
          throw new DelayedError();
        case 'retry':
          throw new TryAgain(result.code, result.retry_after_ms);
        case 'give_up':
          throw new UnrecoverableError(result.code);
      }
    },
    {
      connection: redis,
      prefix: bullPrefix,
      concurrency,
      lockDuration: takeOverMs,
      stalledInterval: takeOverMs,
      // However often processes die under a job, it is not the job's fault.
      maxStalledCount: Number.MAX_SAFE_INTEGER,
      settings: {
        backoffStrategy: (made, _type, error) =>
          pauseBefore(
            schedule,
            made,
            error instanceof TryAgain ? error.retryAfterMs : undefined,
            Math.random(),
          ),
      },
    },
  );
  worker.on('error', onError);
  return worker;
}
