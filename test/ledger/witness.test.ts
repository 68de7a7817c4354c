/** Checkpoints leave the machine: to a folder and to an address, also when that one is away for a while. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { globalKeys } from '@countersign/shared/keys';
import { outbound } from '@countersign/shared/outbound';
import { parseVerifierKey } from '@countersign/shared/tlog';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { folderSource } from '../../cli/audit/source.ts';
import { verifyLog } from '../../cli/audit/verify.ts';
import { openDisk } from '../../services/ledger/disk/disk.ts';
import { startLedger } from '../../services/ledger/start.ts';
import { openPublisher } from '../../services/ledger/witness/publisher.ts';
import { addressWitness, folderWitness, type Witnessed } from '../../services/ledger/witness/witness.ts';
import { startTestRedis, type TestRedis } from '../support/redis.ts';
import { tellOf } from './feed.ts';
import { type RawReceiver, startRawReceiver } from './raw-receiver.ts';

const out = outbound({ allowLoopback: true, timeoutMs: 2_000 });
const soon = { first: 5, last: 20 };
let folder: string;
let receiver: RawReceiver;
let server: TestRedis;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'countersign-witness-'));
  [receiver, server] = await Promise.all([startRawReceiver(), startTestRedis()]);
});
afterAll(async () => {
  await Promise.all([receiver.stop(), server.stop()]);
  out.close();
  await rm(folder, { recursive: true, force: true });
});

const note = (size: number, workspace = 'default'): Witnessed => ({
  workspace,
  size,
  checkpoint: `log\n${size}\n`,
});

test('a folder has a file for each size, and an address each checkpoint as it was signed', async () => {
  const witnesses = [
    folderWitness(openDisk(folder)),
    addressWitness(out, receiver.url, { authorization: 'Bearer let-me' }),
  ];
  const publisher = openPublisher(witnesses, () => {});
  for (const size of [3, 5]) {
    publisher.publish(note(size));
    await expect.poll(() => receiver.received.length).toBe(size === 3 ? 1 : 2);
  }
  await publisher.stop();
  expect(await readdir(join(folder, 'default'))).toEqual([
    '0000000000000003.checkpoint',
    '0000000000000005.checkpoint',
  ]);
  expect(await readFile(join(folder, 'default', '0000000000000005.checkpoint'), 'utf8')).toBe('log\n5\n');
  expect(receiver.received.at(-1)).toMatchObject({
    body: 'log\n5\n',
    headers: {
      authorization: 'Bearer let-me',
      'countersign-workspace': 'default',
      'countersign-log-size': '5',
    },
  });
});

test('an address that is away is told of once, and gets the newest when it is back; nobody else waits for it', async () => {
  const said = vi.fn();
  const kept: Witnessed[] = [];
  const other = { name: 'other', keep: async (witnessed: Witnessed) => void kept.push(witnessed) };
  const publisher = openPublisher([addressWitness(out, receiver.url, {}), other], said, soon);
  const before = receiver.received.length;
  receiver.answer = 503;
  publisher.publish(note(10));
  await expect.poll(() => receiver.received.length).toBeGreaterThan(before + 2);
  expect(said.mock.calls).toEqual([
    [{ workspace: 'default', witness: 'address', since: expect.any(Number), error: 'http_503' }],
  ]);
  publisher.publish(note(11));
  publisher.publish(note(12));
  await expect.poll(() => kept.at(-1)).toEqual(note(12));
  receiver.answer = 204;
  await expect.poll(() => publisher.behind()).toEqual([]);
  expect(receiver.received.at(-1)?.body).toBe('log\n12\n');
  await publisher.stop();
});

test('what waits for a pause when it is to end is tried once more', async () => {
  receiver.answer = 503;
  const publisher = openPublisher([addressWitness(out, receiver.url, {})], () => {}, {
    first: 60_000,
    last: 60_000,
  });
  const before = receiver.received.length;
  publisher.publish(note(20));
  await expect.poll(() => publisher.behind()).toHaveLength(1);
  receiver.answer = 204;
  await publisher.stop();
  expect(receiver.received.length).toBe(before + 2);
  expect(publisher.behind()).toEqual([]);
});

test('a ledger brings its checkpoints there, and whoever has one finds that the log was cut', async () => {
  const redis = server.client();
  await redis.sadd(globalKeys.workspaces, 'default');
  const dir = join(folder, 'ledger');
  const kept = join(folder, 'kept');
  const ledger = await startLedger({
    redisUrl: server.url,
    dir,
    logger: pino({ level: 'error' }),
    sealAfterMs: 0,
    readForMs: 5,
    witnesses: {
      dir: kept,
      url: receiver.url,
      headers: { authorization: 'Bearer let-me' },
      development: true,
    },
  });
  receiver.answer = 204;
  const files = () => readdir(join(kept, 'default')).catch(() => []);
  const last = async () => Number.parseInt((await files()).at(-1) ?? '', 10);
  await tellOf(redis, 'default', 'req_1');
  await expect.poll(last).toBe(3);
  const early = await readFile(join(dir, 'default', 'checkpoint'));
  await tellOf(redis, 'default', 'req_2');
  await expect.poll(last).toBe(6);
  await expect.poll(() => receiver.received.at(-1)?.headers['countersign-log-size']).toBe('6');
  expect(ledger.health()).toMatchObject({ ok: true, behind: [] });
  await ledger.stop();

  const key = parseVerifierKey((await readFile(join(dir, 'default', 'verifier-key'), 'utf8')).trim());
  if (!key.ok) throw new Error(key.message);
  const witnessed = await Promise.all((await files()).map((name) => readFile(join(kept, 'default', name))));
  const log = folderSource(join(dir, 'default'));
  expect(await verifyLog(log, { key: key.value, witnessed })).toMatchObject({ size: 6, findings: [] });
  const cut = { read: (path: string) => (path === 'checkpoint' ? Promise.resolve(early) : log.read(path)) };
  const found = await verifyLog(cut, { key: key.value, witnessed });
  const codes = 'findings' in found ? found.findings.map(({ code }) => code) : [found.code];
  expect(new Set(codes)).toEqual(new Set(['truncated']));
});
