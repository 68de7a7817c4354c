import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { writePolicies } from '../support/intake.ts';
import { ROOT } from '../support/sources.ts';
import { countersign } from '../support/terminal.ts';

const written = [
  {
    'money.yaml': `
version: 1
rules:
  - { name: refunds, tools: [orders.refund], when: param.amount > 50, effect: approval_required, reviewers: [finance] }
`,
    'money.test.yaml': `
description: refunds
cases:
  - { name: large ones wait, tool: orders.refund, args: { amount: 60 }, expect: { effect: approval_required, rules: [refunds] } }
  - { name: small ones run, tool: orders.refund, args: { amount: 40 }, expect: { effect: allow } }
`,
    'shop/shop.yaml': 'version: 1\ndefault: allow\nrules: []\n',
    'notes/README.md': 'not a policy',
  },
  {
    'money.yaml': 'version: 1\nrules:\n  - name: refunds\n    tools: [orders.refund]\n    efect: deny\n',
  },
].map(writePolicies);
const [sound, broken] = written.map(({ dir }) => dir);
afterAll(() => {
  for (const { remove } of written) remove();
});

describe('policy check', () => {
  test('says of each workspace what was loaded, and warns', async () => {
    const { code, out } = await countersign(['policy', 'check', String(sound)]);
    expect(code).toBe(0);
    expect(out).toMatch(/money\.yaml:4:\d+: unknown_reviewer: .*\(a warning\)/);
    expect(out).toMatch(/^default: 1 file, 1 rule, sha256:[0-9a-f]{64}$/m);
    expect(out).toMatch(/^shop: 1 file, 0 rules, sha256:[0-9a-f]{64}$/m);
    expect(out).not.toContain('notes');
  });

  test('names file, line, column and code of what is wrong, and ends with 1', async () => {
    const { code, out } = await countersign(['policy', 'check', String(broken)]);
    expect(code).toBe(1);
    expect(out).toContain(`${join(String(broken), 'money.yaml')}:5:5: unknown_key: `);
  });

  test('speaks JSON to scripts', async () => {
    const good = await countersign(['policy', 'check', String(sound), '--json']);
    expect(JSON.parse(good.out)).toMatchObject({
      ok: true,
      workspaces: [{ workspace: 'default', rules: 1 }, { workspace: 'shop' }],
    });
    const bad = await countersign(['policy', 'check', String(broken), '--json']);
    expect(JSON.parse(bad.out)).toMatchObject({
      ok: false,
      workspaces: [
        { problems: expect.arrayContaining([expect.objectContaining({ line: 5, code: 'unknown_key' })]) },
      ],
    });
  });

  test('law 3: a directory without policies, or that is not there, does not pass', async () => {
    const empty = writePolicies({});
    expect(await countersign(['policy', 'check', empty.dir])).toMatchObject({
      code: 1,
      out: expect.stringContaining('no_policy'),
    });
    empty.remove();
    expect(await countersign(['policy', 'check', empty.dir])).toMatchObject({
      code: 1,
      err: expect.stringContaining('ENOENT'),
    });
  });

  test('passes the policies that the repository ships', async () => {
    expect(await countersign(['policy', 'check', join(ROOT, 'policies')])).toMatchObject({ code: 0 });
  });
});

describe('policy test', () => {
  test('shows the failing case with its line and what differs, and counts', async () => {
    const { code, out } = await countersign(['policy', 'test', '--policies', String(sound)]);
    expect(code).toBe(1);
    expect(out.split('\n')).toEqual([
      `${join(String(sound), 'money.test.yaml')}:5: small ones run`,
      '  effect: expected "allow", got "approval_required"',
      '1 passed, 1 failed',
    ]);
  });

  test('runs the files that are named, against the policies beside them', async () => {
    const file = join(String(sound), 'money.test.yaml');
    const { out } = await countersign(['policy', 'test', file, '--json']);
    expect(JSON.parse(out)).toMatchObject([
      { file, ok: true, results: [{ passed: true }, { passed: false }] },
    ]);
  });

  test('says why a policy that does not load can not be tested', async () => {
    const tests = writePolicies({
      'a.yaml': 'version: 1\nefect: deny\n',
      'a.test.yaml': 'cases: [{ name: x, tool: t, expect: { effect: deny } }]\n',
    });
    const { code, out } = await countersign(['policy', 'test', '--policies', tests.dir]);
    tests.remove();
    expect(code).toBe(1);
    expect(out).toContain('a.yaml:2:1: unknown_key: ');
    expect(out).toContain('1 file could not be run');
  });

  test('a file that is not there is said to be so', async () => {
    expect(await countersign(['policy', 'test', 'nowhere.test.yaml'])).toMatchObject({
      code: 1,
      err: expect.stringContaining('nowhere.test.yaml'),
    });
  });
});
