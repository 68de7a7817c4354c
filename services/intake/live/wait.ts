/** Long polling: register, re-read, wait, so that a change between the read and the wait is never missed. */
import type { WakeHub } from './wake.ts';

/** A wake-up may be lost with a connection; a re-read this often covers it. */
const rereadMs = 5000;

/**
 * Reads until `done` or the time is over, and returns the last reading. Ends early when `signal` aborts.
 */
export async function readUntil<T>(
  hub: WakeHub,
  target: { workspace: string; id: string },
  options: { waitMs: number; signal: AbortSignal },
  read: () => Promise<T>,
  done: (value: T) => boolean,
): Promise<T> {
  let wake: () => void = () => {};
  let woken = false;
  const off = hub.onRequest(target.workspace, target.id, () => {
    woken = true;
    wake();
  });
  const end = performance.now() + options.waitMs;
  try {
    for (;;) {
      woken = false;
      const value = await read();
      const left = end - performance.now();
      if (done(value) || left <= 0 || options.signal.aborted) return value;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, Math.min(left, rereadMs));
        wake = () => {
          clearTimeout(timer);
          options.signal.removeEventListener('abort', wake);
          resolve();
        };
        options.signal.addEventListener('abort', wake, { once: true });
        // A change that came while reading.
        if (woken) wake();
      });
    }
  } finally {
    off();
  }
}
