import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadPolicySet, type PolicySet, runPolicyTests } from '@countersign/shared/policy';
import { describe, expect, test } from 'vitest';

const own = join(import.meta.dirname, 'cases');
const starter = join(import.meta.dirname, '../../policies');

function testFiles(directory: string): string[] {
  return readdirSync(directory).filter((name) => name.endsWith('.test.yaml'));
}

function loadDirectory(directory: string): PolicySet {
  const names = readdirSync(directory).filter((name) => name.endsWith('.yaml'));
  const files = names.map((path) => ({ path, text: readFileSync(join(directory, path), 'utf8') }));
  const loaded = loadPolicySet(files);
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  expect(loaded.warnings).toEqual([]);
  return loaded.set;
}

function runFile(set: PolicySet | null, directory: string, name: string): void {
  const run = runPolicyTests(set, readFileSync(join(directory, name), 'utf8'), name);
  if (!run.ok) throw new Error(JSON.stringify(run.problems));
  describe(run.description, () => {
    test.each(run.results)('$name', ({ differences }) => expect(differences).toEqual([]));
  });
}

for (const name of testFiles(own)) runFile(null, own, name);

const set = loadDirectory(starter);
for (const name of testFiles(starter)) runFile(set, starter, name);

test('every policy that ships has test cases', () => {
  const policies = readdirSync(starter).filter(
    (name) => name.endsWith('.yaml') && !name.endsWith('.test.yaml'),
  );
  expect(testFiles(starter).sort()).toEqual(
    policies.map((name) => name.replace('.yaml', '.test.yaml')).sort(),
  );
});

test('the starter pack needs no person or group to be set up', () => {
  expect(set.groups).toEqual({});
  const demands = set.rules.flatMap((rule) => rule.demands.requirement.slots);
  expect(demands.every(({ from, need }) => from === null && need === 1)).toBe(true);
});
