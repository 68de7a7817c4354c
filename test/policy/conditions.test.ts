import { describe, expect, test } from 'vitest';
import { type CompiledCondition, compileCondition, holds } from '../../shared/policy/condition/condition.ts';
import type { Scope } from '../../shared/policy/condition/expression.ts';
import { Fault } from '../../shared/policy/condition/fault.ts';
import { cpuMs } from '../support/cpu.ts';

const scope: Scope = {
  param: JSON.parse(`{
    "amount": 100, "half": 0.5, "name": "Ann", "mail": "ann@example.com", "yes": true, "no": false, "nil": null,
    "tags": ["a", "b"], "mixed": ["a", 1], "numbers": [1, 2, 3.5], "none": [],
    "items": [{"price": 2}, {"price": 3}], "broken": [{"price": 2}, {"price": "3"}],
    "to": {"name": "Bo", "address": {"zip": "0150"}}, "odd key": 7, "emoji": "👍👍",
    "__proto__": "own", "date": "2026-03-01"
  }`),
  context: { is_admin: false, role: 'clerk' },
  agent: 'order-processor',
  tool: 'orders.refund',
  run_id: 'run-1',
  reversible: false,
  sensitivity: 'financial',
};
const bare: Scope = {
  ...scope,
  param: {},
  context: {},
  run_id: undefined,
  reversible: undefined,
  sensitivity: undefined,
};

function compiled(text: string): Extract<CompiledCondition, { ok: true }>['condition'] {
  const result = compileCondition(text);
  if (!result.ok) throw new Error(`${text}: ${JSON.stringify(result.problems)}`);
  return result.condition;
}

/** The answer; what could not be evaluated answers with its reason. */
function ask(text: string, of: Scope = scope): boolean | string {
  const answer = holds(compiled(text), of);
  return answer instanceof Fault ? answer.reason : answer;
}

describe('a condition that can be evaluated', () => {
  test.each([
    // Comparisons
    ['param.amount > 99', true],
    ['param.amount > 100', false],
    ['param.amount >= 100', true],
    ['param.amount < 100', false],
    ['param.amount <= 100', true],
    ['param.amount == 100', true],
    ['param.amount != 100', false],
    ['50 < param.amount', true],
    ['100 <= param.amount', true],
    ['101 > param.amount', true],
    ['100 >= param.amount', true],
    ['param.amount > param.half', true],
    ['param.half < param.amount', true],
    ['param.amount <= param.half', false],
    ['param.half >= param.amount', false],
    ['param.name == "Ann"', true],
    ["param.name == 'Ann'", true],
    ['"Ann" != param.name', false],
    ['param.name < "Bo"', true],
    ['param.date >= "2026-02-28"', true],
    ['param.name == param.to.name', false],
    ['param.yes == true', true],
    ['param.yes != param.no', true],
    ['agent == "order-processor" and tool == "orders.refund" and run_id == "run-1"', true],
    ['tool.reversible == false and tool.sensitivity == "financial"', true],
    // null is asked for in so many words
    ['param.nil == null', true],
    ['param.name == null', false],
    ['null != param.amount', true],
    // Precedence
    ['not param.amount > 1000', true],
    ['not param.amount > 1 or true', true],
    ['not (param.amount > 1 or true)', false],
    ['not not param.yes', true],
    ['not param.no and param.no', false],
    ['not param.no == param.yes', true],
    ['!param.no == param.yes', true],
    ['!param.no', true],
    ['!!param.yes', true],
    ['param.yes or param.yes and param.no', true],
    ['(param.yes or param.yes) and param.no', false],
    ['param.no && param.yes || param.yes', true],
    ['true and not false', true],
    ['1 + 2 * 3 == 7', true],
    ['(1 + 2) * 3 == 9', true],
    ['10 - 2 - 3 == 5', true],
    ['8 / 4 / 2 == 1', true],
    ['-param.amount + 1 == -99', true],
    ['param.amount - -1 == 101', true],
    ['param.amount -1 == 99', true],
    ['7 % 4 == 3', true],
    ['param.amount * 2 > 150 + 49', true],
    ['-3 < -2', true],
    // Membership
    ['param.name in ["Ann", "Bo"]', true],
    ['param.name not in ["Bo"]', true],
    ['param.name not   in ["Ann"]', false],
    ['param.amount in [-1, 100, 1.5]', true],
    ['param.yes in [true]', true],
    ['"a" in param.tags', true],
    ['"z" in param.tags', false],
    ['"z" in param.none', false],
    ['param.name not in param.tags', true],
    ['not param.name in ["Bo"]', true],
    ['"a" in param.mixed', true],
    // Functions
    ['len(param.name) == 3', true],
    ['len(param.emoji) == 2', true],
    ['len(param.tags) == 2', true],
    ['len(param.to) == 2', true],
    ['lower(param.name) == "ann"', true],
    ['startswith(param.mail, "ann@")', true],
    ['endswith(param.mail, "@example.com")', true],
    ['endswith(lower(param.mail), lower(".COM"))', true],
    ['contains(param.mail, "@")', true],
    ['contains(param.tags, "b")', true],
    ['contains(param.numbers, 3.5)', true],
    ['contains(param.numbers, 4)', false],
    ['matches(param.mail, "^[a-z]+@example\\\\.com$")', true],
    ['matches(param.mail, "example")', true],
    ['matches(param.mail, "^example")', false],
    ['sum(param.numbers) == 6.5', true],
    ['sum(param.items, "price") == 5', true],
    ['sum(param.none) == 0', true],
    ['has(param.amount)', true],
    ['has(param.nil)', true],
    ['has(param.to.address.zip)', true],
    ['has(param.to.street)', false],
    ['has(param.name.first)', false],
    ['has(param.tags[1]) and not has(param.tags[2])', true],
    // Paths
    ['param.to.address.zip == "0150"', true],
    ['param.items[1].price == 3', true],
    ['param.tags[0] == "a"', true],
    ['param["odd key"] == 7', true],
    ['param["__proto__"] == "own" and param.__proto__ == "own"', true],
    ['context.role == "clerk"', true],
  ])('%s is %s', (text, expected) => {
    expect(ask(text)).toBe(expected);
  });

  test('evaluates from left to right and stops early, so that what is not reached can not be missing', () => {
    expect(ask('param.no and param.missing > 1')).toBe(false);
    expect(ask('param.yes or param.missing > 1')).toBe(true);
    expect(ask('has(param.missing) and param.missing > 1')).toBe(false);
    expect(ask('param.missing > 1 and param.no')).toBe('`param.missing` is missing');
  });

  test('shows the paths it looks at with their values, and leaves out what is missing', () => {
    const { values } = compiled(
      'param.amount > 50 and not context.is_admin or has(param.gone) or param.tags[0] == agent',
    );
    expect(values(scope)).toEqual({
      'param.amount': 100,
      'context.is_admin': false,
      'param.tags[0]': 'a',
      agent: 'order-processor',
    });
  });
});

describe('law 3: what can not be evaluated is an error and never false', () => {
  test.each([
    ['param.gone > 1', '`param.gone` is missing'],
    ['context.gone', '`context.gone` is missing'],
    ['not param.gone', '`param.gone` is missing'],
    ['param.to.gone.zip == "1"', '`param.to.gone.zip` is missing'],
    ['param.name.first == "A"', '`param.name.first` is missing: `first` is looked for in a text'],
    ['param.nil.x == 1', '`param.nil.x` is missing: `x` is looked for in null'],
    ['param.tags[2] == "c"', '`param.tags[2]` is missing'],
    ['param.to[0] == "c"', '`param.to[0]` is missing: there is no list to take [0] from'],
    ['param.tags.length == 2', '`param.tags.length` is missing: `length` is looked for in a list'],
    ['param.constructor == 1', '`param.constructor` is missing'],
    ['param.toString == 1', '`param.toString` is missing'],
    ['param.to.__proto__ == 1', '`param.to.__proto__` is missing'],
    ['context.__proto__ == 1', '`context.__proto__` is missing'],
    ['context.hasOwnProperty == 1', '`context.hasOwnProperty` is missing'],
    ['param.amount > "50"', '`param.amount > "50"` compares a number with a text'],
    ['param.name > 50', '`param.name > 50` compares a text with a number'],
    ['param.name >= 50', '`param.name >= 50` compares a text with a number'],
    ['param.name < 50', '`param.name < 50` compares a text with a number'],
    ['param.name <= 50', '`param.name <= 50` compares a text with a number'],
    ['param.name == 1', '`param.name == 1` compares a text with a number'],
    ['param.nil == "x"', '`param.nil == "x"` compares null with a text'],
    ['param.nil > 5', '`param.nil > 5` compares null with a number'],
    ['param.nil == param.nil', '`param.nil == param.nil` compares null with null'],
    ['param.tags == param.tags', '`param.tags == param.tags` compares a list with a list'],
    ['param.to != param.to', '`param.to != param.to` compares an object with an object'],
    ['param.yes > param.no', '`param.yes > param.no` compares a boolean with a boolean'],
    ['param.amount == param.name', '`param.amount == param.name` compares a number with a text'],
    ['param.amount > param.gone', '`param.gone` is missing'],
    ['param.amount', '`param.amount` is a number, neither true nor false'],
    ['param.amount and true', '`param.amount and true` takes true or false, not a number'],
    ['true and param.amount', '`true and param.amount` takes true or false, not a number'],
    ['param.nil or true', '`param.nil or true` takes true or false, not null'],
    ['false or param.tags', '`false or param.tags` takes true or false, not a list'],
    ['not param.name', '`not param.name` takes true or false, not a text'],
    ['!param.amount > 1', '`!param.amount` takes true or false, not a number'],
    ['!param.yes > 1', '`!param.yes > 1` compares a boolean with a number'],
    ['agent == 5', '`agent == 5` compares a text with a number'],
    ['param.amount > true', '`param.amount > true` compares a number with a boolean'],
    ['param.amount / 0 > 1', '`param.amount / 0` has no finite result'],
    ['param.amount % 0 > 1', '`param.amount % 0` has no finite result'],
    ['param.amount + param.name > 1', '`param.amount + param.name` calculates with a number and a text'],
    ['-param.name > 1', '`-param.name` takes a number, not a text'],
    ['param.amount in ["100"]', '`param.amount in ["100"]` looks for a number in a list of another kind'],
    ['1 in param.tags', '`1 in param.tags` looks for a number in a list that holds other kinds'],
    ['"z" in param.mixed', '`"z" in param.mixed` looks for a text in a list that holds other kinds'],
    ['param.to in param.tags', '`param.to in param.tags` looks for an object in a list'],
    ['"a" in param.to', '`"a" in param.to` looks into an object, not a list'],
    ['len(param.amount) > 1', '`len(param.amount)` takes a text, a list or an object, not a number'],
    ['lower(param.amount) == "x"', '`lower(param.amount)` takes a text, not a number'],
    ['startswith(param.amount, "1")', '`startswith(param.amount, "1")` takes a text, not a number'],
    ['endswith(param.name, param.amount)', '`endswith(param.name, param.amount)` takes a text, not a number'],
    ['contains(param.name, param.amount)', '`contains(param.name, param.amount)` takes a text, not a number'],
    ['contains(param.amount, "x")', '`contains(param.amount, "x")` looks into a number, not a list'],
    ['matches(param.amount, "1")', '`matches(param.amount, "1")` takes a text, not a number'],
    ['sum(param.tags) > 1', '`sum(param.tags)` meets a member without a number'],
    ['sum(param.broken, "price") > 1', '`sum(param.broken, "price")` meets a member without a number'],
    ['sum(param.name) > 1', '`sum(param.name)` takes a list, not a text'],
  ])('%s', (text, reason) => {
    expect(ask(text)).toBe(reason);
  });

  test('what the caller and the tools table leave out is missing', () => {
    expect(ask('run_id == "r"', bare)).toBe('`run_id` is missing');
    expect(ask('tool.reversible', bare)).toBe(
      '`tool.reversible` is missing: the tools table does not say it',
    );
    expect(ask('tool.sensitivity == "x"', bare)).toMatch('`tool.sensitivity` is missing');
    expect(ask('has(tool.reversible) or has(run_id)', bare)).toBe(false);
  });

  test('an error names paths and kinds, never a value', () => {
    const secret = { ...scope, param: { card: '4111-1111', list: ['4111-1111'] } };
    for (const text of [
      'param.card > 5',
      'param.card + 1 > 2',
      'not param.card',
      '5 in param.list',
      'param.card.x == 1',
    ]) {
      expect(ask(text, secret)).not.toMatch('4111');
    }
  });

  test('a text that is too long to search goes to a human', () => {
    const long = { ...scope, param: { text: 'a'.repeat(65_537) } };
    expect(ask('matches(param.text, "b")', long)).toMatch('too long');
  });
});

describe('a condition that does not load says where and why', () => {
  test.each([
    ['', 0, 'condition_syntax', 'A condition is expected here.'],
    ['param.a > 1 param.b', 12, 'condition_syntax', '`param.b` follows a complete condition.'],
    ['param.a > 1;', 11, 'condition_syntax', '`;` follows a complete condition.'],
    ['param.a > 1, param.b', 11, 'condition_syntax', '`, param.b` follows a complete condition.'],
    ['(param.a; param.b)', 8, 'condition_syntax', 'A closing `)` is expected here.'],
    ['(param.a > 1', 12, 'condition_syntax', 'A closing `)` is expected here.'],
    ['()', 1, 'condition_syntax', 'A condition is expected between the parentheses.'],
    ['param.a >', 9, 'condition_syntax', 'Something must follow `>`.'],
    ['param.a and', 11, 'condition_syntax', 'Something must follow `and`.'],
    ['not', 3, 'condition_syntax', 'Something must follow `not`.'],
    ['param.a == not param.b', 11, 'condition_syntax', 'Put parentheses around `not …` here.'],
    ['!not param.a', 1, 'condition_syntax', 'Put parentheses around `not …` here.'],
    ['1 < param.a < 3', 12, 'condition_syntax', 'Comparisons do not chain.'],
    ['param.a == 1 == true', 12, 'condition_syntax', 'Comparisons do not chain.'],
    ['param.a = 1', 8, 'condition_syntax', '`=` is not an operator of conditions. Use `==` to compare.'],
    ['param.a === 1', 8, 'condition_syntax', '`===` is not an operator of conditions. Use `==`.'],
    ['param.a & param.b', 8, 'condition_syntax', '`&` is not an operator of conditions. Use `and`.'],
    ['param.a | param.b', 8, 'condition_syntax', '`|` is not an operator of conditions. Use `or`.'],
    ['param.a ** 2 > 1', 8, 'condition_syntax', '`**` is not an operator of conditions.'],
    ['param.a ?? 1', 8, 'condition_syntax', '`??` is not an operator of conditions.'],
    ['param.a > 0x10', 11, 'condition_syntax', 'Variable names cannot start with a number (0x).'],
    ['param.a == "x', 13, 'condition_syntax', 'Unclosed quote after "x".'],
    ['param.a in [1 2]', 14, 'condition_syntax', 'A comma or `]` is expected here.'],
    ['param.a in [1,,2]', 14, 'condition_syntax', 'A value is expected here.'],
    ['param.', 6, 'condition_syntax', 'Unexpected .'],
    ['param.a ? 1 : 2', 0, 'condition_unsupported', '`? :` is not part of conditions.'],
    ['param?.a == 1', 0, 'condition_unsupported', '`?.` is not part of conditions.'],
    ['this.a == 1', 0, 'condition_unsupported', 'Only `param`, `context` and `tool` have members.'],
    ['true and this', 9, 'condition_unsupported', '`this` is not part of conditions.'],
    ['~param.a > 1', 0, 'condition_unsupported', '`~` before a value is not part of conditions.'],
    ['+param.a > 1', 0, 'condition_unsupported', '`+` before a value is not part of conditions.'],
    ['param.a.startsWith("x")', 0, 'condition_unsupported', 'Values have no methods.'],
    ['param[param.b] == 1', 0, 'condition_unsupported', 'Between `[` and `]` stands a position'],
    ['param == 1', 0, 'condition_unsupported', 'Say which value of `param`: `param.name`.'],
    ['tool.name == "x"', 0, 'condition_unsupported', 'Of a tool, `tool` (its name),'],
    ['agent.name == "x"', 0, 'condition_unsupported', '`agent` is a text and has no members.'],
    ['param.a in [param.b]', 12, 'condition_unsupported', 'A list holds plain texts, numbers or booleans.'],
    [
      'param.a > 9007199254740992',
      10,
      'condition_unsupported',
      '`9007199254740992` is too large to be exact.',
    ],
    ['matches(param.a, "\\d+")', 17, 'condition_unsupported', '`\\d` is not an escape. Write `\\\\d`'],
    ['amount > 5', 0, 'condition_unknown_name', 'Did you mean `param.amount` or `context.amount`?'],
    ['parm.amount > 5', 0, 'condition_unknown_name', '`parm` is not known here. Did you mean `param`?'],
    ['param.a == True', 11, 'condition_unknown_name', '`True` is not known here. Did you mean `true`?'],
    ['startwith(param.a, "x")', 0, 'condition_unknown_name', 'Did you mean `startswith`?'],
    ['eval("x")', 0, 'condition_unknown_name', 'There is no function `eval`.'],
    ['constructor("x")', 0, 'condition_unknown_name', 'There is no function `constructor`.'],
    ['param.a + 5', 0, 'condition_type', '`param.a + 5` is a number, where true or false is expected.'],
    ['"yes"', 0, 'condition_type', '`"yes"` is a text, where true or false is expected.'],
    ['param.a and 5', 12, 'condition_type', '`5` is a number, where true or false is expected.'],
    ['not 5', 0, 'condition_type', '`5` is a number, where true or false is expected.'],
    ['param.a > null', 0, 'condition_type', 'null has no order.'],
    ['param.a == [1]', 0, 'condition_type', '`[1]` is a list. Use `in` or `contains`.'],
    ['param.a + "x" == 1', 0, 'condition_type', '`"x"` is a text, where a number is expected.'],
    ['-"x" == 1', 0, 'condition_type', '`"x"` is a text, where a number is expected.'],
    ['param.a in "abc"', 0, 'condition_type', '`"abc"` is a text. Use `contains("abc", …)`.'],
    ['param.a in 5', 0, 'condition_type', '`5` is no list.'],
    ['param.a in []', 0, 'condition_type', 'Nothing is in an empty list.'],
    ['param.a in [1, "a"]', 0, 'condition_type', 'A list holds one kind of value'],
    ['lower(param.a, 1) == "x"', 0, 'condition_type', '`lower` takes 1 value, not 2.'],
    ['sum() > 1', 0, 'condition_type', '`sum` takes 1 or 2 values, not 0.'],
    ['len(5) > 1', 0, 'condition_type', '`len` takes a text or a list, and `5` is a number.'],
    ['startswith(param.a, 5)', 0, 'condition_type', '`5` must be a text.'],
    ['has(5 > 1)', 0, 'condition_type', '`has` takes a path'],
    ['matches(param.a, param.b)', 0, 'condition_type', 'The pattern of `matches` is written out'],
    [
      'matches(param.a, "(")',
      0,
      'condition_type',
      'The pattern does not read as RE2 syntax: missing closing ): `(`.',
    ],
    ['matches(param.a, "(?=x)")', 0, 'condition_type', 'The pattern does not read as RE2 syntax'],
    ['matches(param.a, "(a{500}){4}")', 0, 'condition_type', 'The pattern'],
    ['sum(param.a, 5) > 1', 0, 'condition_type', 'The second value of `sum` is the name of a number'],
  ])('%s', (text, index, code, message) => {
    const result = compileCondition(text);
    if (result.ok) throw new Error('it loads');
    expect(result.problems[0]).toMatchObject({ index, code });
    expect(result.problems[0]?.message).toContain(message);
  });

  test('a comparison that always fails loads with a warning, and asks a human', () => {
    expect(compiled('!param.a > 1').warnings).toEqual([
      '`!param.a > 1` compares values that never compare: every call goes to a human.',
    ]);
    expect(compiled('not param.a > 1').warnings).toEqual([]);
  });

  test('every mistake is reported, not the first', () => {
    const result = compileCondition('amount > 5 and foo(param.x) and param.y + "a" == 1');
    expect(!result.ok && result.problems.map(({ index }) => index)).toEqual([0, 15]);
  });

  test.each([
    ['long', `param.a == "${'x'.repeat(2_000)}"`, 'condition_too_large'],
    ['wide', Array.from({ length: 90 }, () => 'param.a > 1').join(' or '), 'condition_too_large'],
    ['deep in parentheses', `${'('.repeat(900)}param.a${')'.repeat(900)}`, 'condition_syntax'],
    ['deep in brackets', `param.a in ${'['.repeat(1_500)}`, 'condition_syntax'],
    ['deep in negations', `${'!'.repeat(1_900)}param.a`, 'condition_syntax'],
    ['deep in words', `${'not '.repeat(450)}param.a`, 'condition_syntax'],
    ['deep in minus signs', `${'-'.repeat(1_900)}param.a > 1`, 'condition_syntax'],
  ])('a condition that is too %s is refused', (_, text, code) => {
    const result = compileCondition(text);
    expect(!result.ok && result.problems.map((problem) => problem.code)).toContain(code);
  });
});

describe('conditions take bounded time', () => {
  const hostile = { ...scope, param: { text: `${'a'.repeat(65_535)}!`, list: Array(50_000).fill('a') } };

  test.each([
    'matches(param.text, "^(a+)+$")',
    'matches(param.text, "(a|a)*b")',
    'matches(param.text, "(.*a){20}$")',
    'contains(param.text, "aaaaaaaaab")',
    '"b" in param.list',
    'len(param.text) > 5 and lower(param.text) == "a"',
  ])('%s', (text) => {
    const condition = compiled(text);
    expect(cpuMs(() => holds(condition, hostile))).toBeLessThan(1_000);
  });
});
