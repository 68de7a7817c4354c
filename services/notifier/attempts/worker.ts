/** Runs deliveries from the queue: BullMQ says when, lanes say whether there is a place, the delivery record and pace whether now, and whether at all. */
import { queues } from '@countersign/shared/keys';
import { DelayedError, ErrorCode, type Job, UnrecoverableError, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import { type Deliverer, deliver } from './deliver.ts';
import { openLanes } from './lanes.ts';
import { type DeliveryJob, jobIdOf, nameOf } from './queue.ts';
import { onSchedule, workerOptions } from './worker-options.ts';

export type WorkerOptions = {
  redis: Redis;
  deliverer: Deliverer;
  schedule: readonly number[];
  /** A job whose process has not been heard of for so long is given to another, ms. */
  takeOverMs: number;
  onError: (error: Error) => void;
};

/** How many deliveries one process has in hand at once. They wait for peers, not for this machine. */
const concurrency = 200;
/** How soon a delivery looks again that another process's must go before: at first, and at last, ms. */
const looks = { first: 100, last: 2_000 };
/** One that waits for its destination looks at least so often: an admin may have changed it meanwhile, ms. */
const longestMs = 60_000;
/** A destination that takes longer is given fewer places, ms. */
const quickMs = 1_000;

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
  const lanes = openLanes(concurrency);

  /** Puts a job back for so long. It is no attempt. */
  async function putBack(job: Job<DeliveryJob, string>, token: string | undefined, ms: number) {
    await job.moveToDelayed(Date.now() + ms, token);
    return new DelayedError();
  }

  /** Calls a job that was put back; `false` where it is not: it has come by itself, to whichever process. */
  function call(job: Job<DeliveryJob, string>): Promise<boolean> {
    return job.promote().then(
      () => true,
      (error: Error) => {
        const cameByItself = 'code' in error && error.code === ErrorCode.JobNotInState;
        if (!cameByItself) onError(error);
        return !cameByItself;
      },
    );
  }

  async function run(job: Job<DeliveryJob, string>, token: string | undefined): Promise<string> {
    const { workspace, event_id } = job.data;
    const { destination, request_id } = nameOf(job.data);
    const number = job.attemptsMade + 1;
    const lane = `${workspace}/${destination}`;
    const names = {
      destination: lane,
      request: `${lane}/${request_id}`,
      event: event_id,
      job: jobIdOf(job.data),
    };
    const entry = await lanes.enter(names);
    if (!entry.placed) {
      // Should nobody call it, because this process has died, it looks by itself: some later than others, not all at once.
      const aside = await putBack(job, token, takeOverMs * (1 + Math.random()));
      // Only now is it where it can be called back from.
      lanes.callBack(entry.lane, names, () => call(job));
      throw aside;
    }
    let well: boolean | undefined = false;
    try {
      const begun = performance.now();
      const result = await deliver(deliverer, job.data, number, number >= schedule.length);
      // One that waits for its turn or its moment has learnt nothing about the destination.
      well =
        result.next === 'wait' ? undefined : result.next === 'finish' && performance.now() - begun < quickMs;
      switch (result.next) {
        case 'finish':
          return result.why;
        case 'wait': {
          if (result.ms !== undefined) throw await putBack(job, token, Math.min(result.ms, longestMs));
          const looked = Math.max(0, job.attemptsStarted - number);
          throw await putBack(job, token, Math.min(looks.first * 2 ** looked, looks.last));
        }
        case 'retry':
          throw new TryAgain(result.code, result.retry_after_ms);
        case 'give_up':
          throw new UnrecoverableError(result.code);
      }
    } finally {
      entry.leave(well);
    }
  }

  const worker = new Worker<DeliveryJob, string>(queues.deliveries, run, {
    ...workerOptions({ redis, takeOverMs, concurrency }),
    settings: onSchedule(schedule, (error) => (error instanceof TryAgain ? error.retryAfterMs : undefined)),
  });
  worker.on('error', onError);
  return worker;
}
