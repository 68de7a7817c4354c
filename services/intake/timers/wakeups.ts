/**
 * BullMQ wakes intake when timers are due. A wake-up is only a hint: the truth is the index in Redis and Redis time,
 * so a job may be lost, late, early or doubled. Timers due in the same tenth of a second share one job, which keeps
 * the cost of a proposal near that of its commit.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { bullPrefix, queues } from '@countersign/shared/keys';
import { Queue, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import type { Logger } from 'pino';

/** Timers are rounded up to this many ms, so a wake-up is never early on the clock that scheduled it. */
const grain = 100;

/** The data of a wake-up: which workspace to look at. */
type WakeUp = { workspace: string };

export type WakeUps = {
  /** Schedules a wake-up for each time; `now` and times are Redis ms, whatever this machine's clock says. Returns at once. */
  schedule(workspace: string, dueTimes: number[], now: number): void;
  close(): Promise<void>;
};

/** Schedules wake-ups on `producer`; never waits for Redis and never throws, since the sweeper stands behind it. */
export function openWakeUps(producer: Redis, logger: Logger): WakeUps {
  const queue = new Queue<WakeUp>(queues.wakeups, {
    connection: producer,
    prefix: bullPrefix,
    defaultJobOptions: { removeOnComplete: true, removeOnFail: 100 },
  });
  queue.on('error', (error) => logger.warn({ err: error }, 'wake-up queue'));
  // Remembers what this process has scheduled, so that a burst with one timeout costs one job per tenth of a second.
  const scheduled = new Set<string>();
  return {
    schedule(workspace, dueTimes, now) {
      for (const time of dueTimes) {
        const due = Math.ceil(time / grain) * grain;
        const jobId = `${workspace}.${due}.wake`;
        if (scheduled.has(jobId)) continue;
        if (scheduled.size > 10_000) scheduled.clear();
        scheduled.add(jobId);
        queue.add('wake', { workspace }, { jobId, delay: Math.max(0, due - now) }).catch((error) => {
          scheduled.delete(jobId);
          logger.warn({ err: error }, 'a wake-up could not be scheduled; the sweeper will find the timer');
        });
      }
    },
    close: () => queue.close(),
  };
}

/** What a worker has in hand is given so long when it is closed, ms. */
const patienceMs = 2_000;

/** Runs `sweep` for the workspace of each wake-up. */
export function startWakeUpWorker(
  connection: Redis,
  sweep: (workspace: string) => Promise<void>,
  logger: Logger,
): { close(): Promise<void> } {
  const worker = new Worker<WakeUp>(queues.wakeups, async (job) => sweep(job.data.workspace), {
    connection,
    prefix: bullPrefix,
    concurrency: 8,
  });
  worker.on('error', (error) => logger.warn({ err: error }, 'wake-up worker'));
  return {
    async close() {
      // With Redis away BullMQ would wait for it to come back, and while it comes back for a connection that it has ended
      // itself. A sweep cut short is taken up by the next, as after a crash.
      const closed = worker.close(connection.status !== 'ready').then(() => true);
      if (await Promise.race([closed, sleep(patienceMs, false, { ref: false })])) return;
      worker.disconnect().catch(() => undefined);
    },
  };
}
