import {
  loadPolicySet,
  type PolicyFile,
  type PolicyProblem,
  type PolicySet,
} from '@countersign/shared/policy';
import { describe, expect, test } from 'vitest';

function problemsOf(...files: PolicyFile[]): PolicyProblem[] {
  const loaded = loadPolicySet(files);
  if (loaded.ok) throw new Error('it loads');
  return loaded.problems;
}

function loaded(...files: PolicyFile[]): { set: PolicySet; warnings: PolicyProblem[] } {
  const result = loadPolicySet(files);
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result;
}

/** `line:column code` of every problem of one file. */
function places(text: string): string[] {
  return problemsOf({ path: 'p.yaml', text }).map(({ line, column, code }) => `${line}:${column} ${code}`);
}

const rule = (body: string): string => `version: 1\nrules:\n  - name: r\n    effect: deny\n    ${body}\n`;

describe('YAML that means something else than it says is refused', () => {
  test.each([
    ['a key twice', 'version: 1\nversion: 1', ['2:1 duplicate_key']],
    [
      'a rule key twice',
      'version: 1\nrules:\n  - name: a\n    effect: deny\n    effect: allow',
      ['5:5 duplicate_key'],
    ],
    ['a tag, as in a condition that begins with `!`', rule('when: !param.ok'), ['5:11 yaml_syntax']],
    ['two documents', 'version: 1\n---\nversion: 1', ['2:1 yaml_syntax']],
    ['an unclosed quote', 'version: 1\nrules:\n  - name: "a\n', ['4:1 yaml_syntax']],
    ['tabs', 'version: 1\nrules:\n\t- name: a', ['3:1 yaml_syntax']],
    ['an alias without an anchor', 'version: 1\nrules: *gone', ['1:1 yaml_syntax']],
    ['a key that is a list', 'version: 1\n? [a]\n: b', ['2:3 yaml_syntax']],
    ['`__proto__`', 'version: 1\n__proto__: { rules: [] }', ['2:1 unknown_key']],
    ['the type tags of YAML 1.1', '%YAML 1.1\n---\nversion: 1\ngroups: !!set { a, b }', ['4:9 yaml_syntax']],
  ])('%s', (_, text, expected) => {
    expect(places(text)).toEqual(expected);
  });

  test('aliases that multiply without end', () => {
    const rows = ['a: &a [x,x,x,x,x,x,x,x,x]'];
    for (const [here, before] of ['ba', 'cb', 'dc', 'ed', 'fe']) {
      rows.push(`${here}: &${here} [${Array(9).fill(`*${before}`).join(',')}]`);
    }
    const [problem] = problemsOf({ path: 'bomb.yaml', text: `version: 1\n${rows.join('\n')}` });
    expect(problem).toMatchObject({ file: 'bomb.yaml', code: 'yaml_syntax' });
    expect(problem?.message).toMatch('resource exhaustion');
  });

  test('brackets nested thousands deep, with a bounded report', () => {
    const problems = problemsOf({ path: 'deep.yaml', text: '['.repeat(3_000) });
    expect(problems.length).toBeLessThanOrEqual(20);
  });

  test('a file of half a million characters', () => {
    expect(places(`version: 1\n# ${'x'.repeat(500_000)}`)).toEqual(['1:1 file_too_large']);
  });

  test('words of YAML 1.1 are plain texts', () => {
    const { set } = loaded({ path: 'p.yaml', text: 'version: 1\ngroups: { on: [yes, no] }' });
    expect(set.groups).toEqual({ on: ['yes', 'no'] });
  });

  test('aliases may save writing', () => {
    const text =
      'version: 1\nrules:\n  - { name: a, tools: &t [x], effect: deny }\n  - { name: b, tools: *t, effect: allow }';
    expect(loaded({ path: 'p.yaml', text }).set.rules).toHaveLength(2);
  });
});

describe('every finding has its file, line and column', () => {
  test.each([
    ['an unknown key', 'version: 1\ndefualt: deny', ['2:1 unknown_key']],
    ['two unknown keys', 'version: 1\nrule: []\ntool: {}', ['2:1 unknown_key', '3:1 unknown_key']],
    ['an unknown key of a rule', rule('tool: [x]'), ['5:5 unknown_key']],
    ['an unknown tier', 'version: 1\ntiers:\n  hihg: {}', ['3:3 unknown_key']],
    ['a missing name', 'version: 1\nrules:\n  - effect: deny', ['3:5 missing_key']],
    [
      'a missing effect',
      'version: 1\nrules:\n  - name: a\n  - name: b',
      ['3:5 missing_key', '4:5 missing_key'],
    ],
    ['a wrong effect', 'version: 1\nrules:\n  - name: a\n    effect: block', ['4:13 invalid_value']],
    ['a wrong version', 'version: 2', ['1:10 invalid_value']],
    ['a rule that is no mapping', 'version: 1\nrules: [a]', ['2:9 invalid_value']],
    ['rules that are no list', 'version: 1\nrules: { a: b }', ['2:8 invalid_value']],
    ['tools that are no list', rule('tools: x'), ['5:12 invalid_value']],
    ['an empty list of tools, which would be no rule at all', rule('tools: []'), ['5:12 invalid_value']],
    ['a tool that is no text', rule('tools: [a, 5]'), ['5:16 invalid_value']],
    ['a timeout without a unit that exists', rule('timeout: 5 weeks'), ['5:14 invalid_value']],
    ['a timeout of nothing', rule('timeout: 0'), ['5:14 invalid_value']],
    ['a timeout of two years', rule('timeout: 731d'), ['5:14 invalid_value']],
    ['a negative hold', rule('hold: -5'), ['5:11 invalid_value']],
    ['a hold of never', rule('hold: never'), ['5:11 invalid_value']],
    ['a quorum of nobody', rule('quorum: 0'), ['5:13 invalid_value']],
    ['a quorum of half a person', rule('quorum: { finance: 0.5 }'), ['5:13 invalid_value']],
    ['an empty quorum', rule('quorum: {}'), ['5:13 invalid_value']],
    ['a friction that does not exist', rule('friction: annoy'), ['5:15 invalid_value']],
    ['a friction with an unknown key', rule('friction: { type: [a] }'), ['5:15 invalid_value']],
    [
      'a requirement that no proposal can meet',
      rule('requires: [reason, previw.affected]'),
      ['5:24 invalid_value'],
    ],
    ['an escalation to nobody', rule('escalate: [{ after: 3m }]'), ['5:16 invalid_value']],
    [
      'a limit on two things',
      rule('limits: [{ sum: param.a, count: true, window: 1h, over: 5 }]'),
      ['5:14 invalid_value'],
    ],
    ['a limit on nothing', rule('limits: [{ window: 1h, over: 5 }]'), ['5:14 invalid_value']],
    ['a limit without a window', rule('limits: [{ count: true, over: 5 }]'), ['5:14 missing_key']],
    [
      'a card with a stray brace',
      'version: 1\ntools:\n  pay: { card: { title: "Pay {amount" } }',
      ['3:25 invalid_value'],
    ],
    [
      'a card with a placeholder that is no path',
      'version: 1\ntools:\n  pay: { card: { title: "Pay {the amount}" } }',
      ['3:25 invalid_value'],
    ],
    ['nothing', '', ['1:1 unknown_shape']],
    ['a comment', '# later\n', ['1:1 unknown_shape']],
    ['a list', '- a\n- b', ['1:1 unknown_shape']],
    ['an agent’s file without a block', 'name: a\nmodel: b', ['1:1 unknown_shape']],
    ['two shapes in one file', 'version: 1\nrules: []\napproval: { tools: [] }', ['2:1 mixed_shapes']],
    ['an agent’s file without a name', 'approval: { tools: [a] }', ['1:1 missing_key']],
    [
      'an agent’s file for a pattern of agents',
      'name: "order-*"\napproval: { tools: [a] }',
      ['1:7 invalid_value'],
    ],
    ['an approval block without tools', 'name: a\napproval: { timeout: 5 }', ['2:11 missing_key']],
    ['an empty approval block', 'name: a\napproval:', ['2:10 invalid_value']],
    [
      'an unknown key in an approval block',
      'name: a\napproval: { tools: [], timeuot: 5 }',
      ['2:24 unknown_key'],
    ],
    ['an unknown key in a bare list', 'approvals: { required_for: [], ttl: 5 }', ['1:32 unknown_key']],
    [
      'an unknown fallback',
      'approvals: { required_for: [], fallback_when_not_approved: go }',
      ['1:60 invalid_value'],
    ],
    [
      'a gate with two tools',
      'name: a\napproval:\n  tools:\n    - a: param.x\n      b: param.y',
      ['4:7 invalid_value'],
    ],
    ['a gate that is a number', 'name: a\napproval: { tools: [5] }', ['2:21 invalid_value']],
    [
      'a rule called default',
      'version: 1\nrules: [{ name: default, effect: deny }]',
      ['2:17 duplicate_rule'],
    ],
  ])('%s', (_, text, expected) => {
    expect(places(text)).toEqual(expected);
  });

  test.each([
    ['plain', rule('when: param.amount > 50 extra'), '5:29 condition_syntax'],
    ['in quotes', rule('when: "param.amount > 50 extra"'), '5:30 condition_syntax'],
    [
      'on several lines, at the value',
      rule('when: >-\n      param.amount > 50\n      extra'),
      '5:11 condition_syntax',
    ],
    [
      'in an agent’s file',
      'name: a\napproval:\n  tools:\n    - x\n    - y: amount > 5',
      '5:10 condition_unknown_name',
    ],
    ['in a bare list', 'approvals:\n  required_for: [x: amount > 5]', '2:21 condition_unknown_name'],
    ['in a limit', rule('limits: [{ sum: param.a > 1, window: 1h, over: 5 }]'), '5:21 condition_type'],
    [
      'in the key of a limit',
      rule('limits: [{ count: true, per: customer, window: 1h, over: 5 }]'),
      '5:34 condition_unknown_name',
    ],
  ])('a mistake inside a condition: %s', (_, text, expected) => {
    expect(places(text)).toEqual([expected]);
  });

  test('all findings of all files are reported at once, in reading order', () => {
    const problems = problemsOf(
      {
        path: 'b.yaml',
        text: 'version: 1\nrules:\n  - name: x\n    effect: no\n    when: param.a >\n    hold: x\n',
      },
      { path: 'a.yaml', text: 'name: agent\napproval: { tool: [] }' },
    );
    expect(problems.map(({ file, line, code }) => `${file}:${line} ${code}`)).toEqual([
      'a.yaml:2 missing_key',
      'a.yaml:2 unknown_key',
      'b.yaml:4 invalid_value',
      'b.yaml:5 condition_syntax',
      'b.yaml:6 invalid_value',
    ]);
  });

  test('messages say what to write', () => {
    const messages = (text: string): string =>
      problemsOf({ path: 'p.yaml', text })
        .map(({ message }) => message)
        .join(' ');
    expect(messages('version: 1\nrules: [{ name: a, effct: deny }]')).toBe(
      'Add `effect`. Write one of allow, deny, approval_required, review_after. `effct` is not a key of this mapping. Did you mean `effect`?',
    );
    expect(messages('name: a\napproval: { tools: [x], on_reject: fail }')).toMatch(
      'Did you mean `on_rejection`?',
    );
    expect(messages('version: 1\nrules: [{ name: a, effect: approval-required }]')).toMatch(
      'Did you mean `approval_required`?',
    );
    expect(messages('version: 1\ndefualt: deny')).toMatch('Did you mean `default`?');
    expect(messages('version: 1\ncompletely: other')).toMatch(
      /Known here: version, default, groups, .*flood.*, rules\./,
    );
  });
});

describe('files are one set', () => {
  const one = (name: string): string => `version: 1\n${name}`;

  test('law 3: without a policy file nothing is allowed', () => {
    expect(problemsOf()).toMatchObject([{ code: 'no_policy' }]);
    expect(problemsOf({ path: 'only.test.yaml', text: 'cases: []' })).toMatchObject([{ code: 'no_policy' }]);
  });

  test.each([
    ['groups', 'groups: { g: [ann] }', '2:11 duplicate_group'],
    ['tiers', 'tiers: { high: {} }', '2:10 duplicate_tier'],
    ['tools', 'tools: { pay: {} }', '2:10 duplicate_tool'],
    ['rules', 'rules: [{ name: r, effect: deny }]', '2:17 duplicate_rule'],
    ['flood control', 'flood: off', '2:1 duplicate_flood'],
  ])('%s are described once', (_, text, expected) => {
    const problems = problemsOf({ path: 'a.yaml', text: one(text) }, { path: 'b.yaml', text: one(text) });
    expect(problems.map(({ file, line, column, code }) => `${file} ${line}:${column} ${code}`)).toEqual([
      `b.yaml ${expected}`,
    ]);
    expect(problems[0]?.message).toMatch('a.yaml');
  });

  test.each([
    ['{}', { asks: 60, window_ms: 60_000, rejections: 5, throttle_ms: 300_000, pause: false }],
    ['{ asks: off, rejections: 2, pause: true }', { asks: null, rejections: 2, pause: true }],
    ['{ asks: 3, window: 10s, throttle: 1m }', { asks: 3, window_ms: 10_000, throttle_ms: 60_000 }],
  ])('`flood: %s` has what it states, and defaults', (text, expected) => {
    const loaded = loadPolicySet([{ path: 'a.yaml', text: one(`flood: ${text}`) }]);
    expect(loaded.ok && loaded.set.flood).toMatchObject(expected);
  });

  test.each(['flood: off', ''])('`%s` holds nobody back', (text) => {
    const loaded = loadPolicySet([{ path: 'a.yaml', text: one(text) }]);
    expect(loaded.ok && loaded.set.flood).toBeUndefined();
  });

  test('one file that does not load keeps the whole set from loading', () => {
    expect(
      problemsOf({ path: 'a.yaml', text: one('') }, { path: 'b.yaml', text: 'version: 3' }),
    ).toHaveLength(1);
  });

  test('a path can not come twice', () => {
    const file = { path: 'a.yaml', text: one('') };
    expect(problemsOf(file, file)).toMatchObject([{ code: 'file_twice', file: 'a.yaml' }]);
  });

  test('the strictest default counts, and a human looks where none is written', () => {
    const defaultOf = (...texts: string[]) =>
      loaded(...texts.map((text, index) => ({ path: `${index}.yaml`, text: one(text) }))).set.default.effect;
    expect(defaultOf('default: allow')).toBe('allow');
    expect(defaultOf('default: allow', 'default: deny', 'default: review_after')).toBe('deny');
    expect(defaultOf('')).toBe('approval_required');
  });

  test('the digest changes with every path and text, and with nothing else', () => {
    const a = { path: 'a.yaml', text: one('') };
    const b = { path: 'b.yaml', text: one('default: deny') };
    const digest = (...files: PolicyFile[]): string => loaded(...files).set.digest;
    const digests = [
      digest(a, b),
      digest(a),
      digest({ ...a, path: 'c.yaml' }, b),
      digest({ ...a, text: `${a.text} ` }, b),
      digest({ path: 'a.yaml', text: b.text }, { path: 'b.yaml', text: a.text }),
    ];
    expect(new Set(digests).size).toBe(digests.length);
    expect(digests[0]).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(digest(b, a)).toBe(digests[0]);
    expect(digest(a, b, { path: 'a.test.yaml', text: 'anything' })).toBe(digests[0]);
  });

  test('names that no file knows are accepted with a warning: people are managed elsewhere too', () => {
    const text = `version: 1
groups: { finance: [ann] }
tiers:
  high: { channels: [push, slak] }
rules:
  - name: a
    effect: approval_required
    reviewers: [finance, ann, finanze]
    quorum: { finance: 1, oncall: 1 }
    escalate: [{ after: 1m, notify: [bo] }]
  - { name: b, effect: deny, when: tool > 5 }
`;
    const { warnings } = loaded({ path: 'p.yaml', text });
    expect(warnings.map(({ line, column, code, message }) => `${line}:${column} ${code} ${message}`)).toEqual(
      [
        '4:11 unknown_channel There is no channel `slak`. Did you mean `slack`?',
        '8:16 unknown_reviewer No group or member here is called `finanze`. Did you mean `finance`?',
        '9:13 unknown_reviewer No group or member here is called `oncall`. That is fine if a person or group of that name is added over HTTP.',
        '8:16 unused_reviewer `ann` is in reviewers but not in quorum, so nothing is asked of it.',
        '8:16 unused_reviewer `finanze` is in reviewers but not in quorum, so nothing is asked of it.',
        '10:37 unknown_reviewer No group or member here is called `bo`. That is fine if a person or group of that name is added over HTTP.',
        '11:36 condition_type `tool > 5` compares values that never compare: every call goes to a human.',
      ],
    );
  });
});
