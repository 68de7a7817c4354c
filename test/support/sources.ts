import { readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';

export const ROOT = join(import.meta.dirname, '..', '..');

const LEFT_OUT = new Set(['node_modules', 'dist', 'coverage']);

/** Every file that is ours, as paths from the root with forward slashes; `.ci` is the one hidden folder. */
export function ourFiles(folder = ''): string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = posix.join(folder, entry.name);
    if (LEFT_OUT.has(entry.name) || (entry.name.startsWith('.') && entry.name !== '.ci')) return [];
    if (entry.isDirectory()) return ourFiles(path);
    return entry.isFile() && !entry.name.endsWith('.log') ? [path] : [];
  });
}

export function read(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}

const IMPORT =
  /^\s*(?:import|export)\b[^'";]*?\bfrom\s*'([^']+)'|^\s*import\s*'([^']+)'|\bimport\(\s*'([^']+)'/gm;

/**
 * What a source file imports: paths from the root for what is ours (`shared/token/index.ts`), the bare
 * specifier for packages and `node:` modules. Types count: knowing a shape is a dependency too.
 */
export function importsOf(path: string): string[] {
  const specifiers = [...read(path).matchAll(IMPORT)].map((match) => match[1] ?? match[2] ?? match[3] ?? '');
  return specifiers.map((specifier) => {
    if (specifier.startsWith('.')) return posix.join(posix.dirname(path), specifier);
    const [, part, rest] = /^@countersign\/([a-z]+)(?:\/(.+))?$/.exec(specifier) ?? [];
    if (part === undefined) return specifier;
    const folder = part === 'intake' || part === 'notifier' || part === 'ledger' ? `services/${part}` : part;
    return posix.join(folder, rest ?? '', 'index.ts');
  });
}
