import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis, type RedisOptions } from 'ioredis';
import { redisCommand } from '../../cli/provision/redis.ts';
import { startRedisOnFreePort, startRedisServer } from '../../cli/provision/redis-server.ts';

export type TestRedis = {
  url: string;
  port: number;
  /** Where the append-only file is. */
  dir: string;
  /** A client that is closed with the server; `options` as ioredis takes them. */
  client: (options?: Omit<RedisOptions, 'replyMapping'>) => Redis;
  /** Ends the server and its clients, and removes the data. */
  stop: () => Promise<void>;
  /** `kill -9`; the data stay. */
  kill9: () => Promise<void>;
  /** The same data on the same port, after `kill9` or instead of it. */
  restart: () => Promise<void>;
};

/**
 * A real Redis of this test file's own, on a free port, configured as production is: append-only file,
 * no eviction. Stop it in `afterAll`.
 */
export async function startTestRedis(
  options: { appendfsync?: 'always' | 'everysec' | 'no' } = {},
): Promise<TestRedis> {
  const machine = { path: process.env.PATH ?? '', platform: process.platform, say: console.log };
  const command = await redisCommand(machine);
  const dir = mkdtempSync(join(tmpdir(), 'countersign-redis-'));
  const settings = { command, dir, ...options };
  let server = await startRedisOnFreePort(settings);
  const clients: Redis[] = [];

  return {
    url: server.url,
    port: server.port,
    dir,
    client(clientOptions = {}) {
      const client = new Redis(server.url, clientOptions);
      // A server that a test kills is no news; commands still reject.
      client.on('error', () => {});
      clients.push(client);
      return client;
    },
    async stop() {
      for (const client of clients) client.disconnect();
      await server.kill();
      rmSync(dir, { recursive: true, force: true });
    },
    kill9: () => server.kill(),
    async restart() {
      await server.kill();
      server = await startRedisServer({ ...settings, port: server.port });
    },
  };
}
