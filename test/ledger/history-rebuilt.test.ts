/** The log is the truth: whatever becomes of the history, it is made from the log again, and says what that says. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdir, mkdtemp, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openEngine } from '../../services/ledger/history/engine.ts';
import { openHistory } from '../../services/ledger/history/history.ts';
import { takeTurns } from '../../services/ledger/history/turns.ts';
import { decided, type SealedLog, sealedLog } from './sealed-log.ts';

const limits = { memory: 128, threads: 2 };
const turns = takeTurns(2);
let root: string;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'countersign-history-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

let named = 0;
async function freshLog(count: number): Promise<{ folder: string; log: SealedLog }> {
  const folder = join(root, `w${named++}`);
  const log = await sealedLog(folder);
  await add(log, 0, count);
  return { folder, log };
}
const add = (log: SealedLog, from: number, to: number): Promise<void> =>
  log.add(
    Array.from({ length: to - from }, (_, n) => from + n).flatMap((n) =>
      decided({ id: `req_${n}`, at: 1_000 + n, args: { order: `ORD-${n}` } }),
    ),
  );

/** What it says after it was brought up: each entry's place, and which requests have a word. */
async function saidIn(folder: string): Promise<{ seqs: number[]; found: string[] }> {
  const history = openHistory({ folder, limits, turns });
  try {
    // The first use of what is damaged may find that out and fail.
    await history.bringUp().catch(() => undefined);
    await history.bringUp();
    const { items } = await history.entries({}, { limit: 100_000 });
    const requests = await history.requests({ q: 'ord-1' }, { limit: 100_000 });
    return {
      seqs: items.map(({ index }) => index),
      found: requests.items.map(({ request_id }) => request_id),
    };
  } finally {
    await history.close();
  }
}
const whole = (count: number) => ({
  seqs: Array.from({ length: count * 4 }, (_, n) => count * 4 - 1 - n),
  found: Array.from({ length: count }, (_, n) => `req_${n}`)
    .filter((id) => id.startsWith('req_1'))
    .toReversed(),
});

test('it is there again after it was closed, and goes on where it was', async () => {
  const { folder, log } = await freshLog(100);
  expect(await saidIn(folder)).toEqual(whole(100));
  await add(log, 100, 130);
  expect(await saidIn(folder)).toEqual(whole(130));
});

test('deleted it is made anew', async () => {
  const { folder } = await freshLog(30);
  await saidIn(folder);
  await rm(join(folder, 'history'), { recursive: true });
  expect(await saidIn(folder)).toEqual(whole(30));
});

test('damaged, half written or of another version it is made anew', async () => {
  const { folder } = await freshLog(300);
  await saidIn(folder);
  const history = join(folder, 'history');
  const [file = ''] = (await readdir(history)).filter((name) => name.endsWith('.duckdb'));
  for (const damage of [
    () => truncate(join(history, file), 5_000),
    () => writeFile(join(history, file), 'no database'),
    () => writeFile(join(history, file), ''),
    () => writeFile(join(history, 'entries-v0.duckdb'), 'of long ago'),
  ]) {
    await damage();
    expect(await saidIn(folder)).toEqual(whole(300));
  }
  expect((await readdir(history)).filter((name) => name.endsWith('.duckdb'))).toEqual([file]);
});

test('words of which half were written are made anew', async () => {
  const { folder } = await freshLog(30);
  await saidIn(folder);
  const texts = join(folder, 'history', 'texts');
  await writeFile(join(texts, '000000000.parquet.unfinished'), 'half');
  expect(await saidIn(folder)).toEqual(whole(30));
  expect(await readdir(texts)).toHaveLength(1);
});

test('that of another log, or of more than this log holds, is not taken for its own', async () => {
  const [one, other, shorter] = [await freshLog(40), await freshLog(30), await freshLog(20)];
  await saidIn(one.folder);
  for (const { folder } of [other, shorter]) {
    await mkdir(join(folder, 'history'), { recursive: true });
    for (const name of await readdir(join(one.folder, 'history')))
      if (name.endsWith('.duckdb'))
        await copyFile(join(one.folder, 'history', name), join(folder, 'history', name));
  }
  expect(await saidIn(other.folder)).toEqual(whole(30));
  expect(await saidIn(shorter.folder)).toEqual(whole(20));
});

test('killed at any moment it has each entry once when it is brought up again', async () => {
  const { folder } = await freshLog(4_000);
  const script = join(import.meta.dirname, 'history-process.ts');
  for (let kill = 0; kill < 5; kill++) {
    const child = spawn(process.execPath, [script, folder], { stdio: ['ignore', 'pipe', 'inherit'] });
    const exited = once(child, 'exit');
    // It has begun to take in; a little later each time.
    await once(child.stdout, 'data');
    const until = performance.now() + kill * 15;
    await expect.poll(() => performance.now() >= until, { interval: 2 }).toBe(true);
    child.kill('SIGKILL');
    await exited;
  }
  expect(await saidIn(folder)).toEqual(whole(4_000));
}, 60_000);

test('law 13: the engine reads and writes nothing outside its own folder', async () => {
  const { folder } = await freshLog(1);
  await saidIn(folder);
  const engine = await openEngine(join(folder, 'history'), 'other.duckdb', limits, turns);
  const outside = join(folder, 'names.json');
  for (const sql of [
    `SELECT * FROM read_text('${outside}')`,
    `COPY (SELECT 1) TO '${join(folder, 'x.csv')}'`,
    `ATTACH '${join(folder, 'x.duckdb')}'`,
    'SET enable_external_access = true',
    `SELECT * FROM read_text('${join(folder, 'history', '..', 'names.json')}')`,
  ])
    await expect(engine.rows(sql)).rejects.toThrow(/permission|locked|disabled/i);
  engine.close();
});
