import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { freePort } from './free-port.ts';
import { endWithThisProcess } from './last-will.ts';

export type RedisOptions = {
  /** `redis-server` or `valkey-server`. */
  command: string;
  /** Where its append-only file and its log live; made if missing. */
  dir: string;
  /** On the loopback interface. */
  port: number;
  /** Whoever shares the machine shares its loopback interface, so only tests go without. */
  password?: string;
  /** `everysec` when absent: a power cut can cost a second, a killed process nothing. */
  appendfsync?: 'always' | 'everysec' | 'no';
};

export type RedisServer = {
  url: string;
  port: number;
  pid: number;
  /** Resolves when the process has ended, whoever ended it. */
  exited: Promise<void>;
  /** Lets it write everything down and end. */
  stop: () => Promise<void>;
  /** `kill -9`, for tests and for a second Ctrl-C. */
  kill: () => Promise<void>;
};

/** The server ended before it answered; the message ends with the last lines of its log. */
export class RedisDidNotStart extends Error {
  override name = 'RedisDidNotStart';
}

/**
 * Starts a Redis of our own as the rest needs it: append-only file, no eviction, loopback only. Resolves
 * when it has loaded its data and answers. It ends with this process, whatever ends that one.
 *
 * @throws RedisDidNotStart
 */
export async function startRedisServer(options: RedisOptions): Promise<RedisServer> {
  mkdirSync(options.dir, { recursive: true, mode: 0o700 });
  const logFile = join(options.dir, 'redis.log');
  const log = openSync(logFile, 'a', 0o600);
  // Its own process group: Ctrl-C goes to a whole group, and Redis has to outlive the services on it.
  const child = spawn(options.command, ['-'], {
    cwd: options.dir,
    stdio: ['pipe', log, log],
    detached: true,
  });
  closeSync(log);
  let refused: string | undefined;
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', (error) => {
      refused = error.message;
      resolve();
    });
  });
  child.stdin?.on('error', () => {});
  // On standard input, because a command line is for everyone on the machine to read.
  child.stdin?.end(configuration(options));

  if (child.pid !== undefined) void exited.then(endWithThisProcess(child.pid));

  const url = `redis://${options.password ? `:${options.password}@` : ''}127.0.0.1:${options.port}`;
  if (child.pid === undefined || !(await answers(url, child, exited))) {
    const lines = (await readFile(logFile, 'utf8')).trimEnd().split('\n').slice(-5);
    throw new RedisDidNotStart(`${options.command} did not start:\n${refused ?? lines.join('\n')}`);
  }
  const end = async (signal: 'SIGTERM' | 'SIGKILL') => {
    child.kill(signal);
    await exited;
  };
  return {
    url,
    port: options.port,
    pid: child.pid,
    exited,
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
  };
}

/** The same on a free port: another process may take that port first, so it is tried a few times. */
export async function startRedisOnFreePort(options: Omit<RedisOptions, 'port'>): Promise<RedisServer> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await startRedisServer({ ...options, port: await freePort() });
    } catch (error) {
      if (attempt === 5 || !String(error).includes('in use')) throw error;
    }
  }
}

function configuration(options: RedisOptions): string {
  return [
    'bind 127.0.0.1',
    `port ${options.port}`,
    'appendonly yes',
    `appendfsync ${options.appendfsync ?? 'everysec'}`,
    // The append-only file is the record; a snapshot beside it would only cost.
    'save ""',
    'maxmemory-policy noeviction',
    ...(options.password ? [`requirepass ${options.password}`] : []),
    '',
  ].join('\n');
}

/** How long a Redis that can not have its port may take to end by itself and write why, in ms. */
const LAST_WORDS_MS = 10_000;

/** Waits until this child, and not another server on its port, answers; false when it has ended instead. */
async function answers(url: string, child: ChildProcess, exited: Promise<void>): Promise<boolean> {
  const client = new Redis(url, { maxRetriesPerRequest: null, retryStrategy: () => 20 });
  client.on('error', () => {});
  const info = await Promise.race([client.info('server').catch(() => ''), exited]);
  client.disconnect();
  if (info?.includes(`process_id:${child.pid}\r\n`)) return true;
  const giveUp = setTimeout(() => child.kill('SIGKILL'), LAST_WORDS_MS);
  await exited;
  clearTimeout(giveUp);
  return false;
}

/**
 * Ends the Redis at a URL, if one answers there: what a start that lost its parent may have left behind.
 * Resolves when its connection is closed, that is when everything is written down.
 */
export async function shutDownRedis(url: string): Promise<boolean> {
  const client = new Redis(url, { lazyConnect: true, maxRetriesPerRequest: 0, retryStrategy: () => null });
  client.on('error', () => {});
  try {
    await client.connect();
  } catch {
    return false;
  }
  const closed = once(client, 'end');
  client.shutdown().catch(() => {});
  await closed;
  return true;
}
