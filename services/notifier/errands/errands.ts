/**
 * What admins ask for in the feed: replays, and tests of a destination. Jobs of their own queue, so that a replay of
 * thousands holds up neither the feed nor a single notice, and one that is cut short is done again.
 */
import type { FeedEvent } from '@countersign/shared/feed';
import { bullPrefix, queues } from '@countersign/shared/keys';
import { Queue, Worker } from 'bullmq';
import type { Redis } from 'ioredis';

/** Ids and times only. */
export type Errand = { workspace: string; event_id: string } & (
  | { kind: 'test'; destination: string }
  | { kind: 'replay'; destination: string; request_id?: string; since?: number }
);

export type Errands = {
  /** Queues what these events ask for. Doing it again adds nothing. */
  take(workspace: string, events: readonly FeedEvent[]): Promise<void>;
  close(): Promise<void>;
};

export type ErrandsOptions = {
  /** For adding: fails fast. */
  adding: Redis;
  working: Redis;
  /** Does one. Idempotent. */
  run: (errand: Errand) => Promise<void>;
  onError: (error: Error) => void;
  /** A job whose process has not been heard of for so long is given to another, ms. */
  takeOverMs: number;
};

/** How many are done at once: a long replay does not keep somebody's test waiting. */
const concurrency = 4;
/** How long finished ones stay, so that an event handed over twice finds it done, s. */
const keptFor = 86_400;

/** What an event asks for. */
export function errandOf(
  workspace: string,
  { id: event_id, type, data = {} }: FeedEvent,
): Errand | undefined {
  const { destination, request, since } = data;
  if (typeof destination !== 'string') return undefined;
  if (type === 'destination.test_requested') return { workspace, event_id, kind: 'test', destination };
  if (type !== 'delivery.replay_requested') return undefined;
  return {
    workspace,
    event_id,
    kind: 'replay',
    destination,
    ...(typeof request === 'string' ? { request_id: request } : {}),
    ...(typeof since === 'number' ? { since } : {}),
  };
}

/** Opens the queue and starts working. */
export function openErrands({ adding, working, run, onError, takeOverMs }: ErrandsOptions): Errands {
  const queue = new Queue<Errand>(queues.errands, { connection: adding, prefix: bullPrefix });
  const worker = new Worker<Errand>(queues.errands, ({ data }) => run(data), {
    connection: working,
    prefix: bullPrefix,
    concurrency,
    lockDuration: takeOverMs,
    stalledInterval: takeOverMs,
    maxStalledCount: Number.MAX_SAFE_INTEGER,
  });
  queue.on('error', onError);
  worker.on('error', onError);
  return {
    async take(workspace, events) {
      const errands = events.flatMap((event) => errandOf(workspace, event) ?? []);
      if (errands.length === 0) return;
      await queue.addBulk(
        errands.map((data) => ({
          name: data.kind,
          data,
          opts: {
            jobId: `${workspace}_${data.event_id}`,
            attempts: 3,
            backoff: { type: 'exponential', delay: 1_000 },
            removeOnComplete: { age: keptFor },
            removeOnFail: { age: keptFor },
          },
        })),
      );
    },
    async close() {
      await worker.close();
      await queue.close();
    },
  };
}
