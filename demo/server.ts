/** The Countersign server that the demo talks to: one that runs, or one of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createWriteStream, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';

/** What `countersign start` leaves in its data folder for scripts. */
const Started = z.object({
  url: z.string(),
  keys: z.object({ agent: z.string(), reviewer: z.string(), lead: z.string() }),
  pair_code: z.string().optional(),
  extension_dir: z.string().nullish(),
});
export type Started = z.infer<typeof Started>;

/** The server that runs on this data folder, if one does and is ready. */
export async function runningServer(dir: string): Promise<Started | undefined> {
  let started: Started;
  try {
    started = Started.parse(JSON.parse(readFileSync(join(dir, 'started.json'), 'utf8')));
  } catch {
    return undefined;
  }
  const ready = await fetch(`${started.url}/readyz`, { signal: AbortSignal.timeout(2000) }).catch(
    () => undefined,
  );
  return ready?.ok ? started : undefined;
}

/**
 * Where Chrome shows the card of a request, once the extension is loaded from that folder: the id of an unpacked
 * extension is the digest of its path, in letters.
 */
export function cardUrl(extension_dir: string, request_id: string): string {
  const digest = createHash('sha256').update(extension_dir).digest('hex').slice(0, 32);
  const id = [...digest].map((digit) => String.fromCharCode(97 + Number.parseInt(digit, 16))).join('');
  return `chrome-extension://${id}/card.html#/request/${request_id}`;
}

export type OwnServer = Started & { stop(): Promise<void>; log: string };

/** Seconds that a first start may take: it may have to install Redis and build the extension. */
const patience = 300;

/**
 * Starts a server on a free port over this data folder, and waits until it is ready.
 *
 * @throws {Error} with the last lines of its log, when it ends or is not ready in five minutes.
 */
export async function startServer(dir: string): Promise<OwnServer> {
  mkdirSync(dir, { recursive: true });
  const log = join(dir, 'demo-server.log');
  const cli = join(import.meta.dirname, '..', 'cli', 'main.ts');
  // A group of its own: Ctrl-C in the terminal reaches the demo, which then stops the server in good order.
  const child = spawn(process.execPath, [cli, 'start', '--port', '0', '--data', dir], {
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const out = createWriteStream(log, { mode: 0o600 });
  child.stdout.pipe(out, { end: false });
  child.stderr.pipe(out, { end: false });
  const stop = () => end(child);
  // However the demo ends, its server does not stay behind.
  process.once('exit', () => child.kill('SIGTERM'));
  const until = Date.now() + patience * 1000;
  while (child.exitCode === null && child.signalCode === null && Date.now() < until) {
    const started = await runningServer(dir);
    if (started) return { ...started, stop, log };
    await sleep(100);
  }
  await stop();
  const last = readFileSync(log, 'utf8').trimEnd().split('\n').slice(-12).join('\n');
  throw new Error(`the server did not start (${log}):\n${last}`);
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await Promise.race([gone, sleep(15_000, undefined, { ref: false })]);
  if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
}
