/** The ledger as a process of its own. Reads the environment, and nothing else here does. */
import { createServer } from 'node:http';
import { pino } from 'pino';
import { startLedger } from './start.ts';

const { REDIS_URL, PORT, LEDGER_DIR, LOG_LEVEL } = process.env;

const ledger = await startLedger({
  redisUrl: REDIS_URL ?? 'redis://127.0.0.1:6379',
  dir: LEDGER_DIR ?? 'ledger',
  logger: pino({ name: 'ledger', level: LOG_LEVEL ?? 'info' }),
});

const server = createServer((request, response) => {
  if (request.url === '/healthz') response.end('ok\n');
  else if (request.url === '/readyz') {
    const health = ledger.health();
    response.writeHead(health.ok ? 200 : 503, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ ok: health.ok, redis: health.redis, stuck: health.stuck.length }));
  } else response.writeHead(404).end();
});
server.listen(Number(PORT ?? 4782));

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, async () => {
    server.close();
    await ledger.stop();
    process.exit(0);
  });
}
