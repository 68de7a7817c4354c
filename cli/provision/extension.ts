import { execFile } from 'node:child_process';
import { type Dirent, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** What the reviewer's application is built for: by which script of its package, and where to. */
const BUILDS = {
  chrome: { script: 'build', folder: 'chrome-mv3', entry: 'manifest.json' },
  firefox: { script: 'build:firefox', folder: 'firefox-mv3', entry: 'manifest.json' },
  web: { script: 'build:web', folder: 'web', entry: 'index.html' },
} as const;
export type Build = keyof typeof BUILDS;

/** `dir` is where the built extension lies, or will when what failed is mended. */
export type BuiltExtension =
  | { ok: true; dir: string }
  | { ok: false; code: 'extension_build_failed'; message: string; dir: string };

/**
 * The folder of the built extension, ready to be loaded unpacked, or of the web page; built now if it is missing or older than
 * its sources.
 *
 * @param root the repository
 */
export async function buildExtension(
  root: string,
  build: Build,
  say: (line: string) => void,
): Promise<BuiltExtension> {
  const { script, folder, entry } = BUILDS[build];
  const dir = join(root, 'extension', '.output', folder);
  if (changedAt(join(dir, entry)) > lastChange(root)) return { ok: true, dir };
  say(build === 'web' ? 'Building the web page …' : `Building the extension for ${build} …`);
  try {
    await run('npm', ['run', script, '--workspace', 'extension'], { cwd: root });
    return { ok: true, dir };
  } catch (error) {
    const stderr = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : String(error);
    const message = `The extension could not be built; \`npm run ${script} -w extension\` shows why.\n${stderr}`;
    return { ok: false, code: 'extension_build_failed', message, dir };
  }
}

/** Milliseconds since 1970; 0 when there is none. */
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
