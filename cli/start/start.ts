/** `countersign start`: everything that the main job needs, in one process and one Redis below it. */
import { resolve } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { type ExitCode, exitCode } from '../exit-code.ts';
import { buildExtension } from '../provision/extension.ts';
import { findRedis, whyUnreachable } from '../provision/redis.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { startEmbeddedRedis } from './embedded-redis.ts';
import { lockDataDir } from './lock.ts';
import { openLog } from './log.ts';
import { removeStarted, writeStarted } from './started-file.ts';
import { welcome } from './welcome.ts';

export type StartOptions = {
  /** 0: any free one. */
  port: number;
  host: string;
  /** Where Redis, keys and logs are kept. */
  data: string;
  policies: string;
};

/** What was started, to be stopped in the opposite order. */
export type Closing = (() => Promise<unknown>)[];

/** How long each part may take to stop, in ms: work under way is finished, but a stuck part holds up nobody. */
const PATIENCE_MS = 25_000;
/** The same once Redis is lost, when there is nothing left to finish. */
const PATIENCE_WITHOUT_REDIS_MS = 500;

/**
 * Runs until somebody asks it to end, or until Redis is lost. Data and keys of the same directory are those
 * of the last time.
 *
 * @param root the repository
 */
export async function start(options: StartOptions, root: string, terminal: Terminal): Promise<ExitCode> {
  // From now on an interruption is ours to answer, in the middle of starting too.
  const interrupted = terminal.interrupted();
  const closing: Closing = [];
  let patience = PATIENCE_MS;
  try {
    const ended = await run(
      { ...options, data: resolve(options.data) },
      root,
      terminal,
      interrupted,
      closing,
    );
    if (ended === 'redis_lost') patience = PATIENCE_WITHOUT_REDIS_MS;
    return ended === 'redis_lost' ? exitCode.unavailable : ended;
  } catch (error) {
    const reason = expected(error, options);
    if (reason === undefined) throw error;
    terminal.err(reason.message);
    return reason.exit;
  } finally {
    for (const close of closing.reverse()) {
      const closed = close().catch((error: unknown) => terminal.err(String(error)));
      await Promise.race([closed, setTimeout(patience, undefined, { ref: false })]);
    }
  }
}

async function run(
  options: StartOptions,
  root: string,
  terminal: Terminal,
  interrupted: Promise<void>,
  closing: Closing,
): Promise<ExitCode | 'redis_lost'> {
  const machine = { path: terminal.env.PATH ?? '', platform: process.platform, say: terminal.err };
  const redis = await findRedis(terminal.env.REDIS_URL, machine);
  if (!redis.ok) {
    terminal.err(redis.message);
    return exitCode.unavailable;
  }
  const unreachable = 'url' in redis ? await whyUnreachable(redis.url) : undefined;
  if (unreachable !== undefined) {
    terminal.err(`The Redis of REDIS_URL can not be reached: ${unreachable}.`);
    return exitCode.unavailable;
  }
  const lock = await lockDataDir(options.data);
  if (!lock.ok) {
    terminal.err(lock.message);
    return exitCode.refused;
  }
  closing.push(lock.release);
  // A start that was killed could not take its file back, and scripts wait for ours.
  await removeStarted(options.data);

  terminal.err('Starting …');
  const building = buildExtension(root, 'chrome', terminal.err);
  const page = buildExtension(root, 'web', terminal.err);
  const lost: Promise<'redis_lost'>[] = [];
  // Read while Redis starts and, the first time, the extension is built.
  const services = import('./services.ts');
  let redisUrl: string;
  if ('url' in redis) redisUrl = redis.url;
  else {
    const server = await startEmbeddedRedis(redis.command, options.data);
    closing.push(server.stop);
    lost.push(server.exited.then(() => 'redis_lost'));
    redisUrl = server.url;
  }
  const logger = openLog(options.data, terminal.color);
  const { startServices } = await services;
  const facts = await startServices(options, redisUrl, (await page).dir, terminal.env, logger, closing);
  const extension = await building;
  if (!extension.ok) terminal.err(extension.message);
  const started = { ...facts, extension_dir: extension.dir };
  closing.push(() => removeStarted(options.data));
  await writeStarted(options.data, started);
  for (const line of welcome(started, options, terminal.color)) terminal.out(line);

  const ended = await Promise.race([interrupted, ...lost]);
  if (ended === 'redis_lost') {
    terminal.err(`Redis has ended by itself; ${options.data}/redis/redis.log says why.`);
    return ended;
  }
  terminal.err('Stopping …');
  return exitCode.done;
}

/** Failures that a person at the terminal can mend; anything else is a bug and keeps its stack. */
function expected(error: unknown, { port }: StartOptions): { message: string; exit: ExitCode } | undefined {
  if (!(error instanceof Error)) return undefined;
  const { name, message } = error;
  const code = 'code' in error ? String(error.code) : '';
  if (name === 'UnusableSettings') return { message, exit: exitCode.usage };
  if (name === 'PolicyDoesNotLoad' || name === 'FolderTaken') return { message, exit: exitCode.refused };
  if (name === 'UnsafeRedis' || name === 'RedisDidNotStart') return { message, exit: exitCode.unavailable };
  if (code === 'EADDRINUSE') {
    const advice = `Port ${port} is taken. Pass --port with another one; 0 takes any.`;
    return { message: advice, exit: exitCode.unavailable };
  }
  if (/^E[A-Z]+$/.test(code)) return { message, exit: exitCode.unavailable };
  return undefined;
}
