/** Which Redis this is: the process and its history of replication. Another one may hold less than the last. */
import type { Redis } from 'ioredis';

/** How long it is taken to be the same without asking, ms, though the connection stands: a proxy may hide a failover. */
const askEveryMs = 1000;

export type RedisRun = { current: () => Promise<string> };

/** Asks when a connection is new, and every second. */
export function watchRedisRun(redis: Redis): RedisRun {
  let known: { at: number; run: Promise<string> } | undefined;
  redis.on('close', () => {
    known = undefined;
  });
  return {
    current() {
      if (known !== undefined && performance.now() - known.at < askEveryMs) return known.run;
      const asked = { at: performance.now(), run: ask(redis) };
      known = asked;
      asked.run.catch(() => {
        if (known === asked) known = undefined;
      });
      return asked.run;
    },
  };
}

async function ask(redis: Redis): Promise<string> {
  const [server, replication] = await Promise.all([redis.info('server'), redis.info('replication')]);
  const run = /^run_id:(\w+)/m.exec(server)?.[1];
  const history = /^master_replid:(\w+)/m.exec(replication)?.[1];
  if (run === undefined) throw new Error('Redis does not say which run it is');
  return `${run} ${history ?? ''}`;
}
