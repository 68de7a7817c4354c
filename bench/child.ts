/** Servers and load run in processes of their own, as in production: nothing shares an event loop. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { endWithThisProcess } from '../cli/provision/last-will.ts';

export type ServerProcess = { url: string; stop: () => Promise<void> };

/** Starts a server that says where it listens in a line of JSON with a `url` on its standard output. */
export async function startServer(file: string, env: Record<string, string>): Promise<ServerProcess> {
  const path = fileURLToPath(new URL(file, import.meta.url));
  const child = spawn(process.execPath, [path], {
    env: { ...process.env, NODE_ENV: 'production', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const revoke = child.pid === undefined ? () => {} : endWithThisProcess(child.pid);
  child.once('exit', revoke);
  const url = await listening(child, file);
  return {
    url,
    async stop() {
      child.kill('SIGTERM');
      if (child.exitCode === null) await once(child, 'exit');
    },
  };
}

async function listening(child: ChildProcess, file: string): Promise<string> {
  if (child.stdout === null) throw new Error('no standard output');
  const said: string[] = [];
  for await (const line of createInterface(child.stdout)) {
    said.push(line);
    const url = /"url":"([^"]+)"/.exec(line)?.[1];
    if (url === undefined) continue;
    child.stdout.resume();
    return url;
  }
  throw new Error(`${file} did not start:\n${said.join('\n')}`);
}
