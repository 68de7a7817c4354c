/** docker-compose.yml, taken at its word: each service's command is started here as it is written there. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { freePort } from '../../cli/provision/free-port.ts';
import { callerOf } from '../support/intake.ts';
import { ROOT, read } from '../support/sources.ts';

const Service = z.object({
  image: z.string(),
  command: z.array(z.string()).min(1),
  environment: z.record(z.string(), z.string()).default({}),
  volumes: z.array(z.string()).default([]),
  ports: z.array(z.string()).default([]),
  restart: z.string(),
  healthcheck: z.object({ test: z.array(z.string()) }).optional(),
});
const names = ['redis', 'intake', 'notifier', 'ledger', 'front'] as const;
const compose = z
  .object({ services: z.record(z.enum(names), Service), volumes: z.record(z.string(), z.null()) })
  .parse(parse(read('docker-compose.yml'), { merge: true }));
const { services } = compose;

const dir = mkdtempSync(join(tmpdir(), 'countersign-compose-'));
const children: ChildProcess[] = [];
const hasCaddy = spawnSync('caddy', ['version']).status === 0;

/** Compose's way of naming a variable with a default. */
function withDefaults(value: string): string {
  return value.replace(/\$\{\w+:-([^}]*)\}/g, '$1');
}

/** Starts a service's own command, with its own environment but for what a host must have differently. */
function run(
  name: (typeof names)[number],
  differently: Record<string, string>,
  more: string[] = [],
): ChildProcess {
  const { command, environment } = services[name];
  const [file = '', ...args] = command.map((part) => part.replace('/etc/caddy/', `${ROOT}/`));
  const own = Object.fromEntries(
    Object.entries(environment).map(([key, value]) => [key, withDefaults(value)]),
  );
  const child = spawn(file === 'node' ? process.execPath : file, [...args, ...more], {
    cwd: ROOT,
    env: {
      PATH: process.env.PATH,
      NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE,
      HOME: dir,
      ...own,
      ...differently,
    },
    stdio: ['ignore', 'ignore', file === 'node' ? 'inherit' : 'ignore'],
  });
  children.push(child);
  return child;
}

/** The check of a service's health, run as compose would. */
async function isHealthy(name: 'intake' | 'notifier' | 'ledger', port: number): Promise<boolean> {
  const [, , ...args] = services[name].healthcheck?.test ?? [];
  const { PORT = '' } = services[name].environment;
  const own = args.map((part) => part.replace(`:${PORT}/`, `:${port}/`));
  const [code] = await once(spawn(process.execPath, own), 'exit');
  return code === 0;
}

const adminKey = `cs_default_${'k'.repeat(40)}`;
const ports = { redis: 0, intake: 0, notifier: 0, ledger: 0, front: 0 };
let redisUrl = '';

beforeAll(async () => {
  for (const name of names) ports[name] = await freePort();
  redisUrl = `redis://127.0.0.1:${ports.redis}`;
  run('redis', {}, [
    '--port',
    String(ports.redis),
    '--dir',
    dir,
    '--bind',
    '127.0.0.1',
    '--loglevel',
    'warning',
  ]);
  const REDIS_URL = redisUrl;
  const client = new Redis(REDIS_URL, { maxRetriesPerRequest: null, retryStrategy: () => 50 });
  client.on('error', () => {});
  await client.ping();
  client.disconnect();
  const LEDGER_DIR = join(dir, 'ledger');
  const here = { REDIS_URL, LEDGER_DIR, LOG_LEVEL: 'error' };
  run('intake', { ...here, ADMIN_KEY: adminKey, HOST: '127.0.0.1', PORT: String(ports.intake) });
  run('notifier', { ...here, PORT: String(ports.notifier) });
  run('ledger', { ...here, PORT: String(ports.ledger) });
  if (hasCaddy) {
    const hosts = { INTAKE_HOST: '127.0.0.1', LEDGER_HOST: '127.0.0.1' };
    const behind = { INTAKE_PORT: String(ports.intake), LEDGER_PORT: String(ports.ledger) };
    run('front', { SITE_ADDRESS: `:${ports.front}`, ...hosts, ...behind });
  }
});
afterAll(async () => {
  for (const child of children.reverse()) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  rmSync(dir, { recursive: true, force: true });
});

describe('the compose file', { timeout: 180_000 }, () => {
  test('starts a Redis that keeps everything', async () => {
    const client = new Redis(redisUrl);
    expect(await client.config('GET', 'appendonly')).toEqual(['appendonly', 'yes']);
    expect(await client.config('GET', 'maxmemory-policy')).toEqual(['maxmemory-policy', 'noeviction']);
    client.disconnect();
    expect(services.redis.volumes).toContain('redis-data:/data');
  });

  test('starts intake, notifier and ledger, which become healthy', async () => {
    await expect.poll(() => isHealthy('intake', ports.intake), { timeout: 90_000 }).toBe(true);
    await expect.poll(() => isHealthy('notifier', ports.notifier), { timeout: 90_000 }).toBe(true);
    await expect.poll(() => isHealthy('ledger', ports.ledger), { timeout: 90_000 }).toBe(true);
  });

  test('gives the first admin the chosen key, and with it they make the others', async () => {
    const call = callerOf(`http://127.0.0.1:${ports.intake}`);
    const key = { roles: ['agent'], owner: 'ann', agents: ['*'] };
    expect((await call(adminKey, 'POST', '/v1/keys', key)).status).toBe(201);
    expect(services.intake.environment.ADMIN_KEY).toMatch(/^\$\{ADMIN_KEY:\?/);
  });

  test.runIf(hasCaddy)('starts a front that passes calls on and keeps the figures in', async () => {
    const status = (path: string) =>
      fetch(`http://127.0.0.1:${ports.front}${path}`).then(
        (response) => response.status,
        () => 0,
      );
    await expect.poll(() => status('/healthz'), { timeout: 30_000 }).toBe(200);
    expect(await status('/openapi.json')).toBe(200);
    expect(await status('/v1/queue')).toBe(401);
    expect([await status('/metrics'), await status('/readyz')]).toEqual([404, 404]);
  });

  test.runIf(hasCaddy)(
    'has the front pass what is the ledger’s to the ledger, and erasing to intake',
    async () => {
      const call = callerOf(`http://127.0.0.1:${ports.front}`);
      const auditor = { roles: ['auditor'], owner: 'dora' };
      const { body } = await call<{ key: string }>(adminKey, 'POST', '/v1/keys', auditor);
      // Intake alone would say that it is the ledger's.
      const sealed = async () => (await call(body.key, 'GET', '/v1/audit/checkpoint')).status;
      await expect.poll(sealed, { timeout: 30_000 }).toBe(200);
      expect((await call(body.key, 'GET', '/v1/requests/req_none/proof')).body.detail).toContain(
        'no request',
      );
      const erased = await call(adminKey, 'POST', '/v1/audit/erase', { request_id: 'req_none' });
      expect([erased.status, erased.body]).toEqual([202, { texts: 0 }]);
    },
  );

  test('keeps the log where the ledger seals into it and intake looks at it', () => {
    const { LEDGER_DIR } = services.ledger.environment;
    expect(services.intake.environment.LEDGER_DIR).toBe(LEDGER_DIR);
    expect(services.ledger.volumes).toEqual([`ledger-data:${LEDGER_DIR}`]);
    expect(services.intake.volumes).toContain(`ledger-data:${LEDGER_DIR}:ro`);
    expect(compose.volumes).toHaveProperty('ledger-data');
    // A volume that begins as a folder of root's could not be written to.
    expect(read('Dockerfile')).toMatch(new RegExp(`mkdir -p ${LEDGER_DIR} && chown`));
  });

  test('names what is there: the front’s servers, their ports and every file', () => {
    const { INTAKE_HOST, INTAKE_PORT, LEDGER_HOST, LEDGER_PORT } = services.front.environment;
    for (const host of [INTAKE_HOST, LEDGER_HOST]) expect(services).toHaveProperty(String(host));
    expect(INTAKE_PORT).toBe(services.intake.environment.PORT);
    expect(LEDGER_PORT).toBe(services.ledger.environment.PORT);
    for (const name of ['INTAKE_HOST', 'INTAKE_PORT', 'LEDGER_HOST', 'LEDGER_PORT', 'SITE_ADDRESS'])
      expect(read('Caddyfile')).toContain(`{$${name}}`);
    expect(existsSync(join(ROOT, 'Caddyfile'))).toBe(true);
    for (const { ports: published, restart } of [
      services.redis,
      services.intake,
      services.notifier,
      services.ledger,
    ]) {
      // The front is the only way in.
      expect(published).toEqual([]);
      expect(restart).toBe('unless-stopped');
    }
  });

  test('intake, notifier and ledger end by themselves when they are told to', async () => {
    for (const child of children.slice(1, 4)) {
      child.kill('SIGTERM');
      const [code] = await once(child, 'exit');
      expect(code).toBe(0);
    }
  });
});

describe('the image', () => {
  const dockerfile = read('Dockerfile');
  // But for what one stage takes from another.
  const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, sources = '']) =>
    sources.split(' '),
  );

  test('holds the manifest of every workspace, or nothing would install', () => {
    const services = ['services/intake', 'services/notifier', 'services/ledger'];
    const workspaces = ['shared', ...services, 'sdk', 'extension', 'cli', 'demo'];
    for (const workspace of workspaces) expect(copied).toContain(`${workspace}/package.json`);
    for (const source of copied) expect(existsSync(join(ROOT, source))).toBe(true);
  });

  test('holds what each command runs', () => {
    for (const name of ['intake', 'notifier', 'ledger'] as const) {
      const [, file = ''] = services[name].command;
      expect(copied).toContain(file.split('/')[0]);
      expect(existsSync(join(ROOT, file))).toBe(true);
    }
  });
});
