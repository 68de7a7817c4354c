/**
 * Makes jobs again that the queue has lost: what is to be delivered is in the workspace's own keys, and BullMQ's, which
 * may lie on another machine, say only when.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { globalKeys } from '@countersign/shared/keys';
import type { Redis } from 'ioredis';
import type { Logger } from 'pino';
import { type DeliveryJob, type DeliveryQueue, jobIdOf, jobOptions } from '../attempts/queue.ts';
import type { Metrics } from '../metrics.ts';
import type { DeliveryName } from '../record/record.ts';
import { lookAgain } from '../record/wanted.ts';
import { isBuilt } from './dispatch.ts';

export type Sweep = {
  redis: Redis;
  /** Where jobs are. Fails fast. */
  adding: Redis;
  queue: DeliveryQueue;
  /** Attempts that a delivery is given. */
  attempts: number;
  metrics: Metrics;
  logger: Logger;
};

/** How many deliveries one look takes at most. */
const most = 500;
/** A delivery that is in the queue is looked at again after so many times the wait before it was looked at first. */
const seldom = 6;

/** The job that `nameOf` names. Undefined where this process knows no such channel: another may. */
function jobNamed({ destination, ...name }: DeliveryName): DeliveryJob | undefined {
  const dash = destination.indexOf('-');
  const channel = destination.slice(0, dash);
  return isBuilt(channel) ? { ...name, channel, id: destination.slice(dash + 1) } : undefined;
}

/** Those of them that the queue does not have. */
async function missing({ adding, queue }: Sweep, jobs: readonly DeliveryJob[]): Promise<DeliveryJob[]> {
  const known = await Promise.all(jobs.map((job) => adding.exists(queue.toKey(jobIdOf(job)))));
  return jobs.filter((_, index) => known[index] === 0);
}

/**
 * Looks over what a workspace wants delivered and has wanted for `firstMs`, and queues what is not in the queue, as it
 * was. Its schedule begins again: how often it was tried was known to the queue alone. Returns how many that were.
 */
export async function sweep(sweeping: Sweep, workspace: string, firstMs: number): Promise<number> {
  const { redis, queue, attempts, metrics, logger } = sweeping;
  const look = { firstMs, laterMs: firstMs * seldom, most };
  let made = 0;
  for (let more = true; more; ) {
    const found = await lookAgain(redis, workspace, look);
    more = found.more;
    const jobs = found.names.flatMap((name) => jobNamed(name) ?? []);
    const lost = await missing(sweeping, jobs);
    if (lost.length === 0) continue;
    await queue.addBulk(lost.map((data) => ({ name: data.channel, data, opts: jobOptions(data, attempts) })));
    logger.warn(
      { workspace, deliveries: lost.length },
      'the queue had lost deliveries: they are queued again',
    );
    metrics.requeued(lost.length);
    made += lost.length;
  }
  return made;
}

/** Sweeps every workspace every so often, until it is stopped. */
export function startSweeper(sweeping: Sweep & { everyMs: number; onError: (error: unknown) => void }): {
  stop(): Promise<void>;
} {
  const { redis, everyMs, onError } = sweeping;
  const stopping = new AbortController();
  async function pass(): Promise<void> {
    for (const workspace of await redis.smembers(globalKeys.workspaces)) {
      if (stopping.signal.aborted) return;
      await sweep(sweeping, workspace, everyMs * 3);
    }
  }
  const looking = (async () => {
    while (!stopping.signal.aborted) {
      await pass().catch(onError);
      await sleep(everyMs, undefined, { signal: stopping.signal }).catch(() => {});
    }
  })();
  return {
    async stop() {
      stopping.abort();
      await looking;
    },
  };
}
