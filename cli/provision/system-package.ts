import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { findExecutable } from './executable.ts';

const run = promisify(execFile);

/** What a step that prepares the machine needs to know of it, and where its lines of progress go. */
export type Machine = {
  /** The value of PATH. */
  path: string;
  /** `process.platform`. */
  platform: NodeJS.Platform;
  say: (line: string) => void;
};

/**
 * Installs a package with apt-get, where there is one and nobody has to be asked: as root, or with a sudo
 * that wants no password. It says what it does, and why it could not.
 *
 * @returns whether the package is installed now
 */
export async function installSystemPackage(name: string, machine: Machine): Promise<boolean> {
  const aptGet = findExecutable(['apt-get'], machine.path);
  if (aptGet === undefined) return false;
  const asRoot = await rootPrefix(machine);
  if (asRoot === undefined) return false;

  const command = [
    ...asRoot,
    'env',
    'DEBIAN_FRONTEND=noninteractive',
    aptGet,
    '-q',
    '-y',
    '-o',
    'DPkg::Lock::Timeout=120',
  ];
  machine.say(`Installing ${name} with apt-get …`);
  const install = ['install', '--no-install-recommends', name];
  // A fresh machine has no package lists, an old one has stale ones; both are mended by one update.
  if (await succeeds([...command, ...install])) return true;
  if (await succeeds([...command, 'update'])) {
    if (await succeeds([...command, ...install], machine.say)) return true;
  }
  machine.say(`apt-get could not install ${name}.`);
  return false;
}

async function rootPrefix(machine: Machine): Promise<string[] | undefined> {
  if (process.getuid?.() === 0) return [];
  const sudo = findExecutable(['sudo'], machine.path);
  return sudo !== undefined && (await succeeds([sudo, '-n', 'true'])) ? [sudo, '-n'] : undefined;
}

async function succeeds(command: readonly string[], say?: Machine['say']): Promise<boolean> {
  const [file = '', ...args] = command;
  try {
    await run(file, args, { maxBuffer: 64 * 1024 * 1024 });
    return true;
  } catch (error) {
    const stderr = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : '';
    if (stderr !== '') say?.(stderr.split('\n').at(-1) ?? '');
    return false;
  }
}
