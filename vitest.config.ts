import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    setupFiles: ['test/support/seed.ts'],
    include: ['test/**/*.test.{ts,tsx}'],
    // They wait for servers and browsers more than they compute, so that more run at once than there are processors.
    maxWorkers: Math.max(4, availableParallelism()),
    // What hangs is found out by what it waits for; this is for machines that do other work too.
    testTimeout: 90_000,
    hookTimeout: 180_000,
    // A busy machine is no failure: what is polled for comes or does not.
    expect: { poll: { timeout: 15_000 } },
  },
});
