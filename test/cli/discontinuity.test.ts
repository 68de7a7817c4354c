/** `discontinuity` in the terminal, against a real server whose Redis lost what was sealed. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestIntake, type TestIntake } from '../support/intake.ts';
import { startTestRedis, type TestRedis } from '../support/redis.ts';
import { countersign } from '../support/terminal.ts';

let redis: TestRedis;
let intake: TestIntake;
let ledgerDir: string;

beforeAll(async () => {
  redis = await startTestRedis();
  ledgerDir = mkdtempSync(join(tmpdir(), 'countersign-ledger-'));
  intake = await startTestIntake({ redisUrl: redis.url, ledgerDir });
});
afterAll(async () => {
  await intake?.stop();
  await redis?.stop();
  rmSync(ledgerDir, { recursive: true });
});

const run = (...argv: string[]) =>
  countersign(['discontinuity', ...argv], {
    env: { COUNTERSIGN_URL: intake.url, COUNTERSIGN_KEY: intake.keys.admin },
  });

test('an admin sees what is missing, accepts it with a reason, and nothing is held back', async () => {
  expect(await run()).toMatchObject({ code: 0, out: 'Nothing that was sealed is missing.' });
  expect(await run('accept', '--reason', 'none')).toMatchObject({ code: 1 });

  mkdirSync(join(ledgerDir, 'default'));
  writeFileSync(join(ledgerDir, 'default', 'sealed.json'), '{"feed_id":"9999999999999-0"}');
  await redis.restart();
  await expect.poll(async () => (await run()).out, { timeout: 10_000 }).toContain('Redis lost events');
  expect(JSON.parse((await run('--json')).out)).toEqual({ found_at: expect.any(String) });

  expect(await run('accept')).toMatchObject({ code: 2 });
  expect(await run('accept', '--reason', 'restored from the backup of noon')).toMatchObject({ code: 0 });
  expect((await run()).out).toBe('Nothing that was sealed is missing.');
});
