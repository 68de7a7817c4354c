import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, describe, expect, test } from 'vitest';
import { findChromium } from '../../cli/provision/chromium.ts';
import { findExecutable } from '../../cli/provision/executable.ts';
import { freePort } from '../../cli/provision/free-port.ts';
import { findRedis } from '../../cli/provision/redis.ts';
import { startRedisOnFreePort, startRedisServer } from '../../cli/provision/redis-server.ts';
import { ROOT } from '../support/sources.ts';

const base = mkdtempSync(join(tmpdir(), 'countersign-provision-'));
afterAll(() => rmSync(base, { recursive: true, force: true }));

/** A folder with these commands, as small shell scripts. */
function folder(name: string, commands: Record<string, string>): string {
  const dir = join(base, name);
  mkdirSync(dir, { recursive: true });
  for (const [command, script] of Object.entries(commands)) {
    writeFileSync(join(dir, command), `#!/bin/sh\n${script}\n`);
    chmodSync(join(dir, command), 0o755);
  }
  return dir;
}

function machine(...folders: string[]) {
  const said: string[] = [];
  const say = (line: string) => said.push(line);
  return { said, on: { path: folders.join(delimiter), platform: 'linux' as const, say } };
}

describe('findRedis', () => {
  const both = folder('both', { 'redis-server': '', 'valkey-server': '' });
  const valkey = folder('valkey', { 'valkey-server': '' });
  const empty = folder('empty', {});

  test('takes the server of REDIS_URL without looking further', async () => {
    expect(await findRedis('redis://elsewhere', machine(both).on)).toEqual({
      ok: true,
      url: 'redis://elsewhere',
    });
  });

  test('takes redis-server before valkey-server, and either before installing', async () => {
    expect(await findRedis(undefined, machine(both).on)).toEqual({
      ok: true,
      command: join(both, 'redis-server'),
    });
    expect(await findRedis('', machine(valkey).on)).toEqual({
      ok: true,
      command: join(valkey, 'valkey-server'),
    });
  });

  test.each(['linux', 'darwin', 'win32'] as const)(
    'says in one line what to type on %s',
    async (platform) => {
      const found = await findRedis(undefined, { ...machine(empty).on, platform });
      expect(found).toMatchObject({ ok: false, code: 'redis_missing' });
      expect(found).toHaveProperty('message', expect.stringMatching(/^[^\n]*REDIS_URL[^\n]*$/));
    },
  );

  test.runIf(process.getuid?.() === 0)(
    'installs it with apt-get where it may, after an update if need be',
    async () => {
      // An apt-get that, as on a fresh machine, knows no package before its first update.
      const dir = join(base, 'apt');
      const bin = folder('apt', {
        'apt-get': `
case "$*" in
  *" update") touch "${dir}/updated" ;;
  *" redis-server") [ -e "${dir}/updated" ] || exit 100; cp "${dir}/apt-get" "${dir}/redis-server" ;;
esac`,
      });
      const { said, on } = machine(bin);
      expect(await findRedis(undefined, on)).toEqual({ ok: true, command: join(bin, 'redis-server') });
      expect(said).toEqual(['Installing redis-server with apt-get …']);
    },
  );

  test('passes over files that can not be run and folders of the name', () => {
    const dir = folder('odd', {});
    writeFileSync(join(dir, 'a'), '');
    mkdirSync(join(dir, 'b'));
    expect(findExecutable(['a', 'b'], dir)).toBeUndefined();
  });
});

describe('findChromium', () => {
  test('takes CHROMIUM_PATH as it is, else Chromium before Chrome', async () => {
    const dir = folder('browsers', { 'google-chrome': '', chromium: '' });
    expect(await findChromium('/my/chromium', machine(dir).on)).toEqual({
      ok: true,
      command: '/my/chromium',
    });
    expect(await findChromium(undefined, machine(dir).on)).toEqual({
      ok: true,
      command: join(dir, 'chromium'),
    });
  });
});

describe('a Redis of our own', async () => {
  const found = await findRedis(undefined, machine(...(process.env.PATH ?? '').split(delimiter)).on);
  const command = found.ok && 'command' in found ? found.command : '';

  test('keeps an append-only file, evicts nothing, and answers to its password only', async () => {
    const server = await startRedisOnFreePort({ command, dir: join(base, 'redis'), password: 'pass' });
    const client = new Redis(server.url);
    expect(await client.config('GET', 'appendonly')).toEqual(['appendonly', 'yes']);
    expect(await client.config('GET', 'maxmemory-policy')).toEqual(['maxmemory-policy', 'noeviction']);
    expect(await client.config('GET', 'bind')).toEqual(['bind', '127.0.0.1']);
    await client.set('kept', 'yes');
    const stranger = new Redis(server.port, '127.0.0.1', { enableReadyCheck: false });
    stranger.on('error', () => {});
    await expect(stranger.get('kept')).rejects.toThrow('NOAUTH');
    stranger.disconnect();
    await server.stop();
    client.disconnect();

    const again = await startRedisOnFreePort({ command, dir: join(base, 'redis') });
    const reader = new Redis(again.url);
    expect(await reader.get('kept')).toBe('yes');
    reader.disconnect();
    await again.kill();
  });

  test('says why it does not start, also when another Redis answers on its port', async () => {
    const dir = join(base, 'first');
    const first = await startRedisOnFreePort({ command, dir });
    const second = startRedisServer({ command, dir: join(base, 'second'), port: first.port });
    await expect(second).rejects.toThrow(/did not start:.*in use/s);
    await first.kill();
    const missing = startRedisServer({ command: join(base, 'no-redis'), dir, port: await freePort() });
    await expect(missing).rejects.toThrow(/did not start:.*ENOENT/s);
  });

  test('ends when its parent is killed', async () => {
    const script = `
      import { startRedisOnFreePort } from ${JSON.stringify(join(ROOT, 'cli/provision/redis-server.ts'))};
      const server = await startRedisOnFreePort(${JSON.stringify({ command, dir: join(base, 'orphan') })});
      console.log(server.pid);
      setInterval(() => {}, 1000);`;
    const parent = spawn(process.execPath, ['--input-type=module-typescript', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = await once(parent.stdout, 'data');
    const pid = Number(String(line));
    expect(isAlive(pid)).toBe(true);
    parent.kill('SIGKILL');
    await expect.poll(() => isAlive(pid), { timeout: 10_000 }).toBe(false);
  });
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
