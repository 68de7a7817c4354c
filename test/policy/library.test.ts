/** Canaries that people write beside their policies: what of them loads, and what nobody could catch does not. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { names } from '@countersign/shared/canaries';
import { type LibraryCanary, loadPolicySet, readCanaries } from '@countersign/shared/policy';
import { describe, expect, test } from 'vitest';
import { builtIn, forDrills, forPlanting } from '../../services/intake/canaries/library.ts';
import { ROOT } from '../support/sources.ts';

const policy = { path: 'policy.yaml', text: 'version: 1\ndefault: approval_required\n' };
const written = (more = '', wrong = 'path: amount, value: 1200') => `canaries:
  - name: refund
    agent: support
    tool: orders.refund
    args: { order: { id: ord-71002 }, amount: 120, to: [a@acme.com, b@acme.com] }
    reason: "120 is what they paid, says a@acme.com."
    wrong: { ${wrong} }
    look: The reason says what they paid.
    ${more}
`;

/** The canaries of one file beside a policy; or code and line of what is wrong with it. */
function load(...texts: string[]): LibraryCanary[] | (string | number)[][] {
  const files = texts.map((text, index) => ({ path: `${index}.canaries.yaml`, text }));
  const loaded = loadPolicySet([policy, ...files]);
  return loaded.ok
    ? [...loaded.set.library]
    : loaded.problems.map(({ code, line, column }) => [code, line, column]);
}

test('a canary has both calls: as it would be right, and with one thing wrong', () => {
  expect(load(written())).toMatchObject([
    {
      name: 'refund',
      use: 'drill',
      args: { amount: 120 },
      wrongArgs: { amount: 1200, order: { id: 'ord-71002' } },
      kind: 'other_value',
      right: 120,
      wrong: 1200,
      difficulty: 'plain',
      tier: 'medium',
    },
  ]);
});

test('the value that is wrong may stand in a list', () => {
  expect(load(written('', 'path: to.0, value: a@acne.com'))).toMatchObject([
    { wrongArgs: { to: ['a@acne.com', 'b@acme.com'] }, right: 'a@acme.com' },
  ]);
});

describe('it does not load', () => {
  test.each([
    [
      'where nothing says what would be right',
      written('', 'path: order.id, value: ord-1'),
      'canary_unsound',
      7,
      12,
    ],
    ['where the request names what is wrong', written('context: { limit: 1200 }'), 'canary_unsound', 7, 12],
    ['without a value at its path', written('', 'path: total, value: 5'), 'canary_unsound', 7, 20],
    ['with a mapping at its path', written('', 'path: order, value: 5'), 'canary_unsound', 7, 20],
    ['with a value of another kind', written('', 'path: amount, value: "1200"'), 'canary_unsound', 7, 35],
    [
      'with the right value as the wrong one',
      written('', 'path: amount, value: 120'),
      'canary_unsound',
      7,
      35,
    ],
    ['with a number that is none', written('', 'path: amount, value: .inf'), 'invalid_value', 7, 35],
    [
      'with words of its own for the card that is planted',
      written('use: canary\n    tier: high'),
      'invalid_value',
      2,
      5,
    ],
    ['with a key that nobody reads', written('looks: there'), 'unknown_key', 9, 5],
  ])('%s', (_, text, ...where) => {
    expect(load(text)).toEqual([where]);
  });

  test('where two have one name', () => {
    expect(load(written(), written())).toEqual([['duplicate_canary', 2, 5]]);
  });

  test('alone: a folder without a policy has none', () => {
    const loaded = loadPolicySet([{ path: 'own.canaries.yaml', text: written() }]);
    expect(loaded.ok ? [] : loaded.problems.map(({ code }) => code)).toEqual(['no_policy']);
  });
});

test('those for drills are never planted, and those that are planted never shown in a drill', () => {
  const loaded = loadPolicySet([policy, { path: 'own.canaries.yaml', text: written('use: canary') }]);
  expect.assert(loaded.ok);
  const [drills, planted] = [forDrills(loaded.set), forPlanting(loaded.set)];
  expect(planted.map(({ name }) => name)).toEqual(['refund']);
  expect(drills).toEqual(builtIn());
});

test('what every installation has is enough for a drill, some of it plain and some buried, and about nobody', () => {
  const all = builtIn();
  expect(all).toHaveLength(40);
  expect(new Set(all.map(({ name }) => name)).size).toBe(40);
  const plain = all.filter(({ difficulty }) => difficulty === 'plain').length;
  expect(plain).toBeGreaterThan(14);
  expect(plain).toBeLessThan(26);
  for (const { name, use, right, wrong, args, said, look } of all) {
    expect(use, name).toBe('drill');
    // It can be told from the request alone, and the words that say where to look do not say what is right.
    expect(names(JSON.stringify([args, said]), wrong), name).toBe(false);
    expect(names(look, wrong), name).toBe(false);
    expect(names(look, right), name).toBe(false);
    const mails = JSON.stringify([args, said, wrong]).match(/@[\w-]+(\.[\w-]+)*/g) ?? [];
    for (const host of mails) expect(host, name).toMatch(/^@([\w-]+\.)?example(\.com)?$/);
  }
});

test('the example in the docs loads', () => {
  const page = readFileSync(join(ROOT, 'docs/canaries.md'), 'utf8');
  const [, text = ''] = /```yaml library\n(.*?)```/s.exec(page) ?? [];
  expect(readCanaries('own.canaries.yaml', text)).toMatchObject({ ok: true, canaries: [{ use: 'canary' }] });
});
