import { loadPolicySet, runPolicyTests } from '@countersign/shared/policy';
import { expect, test } from 'vitest';

const files = [
  { path: 'a.yaml', text: 'version: 1\nrules: [{ name: block, tools: [x], effect: deny, message: No. }]' },
  {
    path: 'b.yaml',
    text: 'version: 1\nrules: [{ name: ask, tools: ["*"], effect: approval_required, timeout: 5m }]',
  },
];
const loaded = loadPolicySet(files);
if (!loaded.ok) throw new Error('does not load');
const { set } = loaded;

test('a case that fails says what differs and on which line it stands', () => {
  const run = runPolicyTests(
    set,
    `description: Two cases
cases:
  - name: right
    tool: x
    expect: { effect: deny, messages: [No.] }

  - name: wrong
    tool: y
    args: { a: 1 }
    expect: { effect: deny, rules: [block], timeout: 10m }
`,
  );
  expect(run).toEqual({
    ok: true,
    description: 'Two cases',
    results: [
      { name: 'right', line: 3, passed: true, differences: [] },
      {
        name: 'wrong',
        line: 7,
        passed: false,
        differences: [
          'effect: expected "deny", got "approval_required"',
          'rules: expected ["block"], got ["ask"]',
          'timeout: expected 600000 ms, got 300000 ms',
        ],
      },
    ],
  });
});

test('a file may pick policies of the set, or bring its own', () => {
  const effectOf = (head: string, tool: string, effect: string): boolean => {
    const run = runPolicyTests(
      set,
      `${head}\ncases: [{ name: n, tool: ${tool}, expect: { effect: ${effect} } }]`,
    );
    return run.ok && run.results.every(({ passed }) => passed);
  };
  expect(effectOf('', 'x', 'deny')).toBe(true);
  expect(effectOf('policies: [b.yaml]', 'x', 'approval_required')).toBe(true);
  expect(effectOf('policy: { p.yaml: "version: 1\\ndefault: allow" }', 'x', 'allow')).toBe(true);
});

test.each([
  ['cases: []', 'invalid_value', 1],
  ['cases:\n  - name: a\n    tool: x', 'missing_key', 2],
  ['cases:\n  - { name: a, tool: x, expect: { effect: no } }', 'invalid_value', 2],
  ['cases:\n  - { name: a, tool: x, expect: { effect: deny, tire: low } }', 'unknown_key', 2],
  ['cases: [', 'yaml_syntax', 1],
  ['policies: [gone.yaml]\ncases: [{ name: a, tool: x, expect: { effect: deny } }]', 'invalid_value', 1],
  [
    'policy: { p.yaml: "version: 9" }\ncases: [{ name: a, tool: x, expect: { effect: deny } }]',
    'invalid_value',
    1,
  ],
])('a test file that can not be read runs nothing: %s', (text, code, line) => {
  const run = runPolicyTests(set, text, 'some.test.yaml');
  expect(run).toMatchObject({ ok: false, problems: [{ code, line }] });
});

test('without a set, a file must bring its own policies', () => {
  const run = runPolicyTests(null, 'cases: [{ name: a, tool: x, expect: { effect: deny } }]');
  expect(run).toMatchObject({ ok: false });
});
