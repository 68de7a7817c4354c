/** What is published is enough by itself: no source of ours, no zod. */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ROOT } from '../support/sources.ts';

const dir = mkdtempSync(join(tmpdir(), 'countersign-sdk-package-'));
const dist = join(ROOT, 'sdk', 'dist');
const tsc = join(ROOT, 'node_modules', '.bin', 'tsc');
const env = { ...process.env, PATH: `${join(ROOT, 'node_modules', '.bin')}:${process.env.PATH}` };

beforeAll(() => {
  execFileSync(process.execPath, ['build.ts'], { cwd: join(ROOT, 'sdk'), env });
  mkdirSync(join(dir, 'node_modules', '@countersign'), { recursive: true });
  cpSync(dist, join(dir, 'node_modules', '@countersign', 'sdk'), { recursive: true });
  writeFileSync(join(dir, 'package.json'), '{"type":"module"}');
});
afterAll(() => rmSync(dir, { recursive: true }));

test('it imports nothing but itself', () => {
  const imports = readdirSync(dist)
    .filter((name) => /\.(js|d\.ts)$/.test(name))
    .flatMap((name) => [...readFileSync(join(dist, name), 'utf8').matchAll(/\bfrom '([^']+)'/g)])
    .map((match) => match[1]);
  expect(imports.length).toBeGreaterThan(10);
  expect(imports.filter((specifier) => !/^\.\/[a-z-]+\.js$/.test(specifier ?? ''))).toEqual([]);
});

const program = `
import { createClient, type JsonObject, Rejected, requireApproval, type RequestView } from '@countersign/sdk';
const fetch = async () => Response.json({ decision: 'deny', request_id: 'r', stop_reason: 'policy_denied', reason: 'No.', rules: [] });
const client = createClient({ url: 'http://127.0.0.1:1', key: 'cs_w_s', agent: 'a', fetch });
const refund = requireApproval(async ({ amount }: { amount: number }) => amount * 2, {
  client,
  tool: 'refund',
  onRejection: (stop) => stop.answer,
});
const result: Promise<number | string> = refund({ amount: 1 });
const args = (request: RequestView): JsonObject => request.args;
const tier = (request: RequestView): 'low' | 'medium' | 'high' | 'critical' => request.tier;
console.log(await result.catch((error) => [error.code, error instanceof Rejected, typeof args, typeof tier].join()));
`;

test('a program in JavaScript or TypeScript runs with it, under the strictest checks of its types', () => {
  writeFileSync(join(dir, 'program.ts'), program);
  const flags = [
    '--strict',
    '--target',
    'es2024',
    '--module',
    'nodenext',
    '--types',
    '',
    '--lib',
    'es2024,dom',
  ];
  execFileSync(tsc, [...flags, '--exactOptionalPropertyTypes', '--skipLibCheck', 'false', 'program.ts'], {
    cwd: dir,
  });
  const shown = execFileSync(process.execPath, ['program.js'], { cwd: dir, encoding: 'utf8' });
  expect(shown.trim()).toBe('policy_denied,false,function,function');
});

test('a wrong use of a type is an error', () => {
  writeFileSync(join(dir, 'wrong.ts'), `${program}\nconst wrong: 'sideways' = tier({} as RequestView);\n`);
  const flags = ['--noEmit', '--strict', '--target', 'es2024', '--module', 'nodenext', '--lib', 'es2024,dom'];
  expect(() => execFileSync(tsc, [...flags, 'wrong.ts'], { cwd: dir, stdio: 'pipe' })).toThrow();
});
