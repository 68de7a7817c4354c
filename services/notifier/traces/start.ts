/**
 * Exports the waits of traced requests: notes what happens meanwhile, queues the span when it is over, sends it. An
 * endpoint that is away holds up neither the feed nor a notice, and a span is given up after an hour.
 */
import type { FeedEvent } from '@countersign/shared/feed';
import { bullPrefix, queues, workspaceKeys } from '@countersign/shared/keys';
import type { RequestRecord } from '@countersign/shared/request';
import { type JobsOptions, Queue, UnrecoverableError, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import type { Logger } from 'pino';
import { onSchedule, workerOptions } from '../attempts/worker-options.ts';
import type { DirectoryReader } from '../dispatch/directory.ts';
import type { Metrics } from '../metrics.ts';
import { type Exported, openExporter } from './exporter.ts';
import { endsWait, letGoOfNoted, note, notedOf, readNoted } from './noted.ts';
import type { TraceSettings } from './settings.ts';
import { isTraced, isWaitOver, spanOf, type WaitSpan } from './span.ts';

/** Ids only (law 12). */
type TraceJob = { workspace: string; request_id: string };

export type Traces = {
  /** Notes what these events tell, and queues the spans of what they end. Doing it again adds nothing. */
  take(workspace: string, events: readonly FeedEvent[]): Promise<void>;
  /** Lets the exports under way end. */
  close(): Promise<void>;
};

export type TracesOptions = {
  redis: Redis;
  /** For adding: fails fast. */
  adding: Redis;
  working: Redis;
  directory: DirectoryReader;
  settings: TraceSettings;
  metrics: Metrics;
  logger: Logger;
  onError: (error: Error) => void;
  /** A job whose process has not been heard of for so long is given to another, ms. */
  takeOverMs: number;
};

/** Pauses before each attempt, ms. The first leaves other notifiers time to note what they have read. */
const usualSchedule: readonly number[] = [2_000, 10_000, 60_000, 300_000, 900_000, 2_400_000];
/** After a failure the endpoint is left alone for so long, ms: a thousand spans are not a thousand time-outs. */
const longestRest = 5_000;
const resting = 'endpoint_rests';
/** How many are sent at once. */
const concurrency = 8;
/** How long finished jobs stay, so that an event handed over twice finds its own done, s. */
const keptFor = 3_600;

/** Opens the queue and starts working. */
export async function openTraces(options: TracesOptions): Promise<Traces> {
  const { redis, adding, working, directory, settings, metrics, logger, onError, takeOverMs } = options;
  const { schedule = usualSchedule } = settings;
  const exporter = await openExporter(settings);
  const queue = new Queue<TraceJob>(queues.traces, { connection: adding, prefix: bullPrefix });
  const rest = Math.min(longestRest, schedule[1] ?? longestRest);
  let restsUntil = 0;

  async function recordOf(workspace: string, id: string): Promise<RequestRecord | undefined> {
    const text = await redis.hget(workspaceKeys(workspace).request(id), 'record');
    return text === null ? undefined : (JSON.parse(text) as RequestRecord);
  }

  async function waitOf({ workspace, request_id }: TraceJob): Promise<WaitSpan | undefined> {
    const [record, noted, { everyone }] = await Promise.all([
      recordOf(workspace, request_id),
      readNoted(redis, workspace, request_id),
      directory.directory(workspace),
    ]);
    const groupsOf = (person: string) => everyone.get(person) ?? new Set<string>();
    const { namesReviewers } = settings;
    return record && spanOf(record, { noted, groupsOf, namesReviewers, resource: exporter.resource });
  }

  async function send(span: WaitSpan): Promise<Exported> {
    if (performance.now() < restsUntil) return { ok: false, code: resting, again: true };
    const exported = await exporter.send(span);
    if (!exported.ok && exported.again) restsUntil = performance.now() + rest;
    return exported;
  }

  function optionsOf({ workspace, request_id }: TraceJob): JobsOptions {
    return {
      jobId: `${workspace}_${request_id}`,
      delay: schedule[0] ?? 0,
      attempts: schedule.length,
      backoff: { type: 'schedule' },
      removeOnComplete: { age: keptFor },
      removeOnFail: { age: keptFor },
      stackTraceLimit: 1,
    };
  }

  const worker = new Worker<TraceJob, string>(
    queues.traces,
    async ({ data, attemptsMade }) => {
      const span = await waitOf(data);
      if (span === undefined) return 'nothing_to_export';
      const exported = await send(span);
      if (exported.ok) {
        metrics.span('exported');
        return 'exported';
      }
      const { code, again } = exported;
      const attempt = attemptsMade + 1;
      const dropped = !again || attempt >= schedule.length;
      if (dropped || code !== resting) {
        metrics.span(dropped ? 'dropped' : 'failed');
        const what = dropped
          ? 'a span could not be exported and is given up'
          : 'a span could not be exported yet';
        logger.warn({ ...data, code, attempt }, what);
      }
      // For BullMQ a failure is what is thrown.
      throw dropped ? new UnrecoverableError(code) : new Error(code);
    },
    { ...workerOptions({ redis: working, takeOverMs, concurrency }), settings: onSchedule(schedule) },
  );
  queue.on('error', onError);
  worker.on('error', onError);

  return {
    async take(workspace, events) {
      const told = events
        .map((event) => ({ ...event, noted: notedOf(event), ends: endsWait(event) }))
        .filter(({ noted, ends }) => noted !== undefined || ends);
      const ids = new Set(told.flatMap(({ request_id }) => request_id ?? []));
      if (ids.size === 0) return;
      const records = await Promise.all([...ids].map((id) => recordOf(workspace, id)));
      const traced = new Map(
        records.flatMap((record): [string, RequestRecord][] =>
          record !== undefined && isTraced(record) ? [[record.id, record]] : [],
        ),
      );
      const about = told.flatMap(({ request_id, ...each }) => {
        const record = request_id === undefined ? undefined : traced.get(request_id);
        return record === undefined ? [] : [{ record, ...each }];
      });
      // Noted before it is queued: whoever exports it finds what happened before the end.
      await Promise.all(about.map(({ record, id, noted }) => noted && note(redis, record, id, noted)));
      const ended = about.filter(({ record, ends }) => ends && isWaitOver(record));
      const over = new Map(ended.map(({ record }) => [record.id, record]));
      if (over.size === 0) return;
      await Promise.all([...over.values()].map((record) => letGoOfNoted(redis, record)));
      const jobs = [...over.keys()].map((id): TraceJob => ({ workspace, request_id: id }));
      await queue.addBulk(jobs.map((data) => ({ name: 'span', data, opts: optionsOf(data) })));
    },
    async close() {
      await worker.close();
      await queue.close();
      exporter.close();
    },
  };
}
