/** Wires the notifier: feed → dispatch → queue → worker → channels. */
import { setTimeout as sleep } from 'node:timers/promises';
import { signingKeyOf, vapidKeys, webhookKeys } from '@countersign/shared/directory';
import { consumeFeeds } from '@countersign/shared/feed';
import { withSafeErrors } from '@countersign/shared/log';
import { outbound } from '@countersign/shared/outbound';
import { Redis } from 'ioredis';
import type { Logger } from 'pino';
import { announceChannels } from './announce.ts';
import { readBacklog } from './attempts/backlog.ts';
import type { Deliverer } from './attempts/deliver.ts';
import { defineFailingScript } from './attempts/failing.ts';
import { definePaceScript } from './attempts/pace.ts';
import { openQueue } from './attempts/queue.ts';
import { standardSchedule } from './attempts/schedule.ts';
import { startWorker } from './attempts/worker.ts';
import { makeChannels } from './channels/index.ts';
import { makeMailer } from './channels/mailer.ts';
import { channelsSetUp, type Settings } from './channels/settings.ts';
import { redisNow } from './clock.ts';
import { startDigests } from './digest/start.ts';
import { dispatchAlerts } from './dispatch/alerts.ts';
import { directoryReader } from './dispatch/directory.ts';
import { dispatch } from './dispatch/dispatch.ts';
import { startSweeper } from './dispatch/sweeper.ts';
import { defineUnheardScript } from './dispatch/unheard.ts';
import { openErrands } from './errands/errands.ts';
import { ownersToTell } from './errands/owners.ts';
import { replay } from './errands/replay.ts';
import { tellOwner } from './errands/tell-owner.ts';
import { sendTest } from './errands/test-notice.ts';
import { notifierMetrics } from './metrics.ts';
import { defineRecordScripts } from './record/record.ts';
import { defineLookAgainScript } from './record/wanted.ts';
import type { TraceSettings } from './traces/settings.ts';
import { openTraces } from './traces/start.ts';

export type NotifierOptions = {
  redisUrl: string;
  /** Lets notices go to this machine, over plain http too. */
  development: boolean;
  logger: Logger;
  /** Whom push services may write to: `mailto:` or `https:`. Apple's refuses pushes without a real one. */
  vapidSubject?: string;
  /** Pauses before each attempt, ms. */
  retrySchedule?: readonly number[];
  /** Deadline of one attempt, ms. */
  attemptTimeoutMs?: number;
  /** Work of a process that has not been heard of for so long is done by another, ms. */
  takeOverMs?: number;
  /** What the installation sends with, and the address that messages link to. */
  settings?: Settings;
  /** Where the waits of traced requests are exported to as spans. Absent: none are made. */
  traces?: TraceSettings | undefined;
};

export type Health = {
  ok: boolean;
  redis: boolean;
  /** Workspaces whose feed does not move. */
  stuck: { workspace: string; since: number; error: string }[];
};

export type Notifier = {
  /** Takes no more work, lets attempts under way end, then closes everything. */
  stop(): Promise<void>;
  health(): Promise<Health>;
  /** Prometheus text. */
  metrics(): Promise<string>;
};

/** Paths under which a secret could come into a log line by mistake: for the logger's `redact`. */
export const logRedaction = ['secret', 'headers', 'url', 'endpoint', 'token', 'keys', 'args'].flatMap(
  (name) => [name, `*.${name}`],
);

/** A feed that has not moved for so long makes the process unhealthy, ms. */
const stuckAfterMs = 30_000;

/** Starts the notifier; resolves once it works. With Redis away it waits for it. */
export async function startNotifier(options: NotifierOptions): Promise<Notifier> {
  const {
    redisUrl,
    development,
    retrySchedule = standardSchedule,
    attemptTimeoutMs = 15_000,
    takeOverMs = 10_000,
    settings = {},
  } = options;
  // An error of Redis carries the command that failed, arguments and all (law 12).
  const logger = withSafeErrors(options.logger);
  const onError = (error: unknown) => logger.error({ err: error }, 'redis or the queue failed');

  // Work under way waits for Redis to come back; adding to the queue fails at once and is done again from the feed.
  let stopping = false;
  const retryStrategy = (times: number): number | null => (stopping ? null : Math.min(times * 50, 2_000));
  const redis = new Redis(redisUrl, {
    retryStrategy,
    maxRetriesPerRequest: null,
    // What is routed is read and noted in one breath.
    enableAutoPipelining: true,
  });
  // Not so attempts: the first answers of a breath come when its last ones do, and every attempt would wait for all.
  const working = new Redis(redisUrl, { retryStrategy, maxRetriesPerRequest: null });
  const adding = new Redis(redisUrl, { retryStrategy, enableOfflineQueue: false, maxRetriesPerRequest: 1 });
  const connections = [redis, working, adding];
  for (const connection of connections) connection.on('error', onError);
  for (const connection of [redis, working]) defineRecordScripts(connection);
  definePaceScript(working);
  defineFailingScript(working);
  defineUnheardScript(redis);
  defineLookAgainScript(redis);

  const queue = openQueue(adding, onError);
  const metrics = notifierMetrics(() => readBacklog(queue));
  const directory = directoryReader(redis, (workspace, digest) => {
    logger.error({ workspace, digest }, 'the active policy does not load: groups that it names get no push');
  });
  const out = outbound({ allowLoopback: development, timeoutMs: attemptTimeoutMs });
  const mailer = settings.mail && makeMailer({ ...settings.mail, timeoutMs: attemptTimeoutMs });
  const vapid = await vapidKeys(redis);
  const channels = makeChannels(
    redis,
    out,
    mailer,
    { ...vapid, subject: options.vapidSubject ?? vapid.subject },
    signingKeyOf(await webhookKeys(redis)),
    settings,
  );
  const deliverer: Deliverer = {
    redis: working,
    directory,
    channels,
    settings,
    metrics,
    logger,
    leaseMs: attemptTimeoutMs * 1.5,
  };

  const worker = startWorker({ redis: working, deliverer, schedule: retrySchedule, takeOverMs, onError });
  const attempts = retrySchedule.length;
  const can = channelsSetUp(settings);
  const announced = await announceChannels(redis, can, onError);
  const dispatcher = { redis, directory, queue, metrics, logger, attempts, can };
  const teller = { redis, directory, mailer, settings, metrics, logger, clock: () => redisNow(redis) };
  const errands = openErrands({
    adding,
    working,
    takeOverMs,
    onError,
    schedule: retrySchedule,
    owners: (workspace, destination) => ownersToTell(redis, logger, workspace, destination),
    async run(errand, number, last) {
      const { workspace, event_id, destination, kind } = errand;
      if (kind === 'test') return sendTest(deliverer, workspace, event_id, destination, last);
      if (kind === 'tell_owner') {
        const told = await tellOwner(teller, errand, number, last);
        // For BullMQ a failure is what is thrown; the reason is in the log.
        if (told === 'again') throw new Error(told);
        return;
      }
      const { request_id, since = 0 } = errand;
      const wish = request_id === undefined ? { destination, since } : { destination, request_id };
      const queued = await replay(dispatcher, workspace, event_id, wish);
      logger.info({ workspace, destination, event_id, queued }, 'replay queued');
    },
  });
  const traces =
    options.traces &&
    (await openTraces({
      redis,
      adding,
      working,
      directory,
      settings: options.traces,
      metrics,
      logger,
      onError,
      takeOverMs,
    }));
  const sweeper = startSweeper({
    redis,
    adding,
    queue,
    attempts,
    metrics,
    logger,
    everyMs: takeOverMs,
    onError,
  });
  const feeds = consumeFeeds({
    redis,
    group: 'notifier',
    handle: async (workspace, events) => {
      await Promise.all([
        dispatch(dispatcher, workspace, events),
        dispatchAlerts(dispatcher, workspace, events),
        errands.take(workspace, events),
        traces?.take(workspace, events),
      ]);
    },
    onError: (error, workspace) =>
      logger.error({ err: error, workspace }, 'the feed could not be read or dispatched'),
    takeOverMs,
  });
  const digests =
    mailer &&
    startDigests({
      redis,
      directory,
      mailer,
      settings,
      metrics,
      logger,
      working,
      adding,
      onError,
      takeOverMs,
    });
  await worker.waitUntilReady();

  return {
    async stop() {
      stopping = true;
      announced.stop();
      const orderly = async (): Promise<void> => {
        await Promise.all([feeds.stop(), sweeper.stop()]);
        await Promise.all([worker.close(), errands.close(), traces?.close()]);
        await digests?.stop();
        await queue.close();
      };
      // With Redis away connections end instead of coming back, and BullMQ may wait for one that has ended.
      const patience = redis.status === 'ready' ? attemptTimeoutMs + 5_000 : 1_000;
      await Promise.race([orderly().catch(onError), sleep(patience, undefined, { ref: false })]);
      out.close();
      for (const connection of connections) connection.disconnect();
    },
    async health() {
      const ready = redis.status === 'ready';
      const stuck = feeds.stuck();
      const old = stuck.some(({ since }) => Date.now() - since > stuckAfterMs);
      return { ok: ready && worker.isRunning() && !old, redis: ready, stuck };
    },
    metrics: () => metrics.text(),
  };
}
