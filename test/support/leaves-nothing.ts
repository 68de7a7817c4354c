/**
 * Files that run in one process one after the other must not meet. Each fails that leaves behind what another could:
 * a server, a child process, a clock that is not the machine's, another `fetch`, another environment.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, expect, vi } from 'vitest';

/** What is closed in `afterAll` may take a moment to be gone, ms. */
const patience = 5_000;

/** How many servers and children this process has. */
const held = (): string[] =>
  process.getActiveResourcesInfo().filter((kind) => kind === 'TCPServerWrap' || kind === 'ProcessWrap');

const { fetch } = globalThis;
const environment = { ...process.env };
const before = held().length;

// Registered before any hook of the file, so it runs after all of them.
afterAll(async () => {
  for (let waited = 0; held().length > before && waited < patience; waited += 20) await sleep(20);
  expect(held().length, `left behind: ${held().join(', ')}`).toBe(before);
  expect(vi.isFakeTimers(), 'the clock is still a fake').toBe(false);
  expect(globalThis.fetch === fetch, 'fetch is still another').toBe(true);
  expect(process.env).toEqual(environment);
});
