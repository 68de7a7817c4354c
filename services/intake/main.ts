/** Intake as a process of its own: reads the environment, runs until it is told to stop. */
import { pino } from 'pino';
import { startIntake } from './start.ts';

const {
  REDIS_URL,
  PORT,
  HOST,
  POLICIES_DIR,
  WEB_DIR,
  ISSUER,
  ADMIN_KEY,
  LEDGER_DIR,
  UNSAFE_REDIS,
  DEVELOPMENT,
  LOG_LEVEL,
} = process.env;
const logger = pino({ level: LOG_LEVEL ?? 'info', redact: ['*.authorization', '*.token', '*.secret'] });

try {
  const intake = await startIntake({
    redisUrl: REDIS_URL ?? 'redis://127.0.0.1:6379',
    policiesDir: POLICIES_DIR ?? 'policies',
    host: HOST ?? '0.0.0.0',
    port: Number(PORT ?? 4780),
    unsafeRedis: UNSAFE_REDIS === 'yes',
    development: DEVELOPMENT === 'yes',
    ...(WEB_DIR === undefined ? {} : { webDir: WEB_DIR }),
    ...(ISSUER === undefined ? {} : { issuer: ISSUER }),
    ...(ADMIN_KEY === undefined ? {} : { adminKey: ADMIN_KEY }),
    ...(LEDGER_DIR === undefined ? {} : { ledgerDir: LEDGER_DIR }),
    logger,
  });
  const stop = (): void => {
    intake.stop().then(
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
