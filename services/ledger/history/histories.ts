/** The histories of all workspaces in one process: opened when they are first wanted, brought up after each checkpoint. */
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { History } from './history.ts';
import { takeTurns } from './turns.ts';

export type Histories = {
  /** Undefined where the engine can not be had on this machine: its log says why. */
  of(workspace: string): Promise<History | undefined>;
  /** More was sealed: it is taken in on the side. What fails is in the log, and tried again with the next checkpoint. */
  sealed(workspace: string): void;
  close(): Promise<void>;
};

/** So many statements run at once: half of the threads that Node has for files. */
const atOnce = 2;
/** What one workspace's engine may hold in memory, MiB. */
const memory = 256;

/**
 * Opens them.
 *
 * @param dir the folder of all logs, one below it for each workspace
 */
export function openHistories(dir: string, logger: Logger): Histories {
  const limits = { memory, threads: Math.max(1, Math.floor(availableParallelism() / 2)) };
  const turns = takeTurns(atOnce);
  const opened = new Map<string, History>();
  let closed = false;
  // The engine is native code: where there is none for this machine, everything else goes on without it.
  const engine = import('./history.ts').catch((error: unknown) => {
    logger.warn({ err: error }, 'the history can not be searched on this machine');
    return undefined;
  });

  async function of(workspace: string): Promise<History | undefined> {
    const there = await engine;
    if (there === undefined || closed) return undefined;
    const history =
      opened.get(workspace) ?? there.openHistory({ folder: join(dir, workspace), limits, turns });
    opened.set(workspace, history);
    return history;
  }

  return {
    of,
    sealed(workspace) {
      of(workspace)
        .then((history) => history?.bringUp())
        .catch((error: unknown) => {
          if (!closed) logger.error({ err: error, workspace }, 'the history did not take in what was sealed');
        });
    },
    async close() {
      closed = true;
      await engine;
      await Promise.all([...opened.values()].map((history) => history.close()));
    },
  };
}
