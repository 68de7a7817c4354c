import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findConnection } from '../../cli/server/connection.ts';
import { type Started, writeStarted } from '../../cli/start/started-file.ts';
import { countersign } from '../support/terminal.ts';

const data = mkdtempSync(join(tmpdir(), 'countersign-connection-'));
const started: Started = {
  url: 'http://127.0.0.1:4780',
  keys: { agent: 'k-agent', reviewer: 'k-reviewer', lead: 'k-lead', admin: 'k-admin' },
  people: { agent: 'dev', reviewer: 'ann', lead: 'bo', admin: 'cy' },
  pair_code: 'ABCDE-FGHJK',
  extension_dir: '/somewhere',
  redis_url: 'redis://127.0.0.1:1',
};
beforeAll(() => writeStarted(data, started));
afterAll(() => rmSync(data, { recursive: true }));

describe('which server, and as whom', () => {
  test('the one that runs on the data directory, with the key that the command needs', async () => {
    expect(await findConnection({ data }, {}, 'admin')).toEqual({
      ok: true,
      connection: { url: started.url, key: 'k-admin' },
    });
  });

  test('the environment comes before it, flags before both', async () => {
    const env = { COUNTERSIGN_URL: 'https://a.example/', COUNTERSIGN_KEY: 'k-env' };
    expect(await findConnection({ data }, env, 'reviewer')).toMatchObject({
      connection: { url: 'https://a.example', key: 'k-env' },
    });
    expect(
      await findConnection({ data, url: 'https://b.example/x/', key: 'k' }, env, 'reviewer'),
    ).toMatchObject({
      connection: { url: 'https://b.example/x', key: 'k' },
    });
  });

  test('law 12: a development key never goes to a server named elsewhere', async () => {
    expect(await findConnection({ data, url: 'https://evil.example' }, {}, 'admin')).toMatchObject({
      ok: false,
      message: expect.stringContaining('No key'),
    });
    expect(await findConnection({ data, url: `${started.url}/` }, {}, 'admin')).toMatchObject({ ok: true });
  });

  test.each([
    ['ftp://x', 'k', 'not an http'],
    ['nonsense', 'k', 'not an http'],
    ['https://x', 'k\r\nx: y', 'characters'],
  ])('%s with key %j is refused', async (url, key, message) => {
    expect(await findConnection({ data, url, key }, {}, 'agent')).toMatchObject({
      ok: false,
      message: expect.stringContaining(message),
    });
  });
});

describe('exit codes', () => {
  const nowhere = ['--data', join(data, 'none')];
  test.each([
    [['--help'], 0],
    [['approve', '--help'], 0],
    [['policy', 'check', '--help'], 0],
    [['nonsense'], 2],
    [['approve'], 2],
    [['start', '--port', '99999'], 2],
    [['keys', 'create', '--role', 'king', '--owner', 'ann', ...nowhere], 2],
    [['queue', ...nowhere], 2],
    [['queue', '--url', 'http://127.0.0.1:9', '--key', 'k'], 3],
  ])('%j ends with %i', async (argv, code) => {
    expect((await countersign(argv)).code).toBe(code);
  });

  test('every command explains itself, most with an example', async () => {
    const { out } = await countersign(['--help']);
    expect(out).toContain('Exit codes:');
    for (const argv of [['start'], ['approve'], ['reject'], ['keys', 'create'], ['policy', 'test']]) {
      expect((await countersign([...argv, '--help'])).out).toMatch(/Examples?:\n {2}(countersign|npm)/);
    }
  });
});
