/** The ledger as a process of its own: reads the environment, runs until it is told to stop. */
import { serve } from '@hono/node-server';
import { pino } from 'pino';
import { startLedger } from './start.ts';

const { REDIS_URL, HOST, PORT, LEDGER_DIR, LOG_LEVEL } = process.env;
const { WITNESS_DIR, WITNESS_URL, WITNESS_AUTHORIZATION, DEVELOPMENT } = process.env;
const logger = pino({ name: 'ledger', level: LOG_LEVEL ?? 'info' });

try {
  const ledger = await startLedger({
    redisUrl: REDIS_URL ?? 'redis://127.0.0.1:6379',
    dir: LEDGER_DIR ?? 'ledger',
    logger,
    witnesses: {
      development: DEVELOPMENT === 'yes',
      ...(WITNESS_DIR && { dir: WITNESS_DIR }),
      ...(WITNESS_URL && { url: WITNESS_URL }),
      ...(WITNESS_AUTHORIZATION && { headers: { authorization: WITNESS_AUTHORIZATION } }),
    },
  });
  const server = serve({ fetch: ledger.fetch, hostname: HOST ?? '0.0.0.0', port: Number(PORT ?? 4782) });
  server.once('error', (error) => {
    logger.fatal(error.message);
    process.exit(1);
  });
  const stop = (): void => {
    server.close();
    ledger.stop().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
} catch (error) {
  logger.fatal(error instanceof Error ? error.message : String(error));
  process.exit(1);
}
