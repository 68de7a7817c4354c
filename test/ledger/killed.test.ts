/** Law 9: a ledger that is killed again and again, at any moment, seals everything once. `npm run test:sealing` kills it 200 times. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { globalKeys } from '@countersign/shared/keys';
import type { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestRedis, type TestRedis } from '../support/redis.ts';
import { agree } from './agree.ts';
import { placesIn, tellOf } from './feed.ts';
import { readLog } from './read-log.ts';

const kills = Number(process.env.KILLS ?? 20);
const workspaces = ['one', 'two'];

let server: TestRedis;
let redis: Redis;
let folder: string;
let ledger: ChildProcess | undefined;

beforeAll(async () => {
  server = await startTestRedis();
  redis = server.client();
  folder = await mkdtemp(join(tmpdir(), 'countersign-ledger-'));
  await redis.sadd(globalKeys.workspaces, ...workspaces);
});
afterAll(async () => {
  ledger?.kill('SIGKILL');
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

function start(): ChildProcess {
  const script = new URL('./ledger-process.ts', import.meta.url).pathname;
  return spawn(process.execPath, [script, server.url, folder], { stdio: ['ignore', 'ignore', 'inherit'] });
}

const sealedIn = async (workspace: string) => Number(await redis.hget(`cs:{${workspace}}:sealed`, 'size'));

test(`killed ${kills} times at random, with events coming all the while: none missing, none twice, one history`, {
  timeout: 600_000,
}, async () => {
  const checkpoints: Record<string, string[]> = { one: [], two: [] };
  let told = 0;
  const telling = new AbortController();
  const tellers = workspaces.map(async (workspace) => {
    while (!telling.signal.aborted) {
      for (let n = 0; n < 5; n++) await tellOf(redis, workspace, `req_${told++}`);
      // A pace, not a wait: what is told must not outrun what one ledger seals between two kills.
      await sleep(3);
    }
  });
  for (let kill = 0; kill < kills; kill++) {
    const before = await sealedIn('one');
    ledger = start();
    await expect.poll(() => sealedIn('one'), { timeout: 90_000, interval: 10 }).toBeGreaterThan(before);
    // A random moment is what is tested: anywhere in some rounds of sealing.
    await sleep(Math.random() * 60);
    const gone = once(ledger, 'exit');
    ledger.kill('SIGKILL');
    await gone;
    for (const workspace of workspaces)
      checkpoints[workspace]?.push((await redis.hget(`cs:{${workspace}}:sealed`, 'checkpoint')) ?? '');
  }
  telling.abort();
  await Promise.all(tellers);
  ledger = start();
  for (const workspace of workspaces) {
    const places = await placesIn(redis, workspace);
    await expect.poll(() => sealedIn(workspace), { timeout: 60_000 }).toBe(places.length);
    const { entries } = await readLog(join(folder, workspace));
    expect(entries.map(({ feed_id }) => feed_id)).toEqual(places);
    await agree(join(folder, workspace), checkpoints[workspace]?.filter((note) => note !== '') ?? []);
    expect((await readdir(join(folder, workspace))).filter((name) => name.endsWith('.unfinished'))).toEqual(
      [],
    );
  }
  console.log(`${told} requests sealed across ${kills} kills`);
});
