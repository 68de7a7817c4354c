import { pino } from 'pino';
import { type Notifier, type NotifierOptions, startNotifier } from '../../services/notifier/start.ts';

export type TestNotifierOptions = Omit<NotifierOptions, 'development' | 'logger'> & {
  logger?: NotifierOptions['logger'];
};

/** A notifier in this process, with this machine's peers within its reach. It says nothing unless given a logger. */
export function startTestNotifier(options: TestNotifierOptions): Promise<Notifier> {
  return startNotifier({ development: true, logger: pino({ level: 'silent' }), ...options });
}
