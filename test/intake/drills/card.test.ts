/** Where a value is named that an argument can be held against, and chance that can be had again. */
import { describe, expect, test } from 'vitest';
import { drawFrom, inTurn, shuffled } from '../../../services/intake/drills/chance.ts';
import { witnessOf } from '../../../services/intake/drills/witness.ts';

describe('what a value is held against', () => {
  const args = { amount: 120, order_id: 'ord-71002', note: 'for ord-71002' };
  test.each([
    [
      'the sentence of the reason',
      { reason: 'It broke. They paid 120 for it. Sorry.' },
      { in: 'reason', says: 'They paid 120 for it.' },
    ],
    [
      'the summary, before anything deeper',
      { preview: { summary: 'Gives back 120.' }, context: { paid: 120 } },
      { in: 'summary', says: 'Gives back 120.' },
    ],
    [
      'a value of the context, by its place alone',
      { context: { order: { paid: 120 } } },
      { in: 'context', path: 'order.paid' },
    ],
    [
      'a message of the transcript',
      { transcript: [{ role: 'user', content: 'Hi. I want my 120 back!' }] },
      { in: 'transcript', path: '0.content', says: 'I want my 120 back!' },
    ],
    ['nothing', { reason: 'They paid 1200.' }, undefined],
  ])('%s', (_, said, expected) => {
    expect(witnessOf({ args, said }, 'amount', 120)).toEqual(expected);
  });

  test('another argument, never itself; and a key that is an id', () => {
    expect(witnessOf({ args, said: {} }, 'order_id', 'ord-71002')).toEqual({ in: 'argument', path: 'note' });
    const said = { context: { orders: { 'ord-71002': { state: 'paid' } } } };
    expect(witnessOf({ args: { order_id: 'ord-71002' }, said }, 'order_id', 'ord-71002')).toEqual({
      in: 'context',
      path: 'orders.ord-71002',
    });
  });

  test('a sentence too long to quote is told by its place', () => {
    const reason = `${'word '.repeat(80)}120`;
    expect(witnessOf({ args, said: { reason } }, 'amount', 120)).toEqual({ in: 'reason' });
  });
});

test('the same number begins the same draws, and draws are spread over [0, 1)', () => {
  const [one, again] = [drawFrom(7), drawFrom(7)];
  const draws = Array.from({ length: 2_000 }, () => one());
  expect(draws).toEqual(Array.from({ length: 2_000 }, () => again()));
  expect(Math.min(...draws)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...draws)).toBeLessThan(1);
  const mean = draws.reduce((sum, draw) => sum + draw, 0) / draws.length;
  expect(mean).toBeCloseTo(0.5, 1);
  expect(shuffled([1, 2, 3, 4, 5], drawFrom(1)).toSorted()).toEqual([1, 2, 3, 4, 5]);
});

test('kinds take turns for as long as there are any', () => {
  expect(inTurn(['a1', 'a2', 'a3', 'b1', 'c1', 'c2'], (one) => one.slice(0, 1)).join(' ')).toBe(
    'a1 b1 c1 a2 c2 a3',
  );
});
