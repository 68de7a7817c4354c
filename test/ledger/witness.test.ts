/** Checkpoints leave the machine: to a folder and to an address, also when that one is away for a while. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { outbound } from '@countersign/shared/outbound';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { openDisk } from '../../services/ledger/disk/disk.ts';
import { openPublisher } from '../../services/ledger/witness/publisher.ts';
import { addressWitness, folderWitness, type Witnessed } from '../../services/ledger/witness/witness.ts';
import { type RawReceiver, startRawReceiver } from './raw-receiver.ts';

const out = outbound({ allowLoopback: true, timeoutMs: 2_000 });
const soon = { first: 5, last: 20 };
let folder: string;
let receiver: RawReceiver;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'countersign-witness-'));
  receiver = await startRawReceiver();
});
afterAll(async () => {
  await receiver.stop();
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
