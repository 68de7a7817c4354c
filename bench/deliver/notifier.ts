/** The notifier as it is deployed, but that it may call this machine. */
import { pino } from 'pino';
import { startNotifier } from '../../services/notifier/start.ts';

const notifier = await startNotifier({
  redisUrl: process.env.REDIS_URL ?? '',
  development: true,
  logger: pino({ level: 'info' }, pino.destination('/dev/null')),
});
console.log(JSON.stringify({ url: 'none' }));
process.once('SIGTERM', async () => {
  await notifier.stop();
  process.exit(0);
});
