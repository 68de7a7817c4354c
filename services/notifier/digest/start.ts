/** Runs the digests: looks who is due from time to time, and sends from the queue. */
import { setTimeout as sleep } from 'node:timers/promises';
import { queues } from '@countersign/shared/keys';
import { Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import { workerOptions } from '../attempts/worker-options.ts';
import { redisNow } from '../clock.ts';
import { type DigestJob, openDigestQueue } from './digest-queue.ts';
import { type DigestClerk, queueDueDigests } from './due.ts';
import { type DigestSender, sendDigest } from './send-digest.ts';

export type DigestOptions = Omit<DigestSender, 'clock'> & {
  /** For work, which waits for Redis to come back. */
  working: Redis;
  /** For adding, which fails at once where Redis is away. */
  adding: Redis;
  onError: (error: unknown) => void;
  /** Work of a process that has not been heard of for so long is done by another, ms. */
  takeOverMs: number;
  /** Redis time in ms, unless a test has another. */
  clock?: () => Promise<number>;
  /** How often is looked who is due, ms. */
  everyMs?: number;
  /** The pause before a digest that failed is tried again, ms; it doubles each time. */
  pauseMs?: number;
};

/** With the pauses between them some half an hour: an older digest is of no use, the next one tells the same. */
const attempts = 6;

/** Starts them. */
export function startDigests(options: DigestOptions): { stop(): Promise<void> } {
  const { working, adding, onError, takeOverMs, everyMs = 30_000, pauseMs = 60_000, ...rest } = options;
  const clock = options.clock ?? (() => redisNow(rest.redis));
  const sender: DigestSender = { ...rest, clock };
  const queue = openDigestQueue(adding, onError);
  const clerk: DigestClerk = { ...sender, queue, everyMs, attempts, pauseMs };

  const worker = new Worker<DigestJob, string>(
    queues.digests,
    async (job) => {
      const number = job.attemptsMade + 1;
      const result = await sendDigest(sender, job.data, number, number >= attempts);
      // For BullMQ a failure is what is thrown; the reason is in the log.
      if (result === 'again') throw new Error(result);
      return result;
    },
    workerOptions({ redis: working, takeOverMs, concurrency: 2 }),
  );
  worker.on('error', onError);

  const stopping = new AbortController();
  const looking = (async () => {
    while (!stopping.signal.aborted) {
      await queueDueDigests(clerk).catch(onError);
      await sleep(everyMs, undefined, { signal: stopping.signal }).catch(() => {});
    }
  })();

  return {
    async stop() {
      stopping.abort();
      await looking;
      await worker.close();
      await queue.close();
    },
  };
}
