/** A notifier as a process of its own, with a schedule for tests: `node notifier-process.ts <redis url>`. */
import { pino } from 'pino';
import { startNotifier } from '../../services/notifier/start.ts';

await startNotifier({
  redisUrl: process.argv[2] ?? '',
  development: true,
  logger: pino({ level: 'silent' }),
  retrySchedule: [0, 30, 60, 120, 240, 480, 960, 960, 960, 960, 960, 960, 960],
  attemptTimeoutMs: 600,
  takeOverMs: 1_000,
});
