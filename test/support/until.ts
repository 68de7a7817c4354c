import { vi } from 'vitest';

/**
 * Asks again and again until `check` throws no more, and gives what it gave then. For what comes from another process
 * within moments; the patience is for machines that do other work too.
 */
export const until = <T>(check: () => T | Promise<T>): Promise<T> =>
  vi.waitFor(check, { timeout: 25_000, interval: 10 });
