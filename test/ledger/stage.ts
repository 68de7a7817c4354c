/** A Redis, a ledger that seals at once, and an intake that answers the ledger's calls on its own port. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RequestView } from '@countersign/shared/contracts';
import type { Redis } from 'ioredis';
import { pino } from 'pino';
import { afterAll, beforeAll, vi } from 'vitest';
import { isAfter } from '../../services/ledger/sealing/resume.ts';
import { type Ledger, startLedger } from '../../services/ledger/start.ts';
import { describedCalls, openApiOf } from '../intake/described.ts';
import { type Call, startTestIntake, type TestIntake } from '../support/intake.ts';
import { startTestRedis, type TestRedis } from '../support/redis.ts';

export type Stage = {
  server: TestRedis;
  redis: Redis;
  /** The folder of all logs. */
  folder: string;
  ledger: Ledger;
  intake: TestIntake;
  /** Held against the OpenAPI document. */
  call: Call;
  /** Of somebody who oversees, and does nothing else. */
  auditor: string;
  /** Proposes, and has the reviewer decide; gives it as decided. */
  decided: (args: Record<string, string>, verdict?: 'approve' | 'reject') => Promise<RequestView>;
  /** Resolves when all that was told by now is sealed. */
  sealed: (workspace?: string) => Promise<void>;
};

/** Sets the stage before the tests of a file and clears it after them. */
export function onLedgerStage(policies?: Record<string, string>): Stage {
  const stage = {} as Stage;
  beforeAll(async () => {
    const server = await startTestRedis();
    const folder = await mkdtemp(join(tmpdir(), 'countersign-ledger-'));
    const ledger = await startLedger({
      redisUrl: server.url,
      dir: folder,
      // What is made to fail here would be told at length.
      logger: pino({ level: 'silent' }),
      // Often enough for tests, and seldom enough for what is made from each checkpoint.
      sealAfterMs: 50,
      readForMs: 20,
    });
    const intake = await startTestIntake({
      redisUrl: server.url,
      ledger: ledger.fetch,
      ...(policies === undefined ? {} : { policies }),
    });
    const redis = server.client();
    const call = describedCalls(await openApiOf(intake.url), intake.call);
    const made = await call<{ key: string }>(intake.keys.admin, 'POST', '/v1/keys', {
      roles: ['auditor'],
      owner: 'dora',
    });
    Object.assign(stage, {
      server,
      redis,
      folder,
      ledger,
      intake,
      call,
      auditor: made.body.key,
      async decided(args, verdict = 'approve') {
        const { id, version, args_digest } = await intake.propose({ tool: 'orders.refund', args });
        const body = { verdict, seen: { version, args_digest } };
        const path = `/v1/requests/${id}/decision`;
        return (await call<RequestView>(intake.keys.reviewer, 'POST', path, body)).body;
      },
      async sealed(workspace = 'default') {
        const [[last = '0-0'] = []] = await redis.xrevrange(`cs:{${workspace}}:feed`, '+', '-', 'COUNT', 1);
        const isSealed = async () =>
          !isAfter(last, (await redis.hget(`cs:{${workspace}}:sealed`, 'feed_id')) ?? '0-0');
        await vi.waitUntil(isSealed, { interval: 10, timeout: 15_000 });
      },
    } satisfies Stage);
  });
  afterAll(async () => {
    await stage.intake?.stop();
    await stage.ledger?.stop();
    await stage.server?.stop();
    if (stage.folder !== undefined) await rm(stage.folder, { recursive: true, force: true });
  });
  return stage;
}
