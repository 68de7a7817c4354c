import { type KeyName, readStarted } from '../start/started-file.ts';
import type { Terminal } from '../terminal/terminal.ts';

/** Which server a command talks to, and as whom. */
export type Connection = { url: string; key: string };

/** The options that every command with a server takes. */
export type ConnectionOptions = { url?: string; key?: string; data: string };

export type FoundConnection =
  | { ok: true; connection: Connection }
  | { ok: false; code: 'not_connected'; message: string };

/**
 * The server and key from the flags, else the environment, else the `countersign start` that runs on the
 * data directory. The keys of that one are never sent to a server named elsewhere.
 *
 * @param role whose key of a development server is wanted
 */
export async function findConnection(
  options: ConnectionOptions,
  env: Terminal['env'],
  role: KeyName,
): Promise<FoundConnection> {
  const started = await readStarted(options.data);
  const url = options.url ?? env.COUNTERSIGN_URL ?? started?.url;
  if (!url) {
    return notConnected('No server is known: start one (`npm start`), pass --url or set COUNTERSIGN_URL.');
  }
  const base = baseOf(url);
  if (base === undefined) return notConnected(`${url} is not an http or https address.`);
  const own = started !== undefined && base === baseOf(started.url) ? started.keys[role] : undefined;
  const key = options.key ?? env.COUNTERSIGN_KEY ?? own;
  if (!key) return notConnected(`No key for ${base} is known: pass --key or set COUNTERSIGN_KEY.`);
  if (!/^[!-~]+$/.test(key)) return notConnected('The key holds characters that no key has.');
  return { ok: true, connection: { url: base, key } };
}

function notConnected(message: string): FoundConnection {
  return { ok: false, code: 'not_connected', message };
}

/** Without a slash at the end, so that paths can be put behind it. */
function baseOf(url: string): string | undefined {
  if (!URL.canParse(url)) return undefined;
  const { protocol, origin, pathname } = new URL(url);
  return /^https?:$/.test(protocol) ? origin + pathname.replace(/\/+$/, '') : undefined;
}
