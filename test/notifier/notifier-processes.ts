/** Notifiers as processes of their own (`notifier-process.ts`), to be killed. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

const running = new Set<ChildProcess>();

/** Exit codes of notifiers that nobody killed. */
export const crashed: (number | null)[] = [];

/**
 * @param smtpUrl by what it sends mail; it sends none without
 * @param otlpUrl where it exports spans to; it makes none without
 */
export function startNotifierProcess(redisUrl: string, smtpUrl = '', otlpUrl = ''): ChildProcess {
  const script = new URL('./notifier-process.ts', import.meta.url).pathname;
  const child = spawn(process.execPath, [script, redisUrl, smtpUrl, otlpUrl], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  running.add(child);
  child.once('exit', (code, signal) => {
    running.delete(child);
    if (signal !== 'SIGKILL') crashed.push(code);
  });
  return child;
}

/** `kill -9`; resolves when it is gone. */
export async function kill9(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}

/** All that were started in this file, for `afterEach`. */
export async function killAll(): Promise<void> {
  await Promise.all([...running].map(kill9));
}
