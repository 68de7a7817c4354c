import { eventCutter, type ServerEvent } from '../api/event-stream.ts';

/** What the stream tells the rest of the worker. */
export type LiveHandlers = {
  /** The server takes the key and is sending. */
  onOpen: () => void;
  onEvent: (event: ServerEvent) => void;
  /** Bytes came, be it a heartbeat. Called before `onEvent`. */
  onChunk: () => void;
  /** The stream broke; the next try is `wait` milliseconds away. */
  onLost: (wait: number) => void;
};

/** The server sends a heartbeat every 15 s; without three of them the connection is dead. */
const silence = 45_000;
const shortestWait = 1_000;
const longestWait = 30_000;

/**
 * Keeps `GET /v1/stream` open until `signal` aborts, coming back after the last event each time. Waits between tries
 * double from 1 s to 30 s, with jitter, so that a restarted server is not met by everyone at once.
 *
 * @returns when aborted, or when the server refuses the key, which no retry mends
 */
export async function followStream(
  access: { server: string; key: string },
  lastEvent: () => Promise<string>,
  handlers: LiveHandlers,
  signal: AbortSignal,
): Promise<void> {
  let wait = shortestWait;
  while (!signal.aborted) {
    const end = await readStream(access, await lastEvent(), handlers, signal, () => {
      wait = shortestWait;
    });
    if (signal.aborted || end === 'refused') return;
    const jittered = wait * (0.5 + Math.random() / 2);
    handlers.onLost(jittered);
    await pause(jittered, signal);
    wait = Math.min(longestWait, wait * 2);
  }
}

async function readStream(
  access: { server: string; key: string },
  lastEvent: string,
  handlers: LiveHandlers,
  signal: AbortSignal,
  opened: () => void,
): Promise<'refused' | 'lost'> {
  const watchdog = new AbortController();
  const arm = () => setTimeout(() => watchdog.abort(), silence);
  let timer = arm();
  try {
    const response = await fetch(`${access.server}/v1/stream`, {
      headers: {
        accept: 'text/event-stream',
        authorization: `Bearer ${access.key}`,
        ...(lastEvent === '' ? {} : { 'last-event-id': lastEvent }),
      },
      cache: 'no-store',
      credentials: 'omit',
      redirect: 'error',
      signal: AbortSignal.any([signal, watchdog.signal]),
    });
    if (response.status === 401 || response.status === 403) return 'refused';
    if (!response.ok || !response.body) return 'lost';
    opened();
    handlers.onOpen();
    const cut = eventCutter();
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return 'lost';
      clearTimeout(timer);
      timer = arm();
      handlers.onChunk();
      for (const event of cut(value)) handlers.onEvent(event);
    }
  } catch {
    return 'lost';
  } finally {
    clearTimeout(timer);
    watchdog.abort();
  }
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    signal.addEventListener('abort', done);
  });
}
