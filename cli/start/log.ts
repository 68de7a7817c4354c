import { join } from 'node:path';
import { destination, type Logger, multistream, pino } from 'pino';
import pretty from 'pino-pretty';

/** Names under which a secret or a payload could come into a line by mistake. */
const SECRET = ['authorization', 'token', 'secret', 'key', 'keys', 'args', 'headers'];

/**
 * The services' log: everything into `DIR/countersign.log`, and what someone should look at onto the
 * terminal as well.
 */
export function openLog(dataDir: string, color: boolean): Logger {
  const file = destination({ dest: join(dataDir, 'countersign.log'), append: true, mode: 0o600, sync: true });
  const screen = pretty({
    colorize: color,
    ignore: 'pid,hostname',
    translateTime: 'SYS:HH:MM:ss',
    sync: true,
    destination: 2,
  });
  return pino(
    { level: 'info', redact: SECRET.flatMap((name) => [name, `*.${name}`]) },
    multistream([
      { level: 'info', stream: file },
      { level: 'warn', stream: screen },
    ]),
  );
}
