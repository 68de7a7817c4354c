/** Goes round: looks, workspace after workspace, whether there is something that leads should be told of. */
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { globalKeys, workspaceKeys, workspaceName } from '@countersign/shared/keys';
import { ALERTS, type Alerts, loadPolicySet, type PolicyFile } from '@countersign/shared/policy';
import type { Redis } from 'ioredis';
import type { Logger } from 'pino';
import type { History } from '../history/history.ts';
import { hourOf } from '../insights/cell.ts';
import { reconcile } from './reconcile.ts';
import { defineAlertScripts, readAlerts, writeChanges } from './record.ts';
import { findAll } from './watch.ts';

export type AlertRounds = {
  /** Fails fast: what is away is looked for again in the next round. */
  redis: Redis;
  historyOf: (workspace: string) => Promise<History | undefined>;
  everyMs: number;
  logger: Logger;
  signal: AbortSignal;
};

/** What the active policy of a workspace wants leads told of. With none that can be read, of everything. */
function alertsReader(redis: Redis): (workspace: string) => Promise<Alerts> {
  const known = new Map<string, { digest: string; alerts: Alerts }>();
  return async (workspace) => {
    const keys = workspaceKeys(workspace);
    const digest = await redis.hget(keys.state, 'policy');
    const cached = known.get(workspace);
    if (digest === null || cached?.digest === digest) return cached?.alerts ?? ALERTS;
    const text = await redis.get(keys.policy(digest));
    const loaded = text === null ? undefined : loadPolicySet(JSON.parse(text) as PolicyFile[]);
    if (!loaded?.ok) return ALERTS;
    known.set(workspace, { digest, alerts: loaded.set.alerts });
    return loaded.set.alerts;
  };
}

/** Redis' clock, ms. */
async function timeOf(redis: Redis): Promise<number> {
  const [seconds, micros] = await redis.time();
  return Number(seconds) * 1_000 + Math.floor(Number(micros) / 1_000);
}

/**
 * Looks once at one workspace, if anything was counted since it was looked at last, or an hour has begun: windows move by
 * hours. Counts that are behind the log are not judged, since half of them would say half of it.
 */
function looker({ redis, historyOf, logger }: AlertRounds): (workspace: string) => Promise<void> {
  const alertsOf = alertsReader(redis);
  const looked = new Map<string, string>();
  return async (workspace) => {
    const history = await historyOf(workspace);
    if (history === undefined) return;
    const { searched, sealed } = await history.progress();
    const now = await timeOf(redis);
    const alerts = await alertsOf(workspace);
    const seen = JSON.stringify([searched, hourOf(now), alerts]);
    if (searched === 0 || searched < sealed || looked.get(workspace) === seen) return;
    const known = await readAlerts(redis, workspace);
    const changes = reconcile(await findAll(history, alerts, now), known, alerts);
    for (const { id, kind, status } of await writeChanges(redis, workspace, changes, known, now))
      logger.info(
        { workspace, alert: id, kind },
        status === 'raised' ? 'an alert is raised' : 'an alert is over',
      );
    looked.set(workspace, seen);
  };
}

/** Goes round until it is told to stop. What fails is in the process's log, holds nothing else up, and comes again. */
export async function keepAlerting(rounds: AlertRounds): Promise<void> {
  const { redis, everyMs, logger, signal } = rounds;
  defineAlertScripts(redis);
  const look = looker(rounds);
  while (!signal.aborted) {
    // Right after a start it is not there yet, which is no failure.
    if (redis.status !== 'ready') await once(redis, 'ready', { signal }).catch(() => {});
    if (signal.aborted) break;
    const workspaces = await redis.smembers(globalKeys.workspaces).catch(() => []);
    for (const workspace of workspaces) {
      if (signal.aborted || !workspaceName.test(workspace)) continue;
      await look(workspace).catch((error: unknown) => {
        if (!signal.aborted)
          logger.warn({ err: error, workspace }, 'it could not be looked for alerts; the next round does');
      });
    }
    await sleep(everyMs, undefined, { signal }).catch(() => {});
  }
}
