/** How much script a surface loads before it shows anything, from what was built. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { beforeAll, expect, test } from 'vitest';
import { buildExtension } from '../../cli/provision/extension.ts';

const root = join(import.meta.dirname, '../..');
const limit = 60 * 1_024;

let dir: string;
beforeAll(async () => {
  const built = await buildExtension(root, 'chrome', () => undefined);
  if (!built.ok) throw new Error(built.message);
  dir = built.dir;
});

const read = (path: string) => readFile(join(dir, path), 'utf8');

/** The scripts that a page loads by itself, not those that it imports when they are wanted. */
async function scriptsOf(page: string): Promise<Set<string>> {
  const html = await read(page);
  const scripts = new Set<string>();
  const follow = async (path: string): Promise<void> => {
    if (scripts.has(path)) return;
    scripts.add(path);
    const imports = (await read(path)).matchAll(/(?:\bimport|\bfrom)\s*["']\.\/([^"']+\.js)["']/g);
    for (const [, name] of imports) await follow(`chunks/${name}`);
  };
  for (const [, path] of html.matchAll(/<script\b[^>]*\bsrc="\/([^"]+)"/g)) await follow(path ?? '');
  for (const [, path] of html.matchAll(/<link\b[^>]*modulepreload[^>]*\bhref="\/([^"]+)"/g)) {
    await follow(path ?? '');
  }
  return scripts;
}

test('no name of a source file is in a script: what is measured is what is shipped', async () => {
  const scripts = await scriptsOf('popup.html');
  for (const path of scripts) expect(await read(path)).not.toMatch(/\w\.tsx/);
});

test.each(['popup.html', 'sidepanel.html', 'card.html'])(
  'the own scripts of %s are at most 60 kB gzip',
  async (page) => {
    const scripts = await scriptsOf(page);
    expect(scripts.size).toBeGreaterThan(0);
    const sizes = await Promise.all([...scripts].map(async (path) => gzipSync(await read(path)).length));
    const total = sizes.reduce((sum, size) => sum + size, 0);
    console.log(`${page}: ${(total / 1_024).toFixed(1)} kB gzip in ${sizes.length} scripts`);
    expect(total).toBeLessThanOrEqual(limit);
  },
);
