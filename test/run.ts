/**
 * `npm test`: gets the machine ready (Redis, Chromium, the built extension), runs every test and ends with
 * the plain line "N passed, N failed, N skipped". Arguments narrow it down: `npm test -- test/policy`.
 */
import { enableCompileCache, flushCompileCache } from 'node:module';
import { join } from 'node:path';
import type { TestModule } from 'vitest/node';
import { startVitest } from 'vitest/node';
import { findChromium } from '../cli/provision/chromium.ts';
import { type Build, buildExtension } from '../cli/provision/extension.ts';
import { findRedis } from '../cli/provision/redis.ts';

const root = join(import.meta.dirname, '..');
const machine = { path: process.env.PATH ?? '', platform: process.platform, say: console.log };

// Tests start, kill and stop servers of their own, so one that runs elsewhere (REDIS_URL) is no help here.
const redis = await findRedis(undefined, machine);
const chromium = await findChromium(process.env.CHROMIUM_PATH, machine);
for (const found of [redis, chromium]) if (!found.ok) giveUp(found.message);
const builds = async (...which: Build[]) => {
  for (const build of which) {
    const built = await buildExtension(root, build, console.log);
    if (!built.ok) giveUp(built.message);
  }
};
// Those of the extension write the same types, so they take turns.
await Promise.all([builds('chrome', 'firefox'), builds('web')]);
if (chromium.ok) process.env.CHROMIUM_PATH = chromium.command;

// Processes that tests start find compiled what this one has read: those that are killed would leave nothing behind.
process.env.NODE_COMPILE_CACHE ??= join(root, 'node_modules', '.cache', 'countersign');
enableCompileCache(process.env.NODE_COMPILE_CACHE);
await import('../cli/start/services.ts');
flushCompileCache();

const counts = { passed: 0, failed: 0, skipped: 0 };
const vitest = await startVitest(process.argv.slice(2), {
  root,
  run: true,
  watch: false,
  reporters: ['default', { onTestRunEnd: (modules) => modules.forEach(count) }],
});
await vitest.close();
console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
process.exit();

function count(module: TestModule): void {
  let tests = 0;
  for (const test of module.children.allTests()) {
    const { state } = test.result();
    tests++;
    if (state === 'passed') counts.passed++;
    else if (state === 'skipped') counts.skipped++;
    else counts.failed++;
  }
  // A file that can not even be loaded has no tests to fail.
  if (tests === 0 && module.state() === 'failed') counts.failed++;
}

function giveUp(message: string): never {
  console.error(message);
  process.exit(1);
}
