/** Rules about the repository itself. */
import { describe, expect, test } from 'vitest';
import { ourFiles, read } from '../support/sources.ts';

const files = ourFiles();
const texts = files.filter((path) =>
  /(\.(tsx?|lua|css|html|json|ya?ml|md|sh)|\/run|Dockerfile|Caddyfile)$/.test(path),
);

/** The most lines that a file may have. Cases of a test are a list, which stays readable for longer. */
const mostLines = (path: string) => (path.startsWith('test/') ? 450 : 250);

/** Files that are longer nevertheless, each with what makes it so. */
const LONG_FOR_A_REASON: Record<string, string> = {};

/** `a/b/c.ts` lies in `a` and in `a/b`. */
const foldersOf = (path: string) =>
  path
    .split('/')
    .slice(0, -1)
    .map((_, i, steps) => steps.slice(0, i + 1).join('/'));

describe('layout', () => {
  test('a file past 250 lines has a reason, a test past 450', () => {
    const long = texts
      .filter((path) => /\.(tsx?|lua|css)$/.test(path) && !(path in LONG_FOR_A_REASON))
      .map((path) => ({ path, lines: read(path).trimEnd().split('\n').length }))
      .filter(({ path, lines }) => lines > mostLines(path));
    expect(long).toEqual([]);
  });

  test('docs/architecture.md maps each folder of shared and of a service, and nothing that is not there', () => {
    const rows =
      read('docs/architecture.md').split('| folder |')[1]?.split('\n\n')[0]?.split('\n').slice(2) ?? [];
    const mapped = rows.flatMap((row) => (row.split('|')[1] ?? '').match(/[\w./-]+/g) ?? []);
    const there = new Set(files.flatMap((path) => [path, ...foldersOf(path)]));
    expect(mapped.filter((path) => !there.has(path.replace(/\/$/, '')))).toEqual([]);
    const parts = [...there].filter(
      (path) => /^(shared|services\/[^/]+)\/[^/.]+$/.test(path) && !files.includes(path),
    );
    expect(parts.filter((path) => !mapped.includes(path))).toEqual([]);
  });

  test('there is no drawer for things without a name', () => {
    expect(
      files.filter((path) => /(^|\/)(utils?|helpers?|misc|lib|common)(\/|\.[a-z]+$)/.test(path)),
    ).toEqual([]);
  });

  test('no folder of a machine and no registry of packages is written down', () => {
    const machine = /(?<![\w.$}-])\/(root|work|home|Users)\/\w/;
    const registry = /https?:\/\/[^\s/"']*(registry\.|\/registry\/|verdaccio|artifactory|nexus)/;
    expect(texts.filter((path) => machine.test(read(path)) || registry.test(read(path)))).toEqual([]);
  });
});

type Manifest = Record<'dependencies' | 'devDependencies' | 'optionalDependencies', Record<string, string>>;
type Locked = Partial<Manifest> & { version?: string; peerDependencies?: Record<string, string> };
const manifest: Manifest = JSON.parse(read('package.json'));
const lock: { packages: Record<string, Locked> } = JSON.parse(read('package-lock.json'));

describe('dependencies', () => {
  test("each stands in the README's table with its reason, and nothing else does", () => {
    const named = Object.keys({
      ...manifest.dependencies,
      ...manifest.devDependencies,
      ...manifest.optionalDependencies,
    });
    const table = read('README.md').split('| package |')[1]?.split('\n\n')[0] ?? '';
    const rows = table.split('\n').slice(2);
    const listed = rows.flatMap((row) => (row.split('|')[1] ?? '').split(',').map((name) => name.trim()));
    expect(listed.sort()).toEqual(named.sort());
  });

  test('each is pinned to one version', () => {
    const all = [manifest.dependencies, manifest.devDependencies, manifest.optionalDependencies];
    const loose = all.flatMap((group) =>
      Object.entries(group).filter(([, version]) => !/^\d+\.\d+\.\d+(-r\.\d+)?$/.test(version)),
    );
    expect(loose).toEqual([]);
  });

  test('the lock holds every optional package, so that `npm ci` works on every platform', () => {
    const missing = Object.entries(lock.packages).flatMap(([path, { optionalDependencies = {} }]) =>
      Object.keys(optionalDependencies)
        .filter((name) => !isLocked(path, name))
        .map((name) => `${path} → ${name}`),
    );
    expect(missing).toEqual([]);
  });

  test('the lock knows macOS and Windows', () => {
    const names = Object.keys(lock.packages).join('\n');
    expect(names).toMatch(/darwin-arm64/);
    expect(names).toMatch(/win32-x64/);
  });
});

/** Looks where Node would: in the folder of the package, then in each one above. */
function isLocked(path: string, name: string): boolean {
  const steps = path === '' ? [] : path.split('/node_modules/');
  for (let depth = steps.length; depth >= 0; depth--) {
    const base = steps.slice(0, depth).join('/node_modules/');
    if (`${base === '' ? '' : `${base}/`}node_modules/${name}` in lock.packages) return true;
  }
  return false;
}
