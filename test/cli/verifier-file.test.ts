/** The verifier as one file: built, put where nothing else is, and run on logs that it knows nothing of. */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { builtinModules } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { bundlePath, printVerifierKey, signerKey } from '@countersign/shared/tlog';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openDisk } from '../../services/ledger/disk/disk.ts';
import { leafOf, openLog } from '../../services/ledger/sealing/log.ts';
import { ROOT } from '../support/sources.ts';
import { countersign } from '../support/terminal.ts';

const run = promisify(execFile);
const file = 'countersign-verify.mjs';
const key = signerKey('countersign/test/1', randomBytes(32));
const signed = Date.parse('2026-01-01T00:00:00Z');
let top: string;
/** Holds the file and nothing else. */
let alone: string;

const build = (dir: string) => run(process.execPath, [join(ROOT, 'cli/verifier/build.ts'), dir]);

/** A log of three hundred entries, in two steps. Gives the checkpoint of the first. */
async function sealed(folder: string): Promise<string> {
  const log = await openLog(openDisk(folder), key);
  const entry = (seq: number) => leafOf(Buffer.from(JSON.stringify({ said: `event ${seq}`, seq })));
  const entries = Array.from({ length: 300 }, (_, seq) => entry(seq));
  const first = await log.append(entries.slice(0, 200), signed);
  await log.append(entries.slice(200), signed);
  return first.checkpoint;
}

/** Runs the file in its folder, with no environment. */
async function verifier(...argv: string[]): Promise<{ code: unknown; out: string; err: string }> {
  const ended = await run(process.execPath, [file, ...argv], { cwd: alone, env: {} }).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    (failure: { code: unknown; stdout: string; stderr: string }) => failure,
  );
  return { code: ended.code, out: ended.stdout, err: ended.stderr };
}

beforeAll(async () => {
  top = await mkdtemp(join(tmpdir(), 'countersign-verifier-'));
  alone = join(top, 'alone');
  await mkdir(alone);
  await build(join(top, 'built'));
  await copyFile(join(top, 'built', file), join(alone, file));
  await writeFile(join(top, 'older'), await sealed(join(top, 'log')));
});
afterAll(() => rm(top, { recursive: true, force: true }));

const keyed = ['--key', printVerifierKey(key)];

test('it is one file that asks for nothing but Node, and building it again gives the same bytes', async () => {
  expect(await readdir(join(top, 'built'))).toEqual([file]);
  const text = await readFile(join(alone, file), 'utf8');
  const imports = [...text.matchAll(/^import\b.*?\bfrom "([^"]+)"|\bimport\("([^"]+)"/gm)].map(
    ([, of, late]) => of ?? late ?? '',
  );
  expect(imports.length).toBeGreaterThan(0);
  expect(imports.filter((name) => !builtinModules.includes(name.replace(/^node:/, '')))).toEqual([]);
  expect(imports.filter((name) => /net|http|tls|dns|dgram|child|worker/.test(name))).toEqual([]);
  const { stdout } = await build(join(top, 'again'));
  expect(await readFile(join(top, 'again', file), 'utf8')).toBe(text);
  expect(stdout).toMatch(/SHA-256 [0-9a-f]{64}\n$/);
});

describe('it says of a log', () => {
  test('that it is what was sealed', async () => {
    const verified = await verifier(join(top, 'log'), ...keyed, '--checkpoint', join(top, 'older'));
    expect(verified).toMatchObject({ code: 0, err: '' });
    expect(verified.out).toContain('300 entries of countersign/test/1 are what was sealed');
    expect(verified.out).toContain('bears out 1 checkpoint');
  });

  test('which entry was changed', async () => {
    const folder = join(top, 'changed');
    await sealed(folder);
    const path = join(folder, bundlePath({ index: 1, width: 44 }));
    const text = await readFile(path, 'latin1');
    await writeFile(path, text.replace('event 290', 'event 29O'), 'latin1');
    const verified = await verifier(folder, ...keyed, '--json');
    expect(verified.code).toBe(1);
    expect(JSON.parse(verified.out)).toMatchObject({
      verified: false,
      findings: [{ code: 'entry_changed', index: 290 }],
    });
  });

  test('that it is too old, or cut', async () => {
    expect(await verifier(join(top, 'log'), ...keyed, '--max-age', '1h')).toMatchObject({
      code: 1,
      err: expect.stringContaining('(stale)'),
    });
    const folder = join(top, 'cut');
    await sealed(folder);
    await copyFile(join(top, 'older'), join(folder, 'checkpoint'));
    const newest = join(top, 'log', 'checkpoint');
    expect(await verifier(folder, ...keyed, '--checkpoint', newest)).toMatchObject({
      code: 1,
      err: expect.stringContaining('(truncated)'),
    });
  });
});

test('called wrongly it says how it is called', async () => {
  for (const argv of [[], ['one', 'two'], ['log', '--unknown'], ['log', '--max-age', '7'], ['log']])
    expect(await verifier(...argv)).toMatchObject({ code: 2, out: '' });
  expect(await verifier('log', '--key', 'none')).toMatchObject({ code: 2 });
  expect(await verifier(join(top, 'nowhere'), ...keyed)).toMatchObject({
    code: 1,
    err: expect.stringContaining('(no_checkpoint)'),
  });
});

test('it knows the options of `countersign audit verify`, and no others', async () => {
  const optionsIn = (text: string) => [...new Set(text.match(/--[a-z-]+/g))].toSorted();
  const { out } = await countersign(['audit', 'verify', '--help']);
  expect(optionsIn((await verifier('--help')).out)).toEqual(optionsIn(out));
});
