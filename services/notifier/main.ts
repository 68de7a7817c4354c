/** The notifier as a process of its own. Reads the environment, and nothing else here does. */
import { createServer } from 'node:http';
import { pino } from 'pino';
import { settingsFrom } from './channels/settings.ts';
import { logRedaction, startNotifier } from './start.ts';
import { traceSettingsFrom } from './traces/settings.ts';

const { REDIS_URL, PORT, DEVELOPMENT, VAPID_SUBJECT, LOG_LEVEL } = process.env;
const settings = settingsFrom(process.env);

const notifier = await startNotifier({
  redisUrl: REDIS_URL ?? 'redis://127.0.0.1:6379',
  development: DEVELOPMENT === 'yes',
  logger: pino({ name: 'notifier', level: LOG_LEVEL ?? 'info', redact: logRedaction }),
  settings,
  traces: traceSettingsFrom(process.env),
  ...(VAPID_SUBJECT === undefined ? {} : { vapidSubject: VAPID_SUBJECT }),
});

const server = createServer(async (request, response) => {
  switch (request.url) {
    case '/healthz':
      response.end('ok\n');
      return;
    case '/readyz': {
      const health = await notifier.health();
      response.writeHead(health.ok ? 200 : 503, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ ok: health.ok, redis: health.redis, stuck: health.stuck.length }));
      return;
    }
    case '/metrics':
      response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4' });
      response.end(await notifier.metrics());
      return;
    default:
      response.writeHead(404).end();
  }
});
server.listen(Number(PORT ?? 4781));

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, async () => {
    server.close();
    await notifier.stop();
    process.exit(0);
  });
}
