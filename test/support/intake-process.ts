import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { type Call, callerOf } from './intake.ts';
import { ROOT } from './sources.ts';

export type IntakeProcess = {
  url: string;
  pid: number;
  call: Call;
  /** Sends a signal: SIGSTOP and SIGCONT, for a process that sleeps. */
  signal: (signal: NodeJS.Signals) => void;
  /** `kill -9`. Resolves when it is gone. */
  kill: () => Promise<void>;
};

/**
 * Intake as a process of its own, as an operator starts it, on a free port. Resolves when it is ready.
 * `nodeOptions` go before the program, such as `--import` of something that bends the clock.
 */
export async function startIntakeProcess(options: {
  redisUrl: string;
  policiesDir: string;
  nodeOptions?: string[];
}): Promise<IntakeProcess> {
  const { redisUrl, policiesDir, nodeOptions = [] } = options;
  const child = spawn(process.execPath, [...nodeOptions, 'services/intake/main.ts'], {
    cwd: ROOT,
    env: {
      PATH: process.env.PATH,
      NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE,
      REDIS_URL: redisUrl,
      POLICIES_DIR: policiesDir,
      HOST: '127.0.0.1',
      PORT: '0',
      LOG_LEVEL: 'info',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  // Whatever ends the test, no intake outlives it.
  const endWithTest = (): void => void child.kill('SIGKILL');
  process.once('exit', endWithTest);
  const url = await readyUrl(child);
  return {
    url,
    pid: child.pid ?? 0,
    call: callerOf(url),
    signal: (signal) => void child.kill(signal),
    async kill() {
      process.off('exit', endWithTest);
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    },
  };
}

/** Reads its log until it says where it listens; keeps reading after that, so that it never waits for a reader. */
function readyUrl(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    const said: string[] = [];
    if (child.stdout === null) throw new Error('its log is not piped');
    createInterface({ input: child.stdout }).on('line', (line) => {
      said.push(line);
      const url = line.startsWith('{') ? (JSON.parse(line) as { url?: string }).url : undefined;
      if (url !== undefined) resolve(url);
    });
    child.once('exit', () => reject(new Error(`intake did not start:\n${said.join('\n')}`)));
  });
}
