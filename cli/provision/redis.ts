import { Redis } from 'ioredis';
import { findExecutable } from './executable.ts';
import { installSystemPackage, type Machine } from './system-package.ts';

export type FoundRedis =
  | { ok: true; url: string }
  | { ok: true; command: string }
  | { ok: false; code: 'redis_missing'; message: string };

/**
 * Where Redis comes from: the server that `url` names, else a `redis-server` or `valkey-server` on the
 * PATH, else one that is installed now, where that takes no question to anyone.
 *
 * @param url the value of REDIS_URL, if it is set; it is not tried here
 * @returns `url` of a running server, or the `command` that starts one; a refusal says what to type
 */
export async function findRedis(url: string | undefined, machine: Machine): Promise<FoundRedis> {
  if (url) return { ok: true, url };
  const find = () => findExecutable(['redis-server', 'valkey-server'], machine.path);
  const command = find() ?? ((await installSystemPackage('redis-server', machine)) ? find() : undefined);
  if (command !== undefined) return { ok: true, command };
  const how =
    machine.platform === 'darwin'
      ? 'type `brew install redis`'
      : machine.platform === 'win32'
        ? 'run this inside WSL'
        : 'type `sudo apt-get install -y redis-server` (or your system’s like)';
  return {
    ok: false,
    code: 'redis_missing',
    message: `Redis is needed and is not on the PATH: ${how}, or set REDIS_URL to a server of yours.`,
  };
}

/**
 * The command of a server of one's own, found or installed as {@link findRedis} does it.
 *
 * @throws Error that says what to type
 */
export async function redisCommand(machine: Machine): Promise<string> {
  const found = await findRedis(undefined, machine);
  if ('command' in found) return found.command;
  throw new Error('message' in found ? found.message : `${found.url} is a server that runs already`);
}

/**
 * Whether a Redis answers at a URL within three seconds, so that a wrong address is said at once instead of
 * waited for.
 *
 * @returns why not, in a few words; undefined when it does
 */
export async function whyUnreachable(url: string): Promise<string | undefined> {
  const client = new Redis(url, { lazyConnect: true, connectTimeout: 3_000, retryStrategy: () => null });
  // The error event tells more than the rejection, which only says that the connection is closed.
  let reason = 'no answer';
  client.on('error', (error) => {
    reason = error.message;
  });
  return client
    .connect()
    .then(
      () => undefined,
      () => reason,
    )
    .finally(() => client.disconnect());
}
