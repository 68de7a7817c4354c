/** Tends the signing keys while intake runs: every process does, and one is enough. */
import { generateSigningKey } from '@countersign/shared/token';
import type { Redis } from 'ioredis';
import type { Logger } from 'pino';
import { redisTime } from '../store/redis-time.ts';
import { tended } from './ring.ts';
import { changeRing, readRing } from './stored-ring.ts';

/**
 * Looks after the ring every second: what time asks for is done, and what another process began and did not end, such
 * as telling the workspaces of a denial, ends here.
 */
export async function startSigningKeeper(
  redis: Redis,
  logger: Logger,
  everyMs = 1000,
): Promise<{ stop(): Promise<void> }> {
  /** Stands for a new key where it is only asked whether one is wanted. */
  const spare = await generateSigningKey();
  let told = (await changeRing(redis, tended)).version;

  async function look(): Promise<void> {
    const [ring, clock] = await Promise.all([readRing(redis), redis.time()]);
    if (ring?.version === told && tended(ring, spare, redisTime(clock)) === ring) return;
    told = (await changeRing(redis, tended)).version;
    logger.info({ version: told }, 'signing keys in force');
  }

  let stopped = false;
  let timer = setTimeout(pass, everyMs);
  let running: Promise<void> = Promise.resolve();
  function pass(): void {
    running = look()
      .catch((error) => logger.warn({ err: error }, 'the signing keys were not looked after'))
      .finally(() => {
        if (!stopped) timer = setTimeout(pass, everyMs);
      });
  }
  return {
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await running;
    },
  };
}
