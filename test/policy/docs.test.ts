import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadPolicySet, type PolicyFile, runPolicyTests } from '@countersign/shared/policy';
import { describe, expect, test } from 'vitest';
import { FUNCTIONS } from '../../shared/policy/condition/functions.ts';

const page = readFileSync(join(import.meta.dirname, '../../docs/policy.md'), 'utf8');

type Block = { kind: string; name: string; text: string };
const blocks = [...page.matchAll(/^```yaml ?(policy|cases)?=?(\S*)\n(.*?)^```/gms)].map(
  ([, kind = '', name = '', text = '']): Block => ({ kind, name, text }),
);

function setOf(files: PolicyFile[]) {
  const loaded = loadPolicySet(files);
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  expect(loaded.warnings).toEqual([]);
  return loaded.set;
}

describe('docs/policy.md', () => {
  const policies = blocks.filter(({ kind }) => kind === 'policy');

  test('its examples load without a problem or a warning', () => {
    expect(policies.length).toBeGreaterThan(4);
    for (const { name, text } of policies) setOf([{ path: name, text }]);
  });

  blocks.forEach(({ kind, text }, index) => {
    if (kind !== 'cases') return;
    const policy = blocks[index - 1];
    if (policy?.kind !== 'policy') throw new Error('a block of cases follows the policy that it is about');
    const run = runPolicyTests(setOf([{ path: policy.name, text: policy.text }]), text);
    if (!run.ok) throw new Error(JSON.stringify(run.problems));
    test.each(run.results)(`${policy.name}: $name`, ({ differences }) => expect(differences).toEqual([]));
  });

  test('the full test case is right about the example it names', () => {
    const orders = policies.find(({ name }) => name === 'orders.yaml');
    const full = blocks.find(({ kind }) => kind === '');
    if (orders === undefined || full === undefined) throw new Error('the page has lost its examples');
    const run = runPolicyTests(setOf([{ path: 'orders.yaml', text: orders.text }]), full.text);
    expect(run).toMatchObject({ ok: true, results: [{ differences: [] }] });
  });

  test('every function is on the page', () => {
    for (const name of FUNCTIONS) expect(page).toMatch(`\`${name}(`);
  });
});
