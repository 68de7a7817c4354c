/** `countersign start` as a person meets it: a process that is started, interrupted, killed and started again. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import type { Started } from '../../cli/start/started-file.ts';
import { callerOf, writePolicies } from '../support/intake.ts';
import { startTestRedis } from '../support/redis.ts';
import { ROOT } from '../support/sources.ts';
import { countersign } from '../support/terminal.ts';

const base = mkdtempSync(join(tmpdir(), 'countersign-start-'));
const policies = writePolicies({ 'all.yaml': 'version: 1\ndefault: approval_required\nrules: []\n' });
const running = new Set<ChildProcess>();

afterEach(async () => {
  for (const child of running) {
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
});
afterAll(() => {
  policies.remove();
  rmSync(base, { recursive: true, force: true, maxRetries: 5 });
});

type Ended = { code: number | null; out: string };

/** Runs `countersign start`; `ready` resolves with started.json once it is there, or when the process has ended. */
function start(name: string, more: { args?: string[]; env?: Record<string, string> } = {}) {
  const data = join(base, name);
  const file = join(data, 'started.json');
  const args = ['start', '--port', '0', '--data', data, '--policies', policies.dir, ...(more.args ?? [])];
  const { REDIS_URL: _elsewhere, ...env } = process.env;
  const child = spawn(process.execPath, [join(ROOT, 'cli/main.ts'), ...args], {
    env: { ...env, ...more.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  let out = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (out += String(chunk)));
  const ended = once(child, 'close').then(([code]): Ended => {
    running.delete(child);
    return { code, out };
  });
  async function ready(): Promise<Started> {
    await expect
      .poll(() => out.includes('Ctrl-C stops it') || child.exitCode !== null, {
        timeout: 60_000,
        interval: 20,
      })
      .toBe(true);
    if (child.exitCode !== null) throw new Error(`it ended: ${out}`);
    return JSON.parse(readFileSync(file, 'utf8'));
  }
  async function stop(signal: NodeJS.Signals): Promise<Ended> {
    child.kill(signal);
    return ended;
  }
  return { data, file, ended, ready, stop, output: () => out };
}

async function propose({ url, keys }: Started, order: number): Promise<void> {
  const body = { agent: 'demo', tool: 'orders.refund', args: { order } };
  const { status } = await callerOf(url)(keys.agent, 'POST', '/v1/requests', body);
  expect(status).toBe(202);
}

async function waiting(data: string): Promise<number> {
  const { out } = await countersign(['queue', '--json', '--data', data]);
  return JSON.parse(out).counts.total;
}

const answersPing = async (url: string): Promise<boolean> => {
  const client = new Redis(url, { lazyConnect: true, retryStrategy: () => null });
  client.on('error', () => {});
  const answered = await client.connect().then(
    () => true,
    () => false,
  );
  client.disconnect();
  return answered;
};

describe('countersign start', { timeout: 120_000 }, () => {
  test('tells people and scripts where it is, whose the keys are and what to load', async () => {
    const server = start('facts');
    const started = await server.ready();
    expect(Object.keys(started).sort()).toEqual([
      'extension_dir',
      'keys',
      'pair_code',
      'people',
      'redis_url',
      'url',
    ]);
    expect(new Set(Object.values(started.people)).size).toBe(4);
    expect(new Set(Object.values(started.keys)).size).toBe(4);
    expect(existsSync(join(started.extension_dir, 'manifest.json'))).toBe(true);
    expect(statSync(server.file).mode & 0o777).toBe(0o600);
    expect(statSync(server.data).mode & 0o777).toBe(0o700);
    for (const fact of [
      started.url,
      started.pair_code,
      started.extension_dir,
      ...Object.values(started.keys),
    ]) {
      expect(server.output()).toContain(fact);
    }

    const call = callerOf(started.url);
    // The ledger answers on the same port: intake alone would know of no log at all.
    const log = await call(started.keys.lead, 'GET', '/v1/audit/checkpoint');
    expect([undefined, 'not_sealed_yet']).toContain(log.code);
    const roles = async (key: string) => (await call<{ roles: string[] }>(key, 'GET', '/v1/me')).body.roles;
    expect(await roles(started.keys.agent)).toEqual(['agent']);
    expect(await roles(started.keys.reviewer)).toEqual(['reviewer']);
    expect(await roles(started.keys.lead)).toEqual(expect.arrayContaining(['lead', 'reviewer']));
    expect(await roles(started.keys.admin)).toContain('admin');
    const pairing = await call('', 'POST', '/v1/pair', { code: started.pair_code });
    expect(pairing.status).toBe(200);

    const { code } = await server.stop('SIGINT');
    expect(code).toBe(0);
    expect(existsSync(server.file)).toBe(false);
    expect(await answersPing(started.redis_url)).toBe(false);
  });

  test('law 9: keeps requests and keys over a stop, and over kill -9 with a start right behind it', async () => {
    const first = start('kept');
    const before = await first.ready();
    await propose(before, 1);
    expect((await first.stop('SIGTERM')).code).toBe(0);

    const second = start('kept');
    const after = await second.ready();
    expect(after.keys).toEqual(before.keys);
    expect(await waiting(second.data)).toBe(1);
    await propose(after, 2);
    await second.stop('SIGKILL');

    const third = start('kept');
    expect((await third.ready()).keys).toEqual(before.keys);
    expect(await waiting(third.data)).toBe(2);
    expect(await answersPing(after.redis_url)).toBe(false);
    expect((await third.stop('SIGINT')).code).toBe(0);
  });

  test('refuses kindly to run twice on one directory or on one port', async () => {
    const first = start('twice');
    const { url } = await first.ready();
    const sameData = await start('twice').ended;
    expect(sameData.code).toBe(1);
    expect(sameData.out).toContain(`already runs on ${first.data}, at ${url}`);
    const samePort = await start('port', { args: ['--port', new URL(url).port] }).ended;
    expect(samePort.code).toBe(3);
    expect(samePort.out).toContain('is taken. Pass --port');
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    expect((await first.stop('SIGINT')).code).toBe(0);
  });

  test('law 3: does not start on a policy that does not load, and says where', async () => {
    const broken = writePolicies({ 'bad.yaml': 'version: 1\nefect: deny\n' });
    const server = start('broken', { args: ['--policies', broken.dir] });
    const { code, out } = await server.ended;
    broken.remove();
    expect(code).toBe(1);
    expect(out).toContain('bad.yaml:2:1');
    expect(out).not.toContain('    at ');
    expect(existsSync(join(server.data, 'lock'))).toBe(false);
  });

  test('uses the Redis of REDIS_URL and leaves it running', async () => {
    const redis = await startTestRedis();
    const server = start('elsewhere', { env: { REDIS_URL: redis.url } });
    expect((await server.ready()).redis_url).toBe(redis.url);
    expect((await server.stop('SIGINT')).code).toBe(0);
    expect(await answersPing(redis.url)).toBe(true);
    await redis.stop();
  });

  test('says when that Redis is away', async () => {
    const { code, out } = await start('away', { env: { REDIS_URL: 'redis://127.0.0.1:1' } }).ended;
    expect(code).toBe(3);
    expect(out).toContain('ECONNREFUSED');
    expect(out).not.toContain('    at ');
  });

  test('does not start with half of what mail needs, and says which half belongs to it', async () => {
    const redis = await startTestRedis();
    const env = { REDIS_URL: redis.url, SMTP_URL: 'smtp://user:hunter2@127.0.0.1:1' };
    const { code, out } = await start('half', { env }).ended;
    expect(code).toBe(2);
    expect(out).toContain('Set all of SMTP_URL, MAIL_FROM, or none of them.');
    expect(out).not.toMatch(/hunter2| {4}at /);
    await redis.stop();
  });

  test('does not start where spans could not be exported as its environment wants, and says what to change', async () => {
    const redis = await startTestRedis();
    const env = { REDIS_URL: redis.url, OTEL_EXPORTER_OTLP_ENDPOINT: 'http://user:hunter2@127.0.0.1:4317' };
    const { code, out } = await start('grpc', { env: { ...env, OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' } }).ended;
    expect(code).toBe(2);
    expect(out).toContain('OTEL_EXPORTER_OTLP_PROTOCOL must be http/protobuf');
    expect(out).not.toMatch(/hunter2| {4}at /);
    await redis.stop();
  });

  test('ends, and says so, when its own Redis is lost', async () => {
    const server = start('lost');
    const { redis_url } = await server.ready();
    const client = new Redis(redis_url);
    client.on('error', () => {});
    client.shutdown('NOSAVE').catch(() => {});
    const { code, out } = await server.ended;
    client.disconnect();
    expect(code).toBe(3);
    expect(out).toContain('Redis has ended by itself');
  });
});
