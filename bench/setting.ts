/**
 * What every benchmark runs against: a Redis of our own, configured as production is, and intake on it. But for one
 * thing: the append-only file is written and synced, and never rewritten, or a rewrite would strike one side's turn.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { pino } from 'pino';
import { redisCommand } from '../cli/provision/redis.ts';
import { startRedisOnFreePort } from '../cli/provision/redis-server.ts';
import { prepareDevelopment } from '../services/intake/development.ts';
import { startServer } from './child.ts';
import { policiesWithoutFlood } from './proposals.ts';

export type Setting = {
  redisUrl: string;
  policiesDir: string;
  intakeUrl: string;
  keys: { agent: string; reviewer: string; lead: string };
  /** Pairs one browser, once. */
  pairCode: string;
  stop: () => Promise<void>;
};

/** Starts both, each in its own process. Leaves nothing behind when it is stopped. */
export async function openSetting(): Promise<Setting> {
  const machine = { path: process.env.PATH ?? '', platform: process.platform, say: console.error };
  const command = await redisCommand(machine);
  const dir = mkdtempSync(join(tmpdir(), 'countersign-bench-'));
  const redis = await startRedisOnFreePort({ command, dir });
  const stopRedis = async (): Promise<void> => {
    await redis.kill();
    rmSync(dir, { recursive: true, force: true });
  };
  try {
    await setRedis(redis.url, 'auto-aof-rewrite-percentage', '0');
    const policies = join(dir, 'policies');
    mkdirSync(policies);
    for (const { path, text } of policiesWithoutFlood()) writeFileSync(join(policies, path), text);
    const intake = await startServer('../services/intake/main.ts', {
      REDIS_URL: redis.url,
      PORT: '0',
      HOST: '127.0.0.1',
      POLICIES_DIR: policies,
    });
    const logger = pino({ level: 'silent' });
    const { keys, pairCode } = await prepareDevelopment({ redisUrl: redis.url, logger });
    return {
      redisUrl: redis.url,
      policiesDir: policies,
      intakeUrl: intake.url,
      keys,
      pairCode,
      async stop() {
        await intake.stop();
        await stopRedis();
      },
    };
  } catch (error) {
    await stopRedis();
    throw error;
  }
}

async function setRedis(url: string, name: string, value: string): Promise<void> {
  const redis = new Redis(url);
  await redis.config('SET', name, value);
  redis.disconnect();
}
