/** Seals what a feed holds, in this process. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { workspaceKeys } from '@countersign/shared/keys';
import { afterAll } from 'vitest';
import { openDisk, type Step } from '../../services/ledger/disk/disk.ts';
import { defineSealingScripts, sealFeed } from '../../services/ledger/sealing/sequencer.ts';
import { startTestRedis, type TestRedis } from '../support/redis.ts';
import { placesIn } from './feed.ts';

/** A Redis and a folder for the logs of a test file, until it ends; and names of workspaces that nobody has used. */
export async function sealingStage() {
  const server = await startTestRedis();
  const folder = await mkdtemp(join(tmpdir(), 'countersign-ledger-'));
  afterAll(async () => {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  });
  let named = 0;
  return { server, redis: server.client(), folder, fresh: () => `w${named++}` };
}

export type Sealing = {
  /** Those of now. */
  checkpoints: string[];
  /** Resolves once the newest event of the feed is sealed, or sealing has ended. */
  untilSealed: () => Promise<void>;
  /** Rejects where sealing does. */
  ended: Promise<void>;
  /** Ends it; rejects where sealing did. */
  stop: () => Promise<void>;
};

/**
 * Seals a workspace into a folder of its name, until it is told to stop.
 *
 * @param onStep before each step of the disk: what it throws fails the step
 */
export function startSealing(
  server: TestRedis,
  folder: string,
  workspace: string,
  onStep?: (step: Step, path: string) => void,
): Sealing {
  const connection = server.client();
  defineSealingScripts(connection);
  const watching = server.client();
  const aborting = new AbortController();
  const checkpoints: string[] = [];
  const ended = sealFeed({
    redis: connection,
    disk: openDisk(join(folder, workspace), onStep),
    workspace,
    sealAfterMs: 0,
    renewAfterMs: 60_000,
    readForMs: 20,
    onSealed: ({ checkpoint }) => checkpoints.push(checkpoint),
    signal: aborting.signal,
  });
  const isEnded = ended.then(
    () => true,
    () => true,
  );
  const { sealed } = workspaceKeys(workspace);
  return {
    checkpoints,
    ended,
    async untilSealed() {
      const last = (await placesIn(watching, workspace)).at(-1);
      const isDone = async (): Promise<boolean> => (await watching.hget(sealed, 'feed_id')) === last;
      while (!(await isDone())) if (await Promise.race([isEnded, sleep(5, false)])) break;
    },
    async stop() {
      aborting.abort();
      try {
        await ended;
      } finally {
        connection.disconnect();
        watching.disconnect();
      }
    },
  };
}

/** Seals a workspace until its newest event is sealed; rejects where sealing does. Gives the checkpoints. */
export async function seal(...what: Parameters<typeof startSealing>): Promise<string[]> {
  const sealing = startSealing(...what);
  await sealing.untilSealed();
  await sealing.stop();
  return sealing.checkpoints;
}
