/** Goes round: asks, workspace after workspace, for the erasure of what is past its time. */
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { globalKeys, workspaceName } from '@countersign/shared/keys';
import type { Redis } from 'ioredis';
import type { Logger } from 'pino';
import { openDisk } from '../disk/disk.ts';
import { askToErase } from './retention.ts';

export type RoundsOptions = {
  /** Fails fast: what is away is looked for again in the next round. */
  redis: Redis;
  /** The folder of all logs. */
  dir: string;
  everyMs: number;
  logger: Logger;
  signal: AbortSignal;
};

/** Goes round until it is told to stop. What fails is in the process's log, holds nothing else up, and comes again. */
export async function keepRetention({ redis, dir, everyMs, logger, signal }: RoundsOptions): Promise<void> {
  /** The last event that was written for each workspace. */
  const last = new Map<string, string>();

  async function round(): Promise<void> {
    for (const workspace of await redis.smembers(globalKeys.workspaces)) {
      if (signal.aborted || !workspaceName.test(workspace)) continue;
      const [seconds, micros] = await redis.time();
      const now = Number(seconds) * 1_000 + Math.floor(Number(micros) / 1_000);
      const disk = openDisk(join(dir, workspace));
      const asked = await askToErase(redis, disk, workspace, now, last.get(workspace));
      if (asked.last !== undefined) last.set(workspace, asked.last);
      const { requests, people } = asked;
      if (requests + people > 0)
        logger.info({ workspace, requests, people }, 'what policy keeps no longer is erased');
    }
  }

  while (!signal.aborted) {
    // Right after a start it is not there yet, which is no failure.
    if (redis.status !== 'ready') await once(redis, 'ready', { signal }).catch(() => {});
    if (signal.aborted) break;
    await round().catch((error: unknown) => {
      if (!signal.aborted) logger.warn({ err: error }, 'retention was cut short; the next round goes on');
    });
    await sleep(everyMs, undefined, { signal }).catch(() => {});
  }
}
