import { join } from 'node:path';
import { pino } from 'pino';
import { expect, test, vi } from 'vitest';
import { startLedger } from '../../services/ledger/start.ts';
import { startTestRedis } from '../support/redis.ts';

test('a ledger that is told to stop while Redis is away stops, though what it has asked is never answered', async () => {
  const redis = await startTestRedis();
  const logger = pino({ level: 'silent' });
  const ledger = await startLedger({
    redisUrl: redis.url,
    dir: join(redis.dir, 'ledger'),
    logger,
    // So that it always has a question open.
    readForMs: 1,
  });
  await vi.waitUntil(() => ledger.health().redis, { timeout: 30_000 });
  await redis.kill9();
  await vi.waitUntil(() => !ledger.health().redis, { timeout: 30_000 });
  await expect(ledger.stop()).resolves.toBeUndefined();
  await redis.stop();
});
