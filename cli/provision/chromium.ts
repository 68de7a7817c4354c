import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { chromium } from 'playwright-core';
import { findExecutable, isExecutable } from './executable.ts';
import { installSystemPackage, type Machine } from './system-package.ts';

const run = promisify(execFile);

export type FoundChromium =
  | { ok: true; command: string }
  | { ok: false; code: 'chromium_missing'; message: string };

/**
 * A Chromium for the tests that can load our unpacked extension: the one that `preferred` names, else
 * Chromium on the PATH, else Playwright's own, else one that is installed now. Chrome comes last, because
 * its branded builds have stopped loading extensions from the command line (since 137).
 *
 * @param preferred the value of CHROMIUM_PATH, if it is set; taken as it is
 */
export async function findChromium(preferred: string | undefined, machine: Machine): Promise<FoundChromium> {
  if (preferred) return { ok: true, command: preferred };
  const command =
    findInstalled(machine.path) ??
    ((await installSystemPackage('chromium', machine)) ? await findWorking(machine.path) : undefined) ??
    ((await downloadPlaywrights(machine)) ? playwrightsOwn() : undefined) ??
    findExecutable(['google-chrome', 'google-chrome-stable'], machine.path);
  if (command !== undefined) return { ok: true, command };
  return {
    ok: false,
    code: 'chromium_missing',
    message:
      'Chromium is needed for the tests: type `npx playwright-core install --with-deps chromium`, ' +
      'or set CHROMIUM_PATH to one of yours.',
  };
}

function findInstalled(path: string): string | undefined {
  return findExecutable(['chromium', 'chromium-browser'], path) ?? playwrightsOwn();
}

/** On Ubuntu the package is a stub that only works where snap does, so it is started once. */
async function findWorking(path: string): Promise<string | undefined> {
  const command = findInstalled(path);
  if (command === undefined) return undefined;
  return run(command, ['--version']).then(
    () => command,
    () => undefined,
  );
}

function playwrightsOwn(): string | undefined {
  const file = chromium.executablePath();
  return isExecutable(file) ? file : undefined;
}

async function downloadPlaywrights(machine: Machine): Promise<boolean> {
  machine.say('Downloading Chromium with Playwright …');
  const folder = dirname(createRequire(import.meta.url).resolve('playwright-core/package.json'));
  const args = [join(folder, 'cli.js'), 'install', '--with-deps', 'chromium'];
  return run(process.execPath, args, { timeout: 300_000, maxBuffer: 64 * 1024 * 1024 }).then(
    () => true,
    () => false,
  );
}
