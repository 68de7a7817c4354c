import { howMissed, LEAST, rateOf } from '@countersign/shared/figures';
import { expect, test } from 'vitest';

const fast = (k: number, n: number) => rateOf({ k, n }, LEAST.tooFast);
const base = {
  tooFast: fast(4, 100),
  rejected: { k: 2, n: 400 },
  caught: { k: 6, n: 30 },
  caughtElsewhere: { k: 8, n: 30 },
};

test('approved before anyone could have read: unread, whatever else there is', () => {
  expect(howMissed({ ...base, tooFast: fast(60, 100) })).toBe('unread');
  expect(howMissed({ ...base, tooFast: fast(60, 100), rejected: { k: 80, n: 400 } })).toBe('unread');
});

test('rejected as often as anything else: by chance; with hardly a rejection there is nothing to say so', () => {
  expect(howMissed({ ...base, rejected: { k: 80, n: 400 } })).toBe('by_chance');
  expect(howMissed({ ...base, rejected: { k: 20, n: 400 } })).toBe('looked_at');
});

test('caught elsewhere by the same team: only here', () => {
  expect(howMissed({ ...base, caughtElsewhere: { k: 27, n: 30 } })).toBe('only_here');
  // A little better elsewhere is no difference.
  expect(howMissed({ ...base, caughtElsewhere: { k: 12, n: 30 } })).toBe('looked_at');
});

test('looked at long enough, everywhere alike: looked at', () => {
  expect(howMissed(base)).toBe('looked_at');
});

test('with too little to tell them apart: unknown', () => {
  expect(howMissed({ ...base, tooFast: fast(29, 29) })).toBe('unknown');
  expect(howMissed({ ...base, caught: { k: 2, n: 19 } })).toBe('unknown');
  expect(howMissed({ ...base, rejected: { k: 0, n: 29 } })).toBe('unknown');
  // Elsewhere unknown is no reason to say nothing of what is here.
  expect(howMissed({ ...base, caughtElsewhere: { k: 0, n: 0 } })).toBe('looked_at');
});
