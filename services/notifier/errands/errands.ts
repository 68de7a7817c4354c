/**
 * What the feed asks of the notifier besides telling of requests: replays and tests that admins want, and telling the
 * owners of a destination that it was disabled. Jobs of their own queue, so that a replay of thousands holds up neither
 * the feed nor a single notice, and one that is cut short is done again.
 */
import type { FeedEvent } from '@countersign/shared/feed';
import { bullPrefix, queues } from '@countersign/shared/keys';
import { type JobsOptions, Queue, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import { onSchedule, workerOptions } from '../attempts/worker-options.ts';

/** Ids and times only. */
export type Errand = { workspace: string; event_id: string; destination: string } & (
  | { kind: 'test' }
  | { kind: 'replay'; request_id?: string; since?: number }
  /** `at`: when it was disabled, Redis time in ms. */
  | { kind: 'tell_owner'; person: string; at: number }
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
  /** Who is told of a destination that was disabled. */
  owners: (workspace: string, destination: string) => Promise<string[]>;
  /**
   * Does one; what it throws is tried again. Idempotent.
   *
   * @param number the attempt's, from 1
   * @param last whether a failure is final
   */
  run: (errand: Errand, number: number, last: boolean) => Promise<void>;
  /** Pauses before each attempt to tell an owner, ms. */
  schedule: readonly number[];
  onError: (error: Error) => void;
  /** A job whose process has not been heard of for so long is given to another, ms. */
  takeOverMs: number;
};

/** How many are done at once: a long replay does not keep somebody's test waiting. */
const concurrency = 4;
/** How long finished ones stay, so that an event handed over twice finds it done, s. */
const keptFor = 86_400;

/** What an event asks for. */
async function errandsOf(
  workspace: string,
  { id: event_id, type, at, data = {} }: FeedEvent,
  owners: ErrandsOptions['owners'],
): Promise<Errand[]> {
  const { destination, request, since } = data;
  if (typeof destination !== 'string') return [];
  const errand = { workspace, event_id, destination };
  switch (type) {
    case 'destination.test_requested':
      return [{ ...errand, kind: 'test' }];
    case 'delivery.replay_requested': {
      const one = typeof request === 'string' ? { request_id: request } : {};
      return [{ ...errand, kind: 'replay', ...one, ...(typeof since === 'number' ? { since } : {}) }];
    }
    case 'destination.disabled': {
      const people = await owners(workspace, destination);
      return people.map((person) => ({ ...errand, kind: 'tell_owner', person, at }));
    }
    default:
      return [];
  }
}

/**
 * An owner is told on the schedule of notices, and what a test put up is taken down on it; what an admin waits for is
 * done now or not at all.
 */
function optionsOf(errand: Errand, schedule: readonly number[]): JobsOptions {
  const { workspace, event_id, kind } = errand;
  const name = `${workspace}_${event_id}`;
  const scheduled: JobsOptions = { attempts: schedule.length, backoff: { type: 'schedule' } };
  const tried: JobsOptions =
    kind === 'tell_owner'
      ? { jobId: `${name}_${errand.person}`, ...scheduled }
      : kind === 'test'
        ? { jobId: name, ...scheduled }
        : { jobId: name, attempts: 3, backoff: { type: 'exponential', delay: 1_000 } };
  return { ...tried, removeOnComplete: { age: keptFor }, removeOnFail: { age: keptFor }, stackTraceLimit: 1 };
}

/** Opens the queue and starts working. */
export function openErrands(options: ErrandsOptions): Errands {
  const { adding, working, owners, run, schedule, onError, takeOverMs } = options;
  const queue = new Queue<Errand>(queues.errands, { connection: adding, prefix: bullPrefix });
  const worker = new Worker<Errand>(
    queues.errands,
    ({ data, attemptsMade, opts: { attempts = 1 } }) =>
      run(data, attemptsMade + 1, attemptsMade + 1 >= attempts),
    { ...workerOptions({ redis: working, takeOverMs, concurrency }), settings: onSchedule(schedule) },
  );
  queue.on('error', onError);
  worker.on('error', onError);
  return {
    async take(workspace, events) {
      const found = await Promise.all(events.map((event) => errandsOf(workspace, event, owners)));
      const errands = found.flat();
      if (errands.length === 0) return;
      await queue.addBulk(
        errands.map((data) => ({ name: data.kind, data, opts: optionsOf(data, schedule) })),
      );
    },
    async close() {
      await worker.close();
      await queue.close();
    },
  };
}
