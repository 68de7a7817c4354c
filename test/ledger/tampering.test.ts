/** Everything that can be done to a log behind its back, and what a verifier finds who trusts nothing but a key. */
import { randomBytes } from 'node:crypto';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  bundlePath,
  decodeBundle,
  encodeBundle,
  encodeTile,
  leafHash,
  signerKey,
  tilePath,
} from '@countersign/shared/tlog';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { folderSource } from '../../cli/audit/source.ts';
import { type VerifyOptions, verifyLog } from '../../cli/audit/verify.ts';
import { openDisk } from '../../services/ledger/disk/disk.ts';
import { leafOf, openLog } from '../../services/ledger/sealing/log.ts';

const key = signerKey('countersign/test/1', randomBytes(32));
const signed = Date.parse('2026-01-01T00:00:00Z');
const size = 700;
let top: string;
let log: string;
/** The checkpoint of each size at which one was signed. */
const notes = new Map<number, string>();

const entry = (seq: number, said = `event ${seq}`): Uint8Array => Buffer.from(JSON.stringify({ said, seq }));
const entries = (from: number, to: number) => Array.from({ length: to - from }, (_, n) => entry(from + n));

/** A log of these entries in a folder, sealed a hundred at a time. */
async function sealed(folder: string, all: readonly Uint8Array[], by = key): Promise<void> {
  const opened = await openLog(openDisk(folder), by);
  for (let at = 0; at < all.length; at += 100) {
    const { size: so, checkpoint } = await opened.append(all.slice(at, at + 100).map(leafOf), signed);
    if (folder === log) notes.set(so, checkpoint);
  }
}

beforeAll(async () => {
  top = await mkdtemp(join(tmpdir(), 'countersign-tamper-'));
  log = join(top, 'log');
  await sealed(log, entries(0, size));
});
afterAll(() => rm(top, { recursive: true, force: true }));

let copies = 0;
async function copy(): Promise<string> {
  const folder = join(top, `copy-${copies++}`);
  await cp(log, folder, { recursive: true });
  return folder;
}

async function found(folder: string, options: Partial<VerifyOptions> = {}) {
  const verified = await verifyLog(folderSource(folder), { key, ...options });
  return 'findings' in verified ? verified.findings : [verified];
}

/** Changes the entries of one bundle as they lie on disk. */
async function rewrite(
  folder: string,
  index: number,
  width: number,
  change: (all: Uint8Array[]) => Uint8Array[],
) {
  const path = join(folder, bundlePath({ index, width }));
  const read = decodeBundle(await readFile(path), width);
  if (!read.ok) throw new Error(read.message);
  const written = encodeBundle(change(read.value));
  if (!written.ok) throw new Error(written.message);
  await writeFile(path, written.value);
}

const swapped = (all: Uint8Array[], a: number, b: number) =>
  all.map((one, at) => (at === a ? (all[b] ?? one) : at === b ? (all[a] ?? one) : one));

test('an untouched log is what was sealed, and bears out every checkpoint that was ever signed', async () => {
  expect(await found(log, { witnessed: [...notes.values()] })).toEqual([]);
});

describe('whoever has the disk, and not the key', () => {
  test('edits an entry', async () => {
    const folder = await copy();
    await rewrite(folder, 1, 256, (all) => all.map((one, at) => (at === 44 ? entry(300, 'nothing') : one)));
    expect(await found(folder)).toEqual([{ code: 'entry_changed', message: expect.any(String), index: 300 }]);
  });

  test('edits an entry, and the tile over it', async () => {
    const folder = await copy();
    await rewrite(folder, 1, 256, (all) => all.map((one, at) => (at === 44 ? entry(300, 'nothing') : one)));
    const changed = entries(256, 512).map((one, at) => leafHash(at === 44 ? entry(300, 'nothing') : one));
    await writeFile(join(folder, tilePath({ level: 0, index: 1, width: 256 })), encodeTile(changed));
    expect(await found(folder)).toMatchObject([
      { code: 'tile_mismatch', message: expect.stringContaining('tile/0/001') },
    ]);
  });

  test('deletes an entry, with what follows moved up', async () => {
    const folder = await copy();
    await rewrite(folder, 0, 256, (all) => [...all.slice(0, 10), ...all.slice(11), entry(256)]);
    const findings = await found(folder);
    expect(findings[0]).toMatchObject({ code: 'entry_misplaced', index: 10 });
    expect(findings.find(({ code }) => code === 'entry_changed')).toMatchObject({ index: 10 });
  });

  test('deletes an entry from its bundle', async () => {
    const folder = await copy();
    await rewrite(folder, 0, 256, (all) => all.slice(1));
    expect(await found(folder)).toMatchObject([{ code: 'bundle_malformed' }]);
  });

  test('swaps two entries', async () => {
    const folder = await copy();
    await rewrite(folder, 2, 188, (all) => swapped(all, 3, 4));
    expect((await found(folder)).map(({ code, index }) => [code, index])).toEqual([
      ['entry_misplaced', 515],
      ['entry_misplaced', 516],
      ['entry_changed', 515],
      ['entry_changed', 516],
    ]);
  });

  test('removes a bundle', async () => {
    const folder = await copy();
    await rm(join(folder, bundlePath({ index: 0, width: 256 })));
    expect(await found(folder)).toMatchObject([{ code: 'bundle_missing' }]);
  });

  test('signs it anew with a key of their own, of the same name', async () => {
    const folder = join(top, 'other-key');
    await sealed(folder, entries(0, size), signerKey(key.name, randomBytes(32)));
    expect(await found(folder)).toMatchObject([{ code: 'signature_missing' }]);
  });

  test('puts an old checkpoint back: it shows against a newer one, or by its age, and by nothing else', async () => {
    const folder = await copy();
    await writeFile(join(folder, 'checkpoint'), notes.get(500) ?? '');
    expect(await found(folder)).toEqual([]);
    expect(await found(folder, { witnessed: [notes.get(size) ?? ''] })).toMatchObject([
      { code: 'truncated', index: 500 },
    ]);
    const hour = 3_600_000;
    expect(await found(folder, { fresh: { maxAgeMs: hour, now: signed + 2 * hour } })).toMatchObject([
      { code: 'stale' },
    ]);
    expect(await found(folder, { fresh: { maxAgeMs: 3 * hour, now: signed + 2 * hour } })).toEqual([]);
  });
});

describe('whoever has the key as well', () => {
  test('writes another history: it shows against any checkpoint that was kept elsewhere', async () => {
    const folder = join(top, 'fork');
    const all = entries(0, size).map((one, at) => (at === 123 ? entry(123, 'nothing') : one));
    await sealed(folder, all);
    expect(await found(folder)).toEqual([]);
    expect(await found(folder, { witnessed: [notes.get(100) ?? ''] })).toEqual([]);
    for (const kept of [200, 500, size])
      expect(await found(folder, { witnessed: [notes.get(kept) ?? ''] })).toMatchObject([{ code: 'forked' }]);
  });

  test('cuts the tail off and goes on: it shows against a checkpoint from after the cut', async () => {
    const folder = join(top, 'cut');
    await sealed(folder, [
      ...entries(0, 600),
      ...Array.from({ length: 200 }, (_, n) => entry(600 + n, 'other')),
    ]);
    expect(await found(folder, { witnessed: [notes.get(600) ?? ''] })).toEqual([]);
    expect(await found(folder, { witnessed: [notes.get(700) ?? ''] })).toMatchObject([{ code: 'forked' }]);
  });
});
