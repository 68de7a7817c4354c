import { execFile } from 'node:child_process';
import { type Dirent, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The browsers that the extension is built for, and the script of its package that does it. */
const SCRIPTS = { chrome: 'build', firefox: 'build:firefox' } as const;
export type Browser = keyof typeof SCRIPTS;

/** `dir` is where the built extension lies, or will when what failed is mended. */
export type BuiltExtension =
  | { ok: true; dir: string }
  | { ok: false; code: 'extension_build_failed'; message: string; dir: string };

/**
 * The folder of the built extension, ready to be loaded unpacked; built now if it is missing or older than
 * its sources.
 *
 * @param root the repository
 */
export async function buildExtension(
  root: string,
  browser: Browser,
  say: (line: string) => void,
): Promise<BuiltExtension> {
  const dir = join(root, 'extension', '.output', `${browser}-mv3`);
  if (builtAt(dir) > lastChange(root)) return { ok: true, dir };
  say(`Building the extension for ${browser} …`);
  const script = SCRIPTS[browser];
  try {
    await run('npm', ['run', script, '--workspace', 'extension'], { cwd: root });
    return { ok: true, dir };
  } catch (error) {
    const stderr = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : String(error);
    const message = `The extension could not be built; \`npm run ${script} -w extension\` shows why.\n${stderr}`;
    return { ok: false, code: 'extension_build_failed', message, dir };
  }
}

/** Milliseconds since 1970; 0 when it has not been built. */
function builtAt(dir: string): number {
  return changedAt(join(dir, 'manifest.json'));
}

function changedAt(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

function lastChange(root: string): number {
  const sources = [...files(join(root, 'extension')), ...files(join(root, 'shared'))];
  return Math.max(...[...sources, join(root, 'package-lock.json')].map(changedAt));
}

function files(folder: string): string[] {
  const isSource = (entry: Dirent) => !entry.name.startsWith('.') && entry.name !== 'node_modules';
  return readdirSync(folder, { withFileTypes: true })
    .filter(isSource)
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      return entry.isDirectory() ? files(path) : [path];
    });
}
