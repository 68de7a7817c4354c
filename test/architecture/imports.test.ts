/** The section "Layout and who may import whom" of the design, read off the imports. */
import { describe, expect, test } from 'vitest';
import { importsOf, ourFiles, read } from '../support/sources.ts';

const PARTS = ['shared', 'services', 'sdk', 'extension', 'cli', 'demo'];
const sources = ourFiles().filter((path) => /\.tsx?$/.test(path) && PARTS.includes(path.split('/')[0] ?? ''));

const under = (path: string, ...folders: string[]) => folders.some((folder) => path.startsWith(`${folder}/`));
const isOurs = (target: string) => under(target, ...PARTS);

/** "file → import" for each import of these files that is not allowed. */
function breaches(files: readonly string[], forbidden: (target: string, file: string) => boolean): string[] {
  return files.flatMap((file) =>
    importsOf(file)
      .filter((target) => forbidden(target, file))
      .map((target) => `${file} → ${target}`),
  );
}

/** How the extension is built, which runs in Node and is shipped to nobody. */
const building = (path: string) => /^extension\/(wxt|web\/vite)\.config\.ts$/.test(path);

const inside = (...folders: string[]) => sources.filter((path) => under(path, ...folders));

describe('who may import whom', () => {
  test('shared imports nothing of ours but shared', () => {
    expect(breaches(inside('shared'), (target) => isOurs(target) && !under(target, 'shared'))).toEqual([]);
  });

  test('shared is entered through the public surface of its folders', () => {
    const crossing = (target: string, file: string) =>
      under(target, 'shared') &&
      file.split('/').slice(0, 2).join('/') !== target.split('/').slice(0, 2).join('/') &&
      !/^shared\/[^/]+\/index\.ts$/.test(target);
    expect(breaches(sources, crossing)).toEqual([]);
  });

  test('services meet only in shared', () => {
    const foreign = (target: string, file: string) =>
      isOurs(target) && !under(target, 'shared', file.split('/').slice(0, 2).join('/'));
    expect(breaches(inside('services'), foreign)).toEqual([]);
  });

  test('extension and sdk import only contracts, canonical, card, plain, preferences and token of shared', () => {
    const open = ['contracts', 'canonical', 'card', 'plain', 'preferences', 'token'].map(
      (name) => `shared/${name}`,
    );
    for (const part of ['extension', 'sdk']) {
      expect(breaches(inside(part), (target) => isOurs(target) && !under(target, part, ...open))).toEqual([]);
    }
  });

  test('the demo knows nothing but the sdk', () => {
    expect(breaches(inside('demo'), (target) => isOurs(target) && !under(target, 'demo', 'sdk'))).toEqual([]);
  });

  test('nothing imports the cli or the demo', () => {
    for (const part of ['cli', 'demo']) {
      const others = sources.filter((path) => !under(path, part));
      expect(breaches(others, (target) => under(target, part))).toEqual([]);
    }
  });
});

describe('what stays pure', () => {
  const pure = inside('shared/policy', 'shared/routing', 'shared/figures', 'services/intake/lifecycle');

  test('policy, routing, figures and the lifecycle import no Redis, queue, network or Node', () => {
    const impure = /^(node:.*|ioredis|bullmq|hono.*|@hono\/.*|pino|web-push)$/;
    expect(breaches(pure, (target) => impure.test(target))).toEqual([]);
  });

  test('policy, routing, figures and the lifecycle look at no clock, chance, environment or timer', () => {
    const world =
      /\bprocess\.|\bDate\.now\b|\bnew Date\(\)|\bperformance\.|\bMath\.random\b|\bcrypto\.|\bset(Timeout|Interval)\b|\bfetch\(/;
    expect(pure.filter((path) => world.test(withoutComments(read(path))))).toEqual([]);
  });

  test('canonical JSON, contracts and the card run in a browser', () => {
    const shipped = inside(
      'shared/canonical',
      'shared/contracts',
      'shared/card',
      'shared/plain',
      'shared/preferences',
      'shared/token',
      'extension',
    );
    const node = /^(node:.*|ioredis|bullmq|hono.*)$/;
    expect(
      breaches(
        shipped.filter((path) => !building(path)),
        (target) => node.test(target),
      ),
    ).toEqual([]);
  });

  test("only a part's main.ts reads the environment", () => {
    const readers = sources.filter((path) => /\bprocess\.env\b/.test(withoutComments(read(path))));
    expect(
      readers.filter((path) => !/^([^/]+|services\/[^/]+)\/main\.ts$/.test(path) && !building(path)),
    ).toEqual([]);
  });
});

test('the scan sees imports of every form', () => {
  expect(importsOf('test/architecture/imports.test.ts')).toEqual(['vitest', 'test/support/sources.ts']);
  expect(importsOf('shared/digest/index.ts')).toContain('shared/canonical/index.ts');
  expect(sources.length).toBeGreaterThan(50);
});

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');
}
