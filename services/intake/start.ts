/** Wires intake together and runs it until it is stopped. */

import { workspaceOfKey } from '@countersign/shared/access';
import { vapidKeys } from '@countersign/shared/directory';
import type { Fetch } from '@countersign/shared/http';
import { withSafeErrors } from '@countersign/shared/log';
import { outbound } from '@countersign/shared/outbound';
import { serve } from '@hono/node-server';
import type { Redis } from 'ioredis';
import type { Logger } from 'pino';
import { ensureKey } from './access/keys.ts';
import { startCanaries } from './canaries/scheduler.ts';
import { openContinuity, settleAll } from './continuity/continuity.ts';
import { sealedTailIn } from './continuity/sealed-tail.ts';
import { stuckConsumers, trimFeeds } from './feed-health.ts';
import { intakeApp } from './http/app.ts';
import { openWakeHub } from './live/wake.ts';
import { openMetrics } from './metrics.ts';
import type { Service } from './requests/service.ts';
import { startSigningKeeper } from './signing/keeper.ts';
import { checkRedis, connectForBackground, connectForCommands } from './store/connect.ts';
import { redisTime } from './store/redis-time.ts';
import { sweepPending } from './timers/freeze-sweep.ts';
import { startSweeper, sweep } from './timers/sweeper.ts';
import { openWakeUps, startWakeUpWorker } from './timers/wakeups.ts';
import { narrowWindows } from './timers/window.ts';
import { watchPolicies } from './workspace/policy-files.ts';
import { openWorkspaces, unreadablePolicies } from './workspace/workspaces.ts';

export type IntakeOptions = {
  redisUrl: string;
  /** Directory of policies; it must load. */
  policiesDir: string;
  host?: string;
  /** 0: any free port. */
  port: number;
  /** `iss` of tokens. All intakes of an installation share it. */
  issuer?: string;
  /** Text of an admin key that must exist: how a new installation gets its first. `cs_<workspace>_<secret>`. */
  adminKey?: string;
  /** Accept a Redis that may evict or has no append-only file. */
  unsafeRedis?: boolean;
  /** How often policy files are looked at, ms. */
  policyPollMs?: number;
  /** Folder of the built web page, served under `/app/`; none is served when absent. */
  webDir?: string;
  /** Where the ledger keeps its logs: with it, intake notices when Redis has lost what was sealed. */
  ledgerDir?: string;
  /** Lets Slack be a peer on this machine, over plain http too. */
  development?: boolean;
  /** Answers the ledger's calls, where it runs in this process. */
  ledger?: Fetch;
  /** Metrics of other services in this process, appended to `/metrics`. */
  moreMetrics?: () => Promise<string>;
  logger: Logger;
};

export type Intake = {
  url: string;
  /** Answers what is under way, then closes. */
  stop(): Promise<void>;
};

const version = '1.0.0';
const trimEveryMs = 60_000;
/** What opens a form in Slack is good for three seconds. */
const slackTimeoutMs = 2_000;

/** The first admin of an installation is called `admin`; they make everyone else. */
async function ensureAdminKey(redis: Redis, text: string): Promise<void> {
  const workspace = workspaceOfKey(text);
  if (workspace === undefined) {
    throw new AdminKeyUnusable(
      'ADMIN_KEY must read cs_<workspace>_<secret>, with at least 32 letters, digits, - or _ as its secret.',
    );
  }
  await ensureKey(redis, workspace, text, { roles: ['admin'], owner: 'admin' });
}

/** The given admin key cannot be one. */
export class AdminKeyUnusable extends Error {
  override name = 'AdminKeyUnusable';
}

/**
 * Starts intake. Rejects with `PolicyDoesNotLoad` or `UnsafeRedis`, whose messages say what to do, or with what
 * Redis or the port refused.
 */
export async function startIntake(options: IntakeOptions): Promise<Intake> {
  const { redisUrl } = options;
  const logger = withSafeErrors(options.logger);
  const redis = connectForCommands(redisUrl, logger);
  const background = connectForBackground(redisUrl, logger);
  const subscriber = connectForBackground(redisUrl, logger);
  // BullMQ's producer fails fast as well: a wake-up that cannot be queued is the sweeper's to find.
  const producer = connectForCommands(redisUrl, logger);
  const closing: (() => Promise<unknown> | unknown)[] = [];
  const close = async (): Promise<void> => {
    for (const step of closing.reverse()) await step();
    for (const connection of [redis, background, subscriber, producer]) connection.disconnect();
  };

  try {
    await Promise.all([redis.connect(), producer.connect()]);
    if (options.unsafeRedis !== true) await checkRedis(redis);
    const watch = await watchPolicies(redis, options.policiesDir, logger, options.policyPollMs);
    closing.push(() => watch.stop());
    const keeper = await startSigningKeeper(redis, logger);
    closing.push(() => keeper.stop());
    const { ledgerDir } = options;
    const continuity = openContinuity(redis, ledgerDir === undefined ? undefined : sealedTailIn(ledgerDir));
    await settleAll(redis, continuity);

    if (options.adminKey !== undefined) await ensureAdminKey(redis, options.adminKey);

    const wakeUps = openWakeUps(producer, logger);
    closing.push(() => wakeUps.close());
    const service: Service = {
      redis,
      workspaces: openWorkspaces(redis, continuity),
      hub: openWakeHub(subscriber, logger),
      issuer: options.issuer ?? 'countersign',
      onTimers: (workspace, times, now) => wakeUps.schedule(workspace, times, now),
      onFreeze: (workspace) => {
        sweepPending(service, workspace).catch((error) =>
          logger.warn({ err: error }, 'freeze sweep cut short'),
        );
      },
    };
    const worker = startWakeUpWorker(
      background,
      async (workspace) => void (await sweep(service, workspace)),
      logger,
    );
    closing.push(() => worker.close());
    const sweeper = startSweeper(service, logger);
    closing.push(() => sweeper.stop());
    const canaries = startCanaries(service, logger);
    closing.push(() => canaries.stop());
    const trimming = setInterval(() => {
      redis
        .time()
        .then((clock) => trimFeeds(redis, redisTime(clock)))
        .catch((error) => logger.warn({ err: error }, 'the feed was not trimmed'))
        .then(() => narrowWindows(service))
        .catch((error) => logger.warn({ err: error }, 'requests past their time were not removed'));
    }, trimEveryMs);
    closing.push(() => clearInterval(trimming));

    const metrics = openMetrics(redis, {
      waiting: service.hub.listeners,
      policyProblems: () => watch.failures().reduce((sum, { problems }) => sum + problems.length, 0),
    });
    const out = outbound({ allowLoopback: options.development === true, timeoutMs: slackTimeoutMs });
    closing.push(() => out.close());
    const fetch = intakeApp({
      webDir: options.webDir,
      ledger: options.ledger,
      service,
      vapidPublicKey: (await vapidKeys(redis)).publicKey,
      out,
      logger,
      onCall: metrics.onCall,
      operations: {
        version,
        notReady: async () => {
          const [stuck, unread] = await Promise.all([
            stuckConsumers(redis),
            unreadablePolicies(redis, service.workspaces),
          ]);
          return [...stuck, ...unread];
        },
        metrics: async () => `${await metrics.text()}${(await options.moreMetrics?.()) ?? ''}`,
      },
    });
    const host = options.host ?? '127.0.0.1';
    const { server, port } = await new Promise<{ server: ReturnType<typeof serve>; port: number }>(
      (resolve, reject) => {
        const server = serve({ fetch, hostname: host, port: options.port }, (info) =>
          resolve({ server, port: info.port }),
        );
        server.once('error', reject);
        // Longer than a proxy in front keeps its own, so that none sends on a connection that is just being closed.
        if ('keepAliveTimeout' in server) server.keepAliveTimeout = 75_000;
      },
    );
    closing.push(
      () =>
        new Promise<void>((resolve) => {
          server.close(() => resolve());
          // Long polls and streams would keep the server open; their clients come back and resume.
          if ('closeAllConnections' in server) setTimeout(() => server.closeAllConnections(), 1000).unref();
        }),
    );
    const shown = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
    const url = `http://${shown.includes(':') ? `[${shown}]` : shown}:${port}`;
    logger.info({ url }, 'intake is ready');
    return { url, stop: close };
  } catch (error) {
    await close();
    throw error;
  }
}
