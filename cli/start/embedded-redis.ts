import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type RedisServer, shutDownRedis, startRedisOnFreePort } from '../provision/redis-server.ts';

/**
 * Starts the Redis that `countersign start` brings along, on the data of the last time, behind a password
 * that only this start knows. If the last one is still ending, because its parent was killed, that is
 * waited for: two must never write to one append-only file.
 *
 * @param command `redis-server` or `valkey-server`
 * @throws RedisDidNotStart
 */
export async function startEmbeddedRedis(command: string, dataDir: string): Promise<RedisServer> {
  const dir = join(dataDir, 'redis');
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const lastUrl = join(dir, 'url');
  const left = await readFile(lastUrl, 'utf8').catch(() => undefined);
  if (left !== undefined) await shutDownRedis(left);
  const password = randomBytes(24).toString('base64url');
  const server = await startRedisOnFreePort({ command, dir, password });
  await writeFile(lastUrl, server.url, { mode: 0o600 });
  return server;
}
