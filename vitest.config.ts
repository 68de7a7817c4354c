import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    setupFiles: ['test/support/seed.ts'],
    include: ['test/**/*.test.{ts,tsx}'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // A busy machine is no failure: what is polled for comes or does not.
    expect: { poll: { timeout: 15_000 } },
  },
});
