import { cardPaths, checkCard, renderCard, valueAt } from '@countersign/shared/card';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

type Args = Parameters<typeof renderCard>[1];

const args: Args = JSON.parse(`{
  "amount": 12.5, "currency": "EUR", "ok": false, "nil": null, "empty": [],
  "to": { "name": "Kim", "mail": "kim@example.com" },
  "flights": [{ "number": "HAT1", "date": "2024-05-20" }, { "number": "HAT2", "date": "2024-05-21" }],
  "tags": ["a", "b", "c", "d", "e", "f"],
  "nested": [{ "deep": { "er": 1 } }],
  "__proto__": "own"
}`);

const read = (template: string): string =>
  renderCard(template, args)
    .map((piece) => ('text' in piece ? piece.text : piece.value))
    .join('');

describe('a card', () => {
  test('reads as one sentence, in pieces that tell policy’s words from values', () => {
    expect(renderCard('Pay {amount} {currency} to {to.name}', args)).toEqual([
      { text: 'Pay ' },
      { path: 'amount', value: '12.5' },
      { text: ' ' },
      { path: 'currency', value: 'EUR' },
      { text: ' to ' },
      { path: 'to.name', value: 'Kim' },
    ]);
  });

  test.each([
    ['{flights}', 'HAT1 2024-05-20, HAT2 2024-05-21'],
    ['{flights.1.number}', 'HAT2'],
    ['{tags}', 'a, b, c, d, 2 more'],
    ['{to}', 'Kim kim@example.com'],
    ['{empty}, {nil}, {ok}', 'none, nothing, false'],
    ['{nested}', '{"deep":{"er":1}}'],
    ['{{amount}} is {amount}', '{amount} is 12.5'],
    ['{__proto__}', 'own'],
  ])('%s', (template, expected) => {
    expect(read(template)).toBe(expected);
  });

  test('what is missing is a question mark and says so', () => {
    for (const path of [
      'gone',
      'to.gone',
      'to.constructor',
      'toString',
      'tags.length',
      'tags.6',
      'amount.x',
      'nil.x',
    ]) {
      expect(renderCard(`{${path}}`, args)).toEqual([{ path, value: '?', missing: true }]);
    }
  });

  test('values are never read as a template', () => {
    expect(renderCard('{a}', { a: '{b}', b: 'x' })).toEqual([{ path: 'a', value: '{b}' }]);
  });

  test('its paths are listed once each', () => {
    expect(cardPaths('{a} {b.c} {a} {{d}}')).toEqual(['a', 'b.c']);
  });

  test('no template and no arguments make it throw, and all of its own words survive', () => {
    fc.assert(
      fc.property(fc.string(), fc.dictionary(fc.string(), fc.jsonValue()), (template, values) => {
        const pieces = renderCard(template, values as Args);
        expect(
          pieces.every((piece) => typeof ('text' in piece ? piece.text : piece.value) === 'string'),
        ).toBe(true);
        if (!/[{}]/.test(template)) expect(pieces).toEqual(template === '' ? [] : [{ text: template }]);
      }),
    );
  });
});

test('a template is checked when the policy loads', () => {
  expect(checkCard('Pay {amount} to {to.name}, {{really}}')).toBeUndefined();
  expect(checkCard('Pay {amount')).toBe(
    'The brace at character 5 has no partner. Write `{{` for a brace itself.',
  );
  expect(checkCard('Pay amount}')).toBe(
    'The brace at character 11 has no partner. Write `}}` for a brace itself.',
  );
  expect(checkCard('Pay {}')).toMatch('not a placeholder');
  expect(checkCard('Pay {a b}')).toMatch('not a placeholder');
});

test('a path reads own values only', () => {
  expect(valueAt(args, 'to.mail')).toBe('kim@example.com');
  expect(valueAt(args, 'flights.0.number')).toBe('HAT1');
  expect(valueAt(args, 'hasOwnProperty')).toBeUndefined();
  expect(valueAt(args, '')).toBeUndefined();
});
