/** What the ledger seals, and what a stranger verifies with, rests on nothing but `node:crypto`. */
import { expect, test } from 'vitest';
import { importsOf, ourFiles, read } from '../support/sources.ts';

const files = ourFiles().filter((path) => path.startsWith('shared/tlog/'));

test('the log’s pure part imports node:crypto and itself, and nothing else', () => {
  const foreign = files
    .flatMap(importsOf)
    .filter((target) => target !== 'node:crypto' && !target.startsWith('shared/tlog/'));
  expect(foreign).toEqual([]);
  expect(files.length).toBeGreaterThan(10);
});

test('it looks at no clock, chance or environment', () => {
  const world =
    /\bprocess\.|\bDate\.now\b|\bnew Date\(\)|\bperformance\.|\bMath\.random\b|\brandom\w+\(|\bset(Timeout|Interval)\b|\bfetch\(/;
  expect(files.filter((path) => world.test(read(path)))).toEqual([]);
});
