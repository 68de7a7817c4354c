#!/usr/bin/env node
// `countersign`. Plain JavaScript, so that a Node which is too old for TypeScript can read it and hand over
// to the one that the repository brings.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import module from 'node:module';
import { join } from 'node:path';

const main = join(import.meta.dirname ?? new URL('.', import.meta.url).pathname, 'main.ts');

if (process.features.typescript) {
  // A second start finds what the first has compiled. Not in the machine's temporary folder, where others may write;
  // where this folder may not be written to, nothing is kept.
  module.enableCompileCache?.(join(main, '..', '..', 'node_modules', '.cache', 'countersign'));
  await import(main);
} else {
  const own = join(main, '..', '..', 'node_modules', '.bin', 'node');
  if (!existsSync(own)) {
    console.error(`Node ${process.version} is too old for Countersign: it needs 22.18 or later.`);
    process.exit(2);
  }
  const child = spawn(own, [main, ...process.argv.slice(2)], { stdio: 'inherit' });
  // Whoever ends this process means the command; a terminal tells both by itself.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? (signal === null ? 1 : 130);
  });
}
