/** What is made wrong with a call: one thing, made up, and contradicted by what the request itself says. */
import type { Call } from '@countersign/shared/canaries';
import { describe, expect, test } from 'vitest';
import { mutationsOf } from '../../../services/intake/canaries/mutate.ts';

const call = (args: Call['args'], reason?: string, ...behind: Call['behind']): Call => ({
  args,
  said: [reason],
  behind,
});
/** Draws these numbers, then begins again. */
function drawing(...numbers: number[]): () => number {
  let at = 0;
  return () => numbers[at++ % numbers.length] ?? 0;
}

test('an amount gets another zero, and its cents stay', () => {
  const [wrong] = mutationsOf(call({ amount: 19.99, note: 'x' }, 'Refund 19.99 as agreed.'), () => 0);
  expect(wrong).toEqual({
    kind: 'extra_zero',
    path: 'amount',
    args: { amount: 190.99, note: 'x' },
    wrong: 190.99,
    right: 19.99,
    difficulty: 'plain',
  });
  expect(mutationsOf(call({ total: '1200' }, 'It is 1,200 in all.'), () => 0)[0]?.wrong).toBe('12000');
});

test('a recipient is mistyped at the same host, and never another that the request names', () => {
  const [wrong] = mutationsOf(call({ mail: { to: 'marta@acme.com' } }, 'Write to marta@acme.com.'), () => 0);
  expect(wrong).toMatchObject({ kind: 'other_recipient', path: 'mail.to', wrong: 'mrata@acme.com' });
  expect(wrong?.args).toEqual({ mail: { to: 'mrata@acme.com' } });
});

test('an id is another of the same length and make', () => {
  for (const draw of [() => 0, () => 0.999, drawing(0.3, 0.7, 0.1, 0.5)]) {
    const [wrong] = mutationsOf(call({ customer_id: 'C-48213' }, 'For C-48213.'), draw);
    expect(wrong).toMatchObject({ kind: 'other_id', path: 'customer_id', difficulty: 'plain' });
    expect(wrong?.wrong).toMatch(/^C-4\d{4}$/);
    expect(wrong?.wrong).not.toBe('C-48213');
  }
  expect(mutationsOf(call({ order_id: 48213 }, 'Order 48213.'), () => 0)[0]?.wrong).toBeTypeOf('number');
});

describe('nothing is made wrong', () => {
  test('that nothing contradicts: nobody could catch it', () => {
    expect(mutationsOf(call({ amount: 120 }, 'Refund it.'), () => 0)).toEqual([]);
    expect(mutationsOf(call({ amount: 120 }, 'Refund 1200, 4120 or 120.5.'), () => 0)).toEqual([]);
  });
  test('to what the request names somewhere: it could be meant', () => {
    expect(mutationsOf(call({ amount: 120 }, 'Refund 120 of 1200.'), () => 0)).toEqual([]);
  });
  test('that is no amount, recipient or name of something', () => {
    expect(mutationsOf(call({ page: 2, note: 'marta 120' }, 'Page 2, marta 120.'), () => 0)).toEqual([]);
    expect(mutationsOf(call({ id: 12 }, 'Number 12.'), () => 0)).toEqual([]);
  });
});

test('what only context or another argument contradicts lies deeper', () => {
  expect(mutationsOf(call({ amount: 120 }, 'As asked.', { order: { paid: 120 } }), () => 0)).toMatchObject([
    { difficulty: 'buried' },
  ]);
  expect(mutationsOf(call({ amount: 120, memo: 'refund of 120.00' }), () => 0)).toMatchObject([
    { difficulty: 'buried' },
  ]);
});
