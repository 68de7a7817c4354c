/** The formatter, the linter and the compiler are tests as well, so that one command judges everything. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { ROOT } from '../support/sources.ts';

const run = promisify(execFile);

/** What a command has to say when it is not content; nothing when it is. */
async function complaints(file: string, ...args: string[]): Promise<string> {
  try {
    await run(file, args, { cwd: ROOT, maxBuffer: 1e8 });
    return '';
  } catch (error) {
    if (!(error instanceof Error) || !('stdout' in error) || !('stderr' in error)) throw error;
    return `${error.stdout}${error.stderr}` || error.message;
  }
}

/** Compilers need what they need on a machine that does other work too, ms. */
const patience = 180_000;

const tool = (file: string) => join(ROOT, 'node_modules', file);

test(
  'the formatter and the linter find nothing',
  async () => {
    expect(await complaints(process.execPath, tool('@biomejs/biome/bin/biome'), 'check', '.')).toBe('');
  },
  patience,
);

test(
  'the types of everything that runs in Node agree',
  async () => {
    expect(await complaints(process.execPath, tool('typescript/bin/tsc'), '--noEmit')).toBe('');
  },
  patience,
);

test(
  'the types of the extension agree',
  async () => {
    expect(await complaints('npm', 'run', 'typecheck', '--workspace', 'extension')).toBe('');
  },
  patience,
);
