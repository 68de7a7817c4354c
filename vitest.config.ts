import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

// Whatever tests start as a process reads what an earlier one has compiled.
process.env.NODE_COMPILE_CACHE ??= join(import.meta.dirname, 'node_modules', '.cache', 'countersign');

export default defineConfig({
  test: {
    setupFiles: ['test/support/leaves-nothing.ts', 'test/support/seed.ts'],
    // What a file imports is read once a process and not once a file, which is two fifths of what the suite costs.
    // leaves-nothing.ts sees to it that no file finds what another has left.
    isolate: false,
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
