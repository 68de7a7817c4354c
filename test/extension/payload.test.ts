import { fillIn, labelOf, rowsOf, spanText } from '@countersign/shared/plain';
import { describe, expect, test } from 'vitest';
import { compareRows } from '../../extension/edit/changes.ts';
import { wordDiff } from '../../extension/edit/word-diff.ts';

describe('the payload', () => {
  test('has one line for every value, nested ones with their way in', () => {
    const rows = rowsOf(
      { customer: { address: { city: 'Bonn' } }, items: [{ sku: 'A' }], tags: ['x', 'y'] },
      'en',
    );
    expect(rows.map((row) => [row.path, row.labels.join(' › '), row.shown.kind])).toEqual([
      ['customer.address.city', 'Customer › Address › City', 'text'],
      ['items.0.sku', 'Items › 1 › Sku', 'text'],
      ['tags', 'Tags', 'list'],
    ]);
  });

  test('says what is empty instead of leaving it blank', () => {
    const shown = rowsOf({ a: null, b: '', c: [], d: {} }, 'en').map((row) => row.shown);
    expect(shown).toEqual([
      { kind: 'nothing', what: 'null' },
      { kind: 'nothing', what: 'text' },
      { kind: 'nothing', what: 'list' },
      { kind: 'nothing', what: 'object' },
    ]);
  });

  test('reads days, and keeps what stands in the arguments beside them', () => {
    expect(rowsOf({ due: '2026-12-01' }, 'en')[0]?.shown).toEqual({
      kind: 'date',
      when: { at: Date.UTC(2026, 11, 1), day: true },
      raw: '2026-12-01',
    });
    expect(rowsOf({ due: '2026-02-31' }, 'en')[0]?.shown).toEqual({ kind: 'text', text: '2026-02-31' });
  });

  test('does not trip over a key called __proto__', () => {
    const args = JSON.parse('{"__proto__": {"amount": 1}}');
    expect(rowsOf(args, 'en').map((row) => row.path)).toEqual(['__proto__.amount']);
  });
});

describe('labels', () => {
  test.each([
    ['order_id', 'Order id'],
    ['customerEmail', 'Customer email'],
    ['0', '1'],
    ['amount\u200B', 'amount\u200B'],
    ['__proto__', '__proto__'],
  ])('%j reads %j', (key, label) => {
    expect(labelOf(key)).toBe(label);
  });
});

describe('a condition', () => {
  test('has its values beside its names, and not inside quoted text', () => {
    const pieces = fillIn('param.amount > 50 and param.tag == "param.amount"', {
      'param.amount': 2400,
      'param.tag': 'x',
    });
    expect(pieces).toMatchObject([
      { name: 'param.amount', value: '2400' },
      { text: ' > 50 and ' },
      { name: 'param.tag', value: '"x"' },
      { text: ' == "param.amount"' },
    ]);
  });
});

describe('what changed', () => {
  test('is found line by line, with lines that came and went', () => {
    const rows = compareRows({ amount: 1, note: 'b', added: true }, { amount: 1, note: 'a', gone: 2 }, 'en');
    expect(
      rows.map((row) => [row.path, row.before === undefined ? 'same' : row.before?.kind, row.gone ?? false]),
    ).toEqual([
      ['amount', 'same', false],
      ['note', 'text', false],
      ['added', undefined, false],
      ['gone', 'number', true],
    ]);
    expect(rows.find((row) => row.path === 'added')?.before).toBeNull();
  });

  test('in a text is marked word by word', () => {
    expect(wordDiff('Duplicate charge', 'Duplicate charge, order total only')).toEqual([
      { kind: 'same', text: 'Duplicate charge' },
      { kind: 'ins', text: ', order total only' },
    ]);
  });

  test('in texts with nothing in common is the whole of both', () => {
    expect(wordDiff('alpha beta', 'gamma delta').map((stretch) => stretch.kind)).toEqual(['del', 'ins']);
  });
});

describe('time left', () => {
  test.each([
    [-5, '0:00'],
    [42_900, '0:42'],
    [468_000, '7:48'],
    [7_500_000, '2 h 05 min'],
    [270_000_000, '3 d 3 h'],
  ])('%i ms reads %s', (span, text) => {
    expect(spanText(span)).toBe(text);
  });
});
