/** A notifier as a process of its own, with a schedule for tests: `node notifier-process.ts <redis url> [smtp url] [otlp url]`. */
import { pino } from 'pino';
import { startNotifier } from '../../services/notifier/start.ts';

const [, , redisUrl = '', mail = '', otlp = ''] = process.argv;

const otlpSchedule = [0, ...Array.from({ length: 40 }, () => 100)];

await startNotifier({
  redisUrl,
  development: true,
  logger: pino({ level: 'silent' }),
  retrySchedule: [0, 30, 60, 120, 240, 480, 960, 960, 960, 960, 960, 960, 960],
  attemptTimeoutMs: 600,
  takeOverMs: 1_000,
  ...(mail === '' ? {} : { settings: { mail: { url: mail, from: 'approvals@acme.example' } } }),
  ...(otlp === ''
    ? {}
    : { traces: { url: otlp, timeoutMs: 600, namesReviewers: false, schedule: otlpSchedule } }),
});
