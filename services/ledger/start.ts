/** Wires the ledger: the feed of each workspace → its sealed log. */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { wakeable } from '@countersign/shared/feed';
import type { Fetch } from '@countersign/shared/http';
import { globalKeys, workspaceName } from '@countersign/shared/keys';
import { withSafeErrors } from '@countersign/shared/log';
import { type Outbound, outbound } from '@countersign/shared/outbound';
import { Redis } from 'ioredis';
import type { Logger } from 'pino';
import { keepAlerting } from './alerts/rounds.ts';
import { openBacktests } from './backtest/backtests.ts';
import { openDisk } from './disk/disk.ts';
import { lockFolder } from './disk/lock.ts';
import { openHistories } from './history/histories.ts';
import { ledgerApp } from './http/app.ts';
import { openMetrics } from './metrics/metrics.ts';
import { openSealedLog } from './reading/sealed-log.ts';
import { keepRetention } from './retention/rounds.ts';
import { LogDamaged, type Sealed } from './sealing/log.ts';
import { defineSealingScripts, sealFeed } from './sealing/sequencer.ts';
import { LogRefused } from './sealing/workspace-log.ts';
import { type Behind, openPublisher } from './witness/publisher.ts';
import { addressWitness, folderWitness, type Witness } from './witness/witness.ts';

export type LedgerOptions = {
  redisUrl: string;
  /** The folder of all logs, one below it for each workspace. */
  dir: string;
  logger: Logger;
  /** An event is sealed so long after it came at the latest, ms. */
  sealAfterMs?: number;
  /** How long one read waits for news, and how often new workspaces are looked for, ms. */
  readForMs?: number;
  /** How often it is looked for what policy keeps no longer, ms. */
  retainEveryMs?: number;
  /** How often it is looked for what leads are to be told of, ms. */
  alertEveryMs?: number;
  /** Where each checkpoint is brought, off this machine. */
  witnesses?: WitnessOptions;
};

export type WitnessOptions = {
  /** A second folder. */
  dir?: string;
  /** An address that takes checkpoints as POSTs, and what it wants to be sent besides. */
  url?: string;
  headers?: Record<string, string>;
  /** Lets the address be on this machine, over plain http too. */
  development?: boolean;
};

export type Health = {
  ok: boolean;
  redis: boolean;
  /** Workspaces that are not sealed, since when (ms) and why. */
  stuck: { workspace: string; since: number; error: string }[];
  /** Witnesses that do not have the newest checkpoint. It is brought to them as soon as they take it. */
  behind: Behind[];
};

export type Ledger = {
  /** Answers the ledger's calls over HTTP, of the folder as it is. */
  fetch: Fetch;
  health(): Health;
  /** What Prometheus reads. */
  metrics(): Promise<string>;
  /** Seals what it has read, then lets go of the folder. */
  stop(): Promise<void>;
};

/** A checkpoint is signed anew so often though nothing has happened, ms. */
const renewAfterMs = 600_000;
/** The pause after a failure: doubles from the first to the last, ms. */
const pauses = { first: 100, last: 5_000 };
/** A log that does not move for so long makes the process unhealthy, ms. */
const stuckAfterMs = 30_000;

/** How long an answer waits for Redis, ms. */
const answerWithinMs = 5_000;

/** An address has so long to take a checkpoint, ms. */
const witnessedWithinMs = 10_000;

function witnessesOf({ dir, url, headers = {} }: WitnessOptions, out: Outbound): Witness[] {
  return [
    ...(dir === undefined ? [] : [folderWitness(openDisk(dir))]),
    ...(url === undefined ? [] : [addressWitness(out, url, headers)]),
  ];
}

/** Starts sealing. Rejects with `FolderTaken` where another process does; with Redis away it waits for it. */
export async function startLedger(options: LedgerOptions): Promise<Ledger> {
  const { redisUrl, dir, sealAfterMs = 10_000, readForMs = 1_000, witnesses = {} } = options;
  const { retainEveryMs = 3_600_000, alertEveryMs = 20_000 } = options;
  const logger = withSafeErrors(options.logger);
  const unlock = await lockFolder(dir);
  const stopping = new AbortController();
  const { signal } = stopping;
  const connect = (): Redis => {
    const retryStrategy = (times: number) => (signal.aborted ? null : Math.min(times * 50, pauses.last));
    const connection = new Redis(redisUrl, { retryStrategy, maxRetriesPerRequest: null });
    connection.on('error', (error) => logger.error({ err: error }, 'redis failed'));
    defineSealingScripts(connection);
    return connection;
  };
  const redis = connect();
  /** For answers: what waits for Redis to come back keeps whoever asked waiting. */
  const asked = new Redis(redisUrl, {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    commandTimeout: answerWithinMs,
    retryStrategy: (times) => (signal.aborted ? null : Math.min(times * 50, pauses.last)),
  });
  asked.on('error', (error) => logger.warn({ err: error }, 'redis failed'));
  const out = outbound({ allowLoopback: witnesses.development === true, timeoutMs: witnessedWithinMs });
  const publisher = openPublisher(witnessesOf(witnesses, out), ({ workspace, witness, error }) => {
    logger.warn(
      { workspace, witness, error },
      'a witness did not take the newest checkpoint: it is tried again',
    );
  });
  const histories = openHistories(dir, logger);
  const backtests = openBacktests();
  // A caller's key has named it, so it is a workspace's name, and no way out of the folder.
  const folderOf = (workspace: string): string => join(dir, workspace);
  const failing = new Map<string, { since: number; error: string }>();
  const sealing = new Map<string, { connection: Redis; wake: (by: Redis) => void; done: Promise<void> }>();

  async function follow(workspace: string, connection: Redis): Promise<void> {
    // What was sealed before this process was there.
    histories.sealed(workspace);
    for (let ms = pauses.first; !signal.aborted; ms = Math.min(ms * 2, pauses.last)) {
      const disk = openDisk(join(dir, workspace));
      const onSealed = ({ size, checkpoint }: Sealed): void => {
        publisher.publish({ workspace, size, checkpoint });
        histories.sealed(workspace);
        failing.delete(workspace);
        ms = pauses.first;
      };
      try {
        await sealFeed({
          redis: connection,
          disk,
          workspace,
          sealAfterMs,
          renewAfterMs,
          readForMs,
          onSealed,
          signal,
        });
      } catch (error) {
        const told = error instanceof Error ? error.message : String(error);
        failing.set(workspace, { since: failing.get(workspace)?.since ?? Date.now(), error: told });
        const mended = error instanceof LogRefused || error instanceof LogDamaged;
        logger.error(
          { err: error, workspace },
          mended ? 'this log needs an operator' : 'sealing failed; it goes on',
        );
        await sleep(ms, undefined, { signal }).catch(() => {});
      }
    }
  }

  async function discover(): Promise<void> {
    const told = new Promise<[]>((resolve) => signal.addEventListener('abort', () => resolve([])));
    while (!signal.aborted) {
      // Not by its answer alone: a connection that is told to end while it tries to come back never gives one.
      const workspaces = await Promise.race([redis.smembers(globalKeys.workspaces), told]);
      for (const workspace of workspaces) {
        // A name is a folder's name as well.
        if (sealing.has(workspace) || signal.aborted || !workspaceName.test(workspace)) continue;
        const connection = connect();
        const wake = wakeable(connection);
        sealing.set(workspace, { connection, wake, done: follow(workspace, connection) });
      }
      await sleep(readForMs, undefined, { signal }).catch(() => {});
    }
  }
  const discovering = discover().catch((error) => {
    if (!signal.aborted) logger.error({ err: error }, 'workspaces could not be looked for');
  });

  const retaining = keepRetention({ redis: asked, dir, everyMs: retainEveryMs, logger, signal });
  const alerting = keepAlerting({
    redis: asked,
    historyOf: histories.of,
    everyMs: alertEveryMs,
    logger,
    signal,
  });

  function health(): Health {
    const stuck = [...failing].map(([workspace, failure]) => ({ workspace, ...failure }));
    const old = stuck.some(({ since }) => Date.now() - since > stuckAfterMs);
    const ready = redis.status === 'ready';
    return { ok: ready && !old, redis: ready, stuck, behind: publisher.behind() };
  }

  const metrics = openMetrics({
    workspaces: () => sealing.keys(),
    historyOf: histories.of,
    health,
    logger,
  });
  return {
    fetch: ledgerApp({
      redis: asked,
      logOf: (workspace) => openSealedLog(openDisk(folderOf(workspace))),
      historyOf: histories.of,
      backtests,
      folderOf,
      health,
      metrics: metrics.text,
      logger,
    }),
    health,
    metrics: metrics.text,
    async stop() {
      stopping.abort();
      for (const { wake } of sealing.values()) wake(redis);
      // With Redis away a command waits for it to come back: what is not sealed stays in the feed.
      const orderly = Promise.all([...sealing.values()].map(({ done }) => done));
      await Promise.race([orderly, sleep(readForMs + 5_000, undefined, { ref: false })]);
      await backtests.close();
      await publisher.stop();
      out.close();
      for (const { connection } of sealing.values()) connection.disconnect();
      redis.disconnect();
      asked.disconnect();
      await discovering;
      await Promise.all([retaining, alerting]);
      await histories.close();
      await unlock();
    },
  };
}
