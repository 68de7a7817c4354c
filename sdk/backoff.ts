/** Waiting between attempts. */

/**
 * Seconds to wait before attempt `attempt + 1`, the first attempt being 0: doubles from a tenth of a second to five,
 * with full jitter so that a thousand agents do not return at once; at least what the server asked for, up to a minute.
 */
export function backoff(attempt: number, retryAfter = 0): number {
  const most = Math.min(5, 0.1 * 2 ** attempt);
  return Math.max(Math.random() * most, Math.min(retryAfter, 60));
}

/** Resolves after some seconds; rejects with the signal's reason as soon as it aborts. */
export async function pause(seconds: number, signal?: AbortSignal): Promise<void> {
  signal?.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, seconds * 1000);
  const onAbort = () => reject(signal?.reason);
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    await promise;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
  }
}
