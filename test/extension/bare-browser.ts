/** Chromium with the extension and nothing attached but one page, through a few lines of the DevTools protocol. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { vi } from 'vitest';
import { unpackExtension } from './browser.ts';

export type BareBrowser = {
  /** Evaluates in a page of the extension that runs none of its code; promises are awaited. Rejects with what it throws. */
  evaluate: (expression: string) => Promise<unknown>;
  close: () => Promise<void>;
};

type Target = { type: string; url: string; webSocketDebuggerUrl: string };

const patience = { timeout: 30_000, interval: 50 };

export async function launchBare(): Promise<BareBrowser> {
  const unpacked = await unpackExtension();
  const args = [
    ...unpacked.args,
    `--user-data-dir=${unpacked.profile}`,
    '--headless',
    '--remote-debugging-port=0',
    'about:blank',
  ];
  const child = spawn(unpacked.command, args, { stdio: 'ignore' });
  const port = await portOf(unpacked.profile);
  const ask = async (path: string, method = 'GET') =>
    (await fetch(`http://127.0.0.1:${port}${path}`, { method })).json();
  const worker = await vi.waitFor(async () => workerOf((await ask('/json')) as Target[]), patience);
  const page = (await ask(`/json/new?${worker.replace('background.js', 'manifest.json')}`, 'PUT')) as Target;
  const socket = new WebSocket(page.webSocketDebuggerUrl);
  await once(socket, 'open');

  let calls = 0;
  const evaluate: BareBrowser['evaluate'] = async (expression) => {
    calls += 1;
    const id = calls;
    socket.send(
      JSON.stringify({
        id,
        method: 'Runtime.evaluate',
        params: { expression, awaitPromise: true, returnByValue: true },
      }),
    );
    for (;;) {
      const [message] = await once(socket, 'message');
      const answer = JSON.parse(message.data);
      if (answer.id !== id) continue;
      const { result, exceptionDetails } = answer.result ?? {};
      if (result === undefined || exceptionDetails !== undefined)
        throw new Error(`${expression} failed: ${message.data}`);
      return result.value;
    }
  };
  // Until its document is there, the page is one that knows of no extension.
  await vi.waitFor(() => evaluate('chrome.storage.local.get()'), patience);

  return {
    evaluate,
    close: async () => {
      socket.close();
      const gone = once(child, 'exit');
      child.kill();
      await gone;
      await unpacked.remove();
    },
  };
}

function workerOf(targets: Target[]): string {
  const worker = targets.find(({ type, url }) => type === 'service_worker' && url.endsWith('/background.js'));
  if (!worker) throw new Error('no worker yet');
  return worker.url;
}

/** The browser writes down which port it took. */
function portOf(profile: string): Promise<string> {
  return vi.waitFor(async () => {
    const [port = ''] = (await readFile(join(profile, 'DevToolsActivePort'), 'utf8')).split('\n');
    return port;
  }, patience);
}
