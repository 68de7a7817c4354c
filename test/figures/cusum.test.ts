/** The chart for misses against a Markov chain over the sums that it can have. */
import { CATCH_DRIFT, cusumOf, cusumWeights, stepCusum } from '@countersign/shared/figures';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { chance } from '../../bench/chance.ts';

/**
 * How many canaries pass on average until the alarm, from a sum of 0, when a share `p` is missed. All sums are whole
 * multiples of 0.07, since 0.98 is 14 of them, 0.35 is 5, and the alarm comes at 43; the expected numbers from each sum
 * are one system of linear equations.
 */
function expectedRun(p: number): number {
  const [up, down, alarm] = [14, 5, 43];
  const rows = Array.from({ length: alarm }, (_, at) => {
    const row = new Array<number>(alarm + 1).fill(0);
    row[at] = (row[at] ?? 0) + 1;
    if (at + up < alarm) row[at + up] = (row[at + up] ?? 0) - p;
    const below = Math.max(0, at - down);
    row[below] = (row[below] ?? 0) - (1 - p);
    row[alarm] = 1;
    return row;
  });
  for (let i = alarm - 1; i >= 0; i--) {
    const pivot = rows[i] ?? [];
    for (const row of rows) {
      const share = row === pivot ? 0 : (row[i] ?? 0) / (pivot[i] ?? 1);
      if (share !== 0)
        pivot.forEach((value, column) => {
          row[column] = (row[column] ?? 0) - share * value;
        });
    }
  }
  return (rows[0]?.[alarm] ?? 0) / (rows[0]?.[0] ?? 1);
}

/** The mean run until the alarm of the chart itself, and its standard error, in `runs` runs. */
function measuredRun(p: number, runs: number): { mean: number; error: number } {
  const draw = chance(7);
  const lengths = Array.from({ length: runs }, () => {
    let [sum, length, alarm] = [0, 0, false];
    while (!alarm) {
      ({ sum, alarm } = stepCusum(sum, draw() < p, CATCH_DRIFT));
      length += 1;
    }
    return length;
  });
  const mean = lengths.reduce((total, length) => total + length, 0) / runs;
  const variance = lengths.reduce((total, length) => total + (length - mean) ** 2, 0) / (runs - 1);
  return { mean, error: Math.sqrt(variance / runs) };
}

test('one false alarm in about 215 canaries while 15% are missed, an alarm after about 14 when it is 40%', () => {
  expect(expectedRun(0.15)).toBeCloseTo(213.8, 1);
  expect(expectedRun(0.4)).toBeCloseTo(14.5, 1);
  for (const p of [0.15, 0.4]) {
    const { mean, error } = measuredRun(p, 3000);
    expect(Math.abs(mean - expectedRun(p))).toBeLessThan(4 * error);
  }
});

test('its weights are those for a drift from 15% to 40%, rounded', () => {
  const { miss, hit } = cusumWeights(0.15, 0.4, 3);
  expect(miss).toBeCloseTo(CATCH_DRIFT.miss, 2);
  expect(hit).toBeCloseTo(CATCH_DRIFT.hit, 2);
});

test('under good readers the sum falls on average, under bad ones it rises', () => {
  const pairs = fc.tuple(fc.integer({ min: 1, max: 98 }), fc.integer({ min: 1, max: 98 }));
  fc.assert(
    fc.property(pairs, ([one, other]) => {
      fc.pre(one !== other);
      const [good, bad] = [Math.min(one, other) / 100, Math.max(one, other) / 100];
      const { miss, hit } = cusumWeights(good, bad, 3);
      expect(good * miss + (1 - good) * hit).toBeLessThan(0);
      expect(bad * miss + (1 - bad) * hit).toBeGreaterThan(0);
    }),
  );
  expect(() => cusumWeights(0.4, 0.15, 3)).toThrow(RangeError);
  expect(() => cusumWeights(0, 0.15, 3)).toThrow(RangeError);
});

test('an alarm needs four misses, never less, and the next one four others', () => {
  expect(cusumOf([true, true, true], CATCH_DRIFT).alarms).toEqual([]);
  expect(cusumOf([true, true, true, true], CATCH_DRIFT)).toEqual({ sum: 0, n: 4, alarms: [3] });
  expect(cusumOf(new Array(9).fill(true), CATCH_DRIFT).alarms).toEqual([3, 7]);
});

test('a good year buys no credit: after any number of hits, misses count from 0', () => {
  const hits = new Array<boolean>(1000).fill(false);
  expect(cusumOf([...hits, true, true, true, true], CATCH_DRIFT).alarms).toEqual([1003]);
});

test('taken step by step it says what it says of the whole run', () => {
  fc.assert(
    fc.property(fc.array(fc.boolean(), { maxLength: 200 }), (misses) => {
      let sum = 0;
      const alarms = misses.flatMap((missed, at) => {
        const step = stepCusum(sum, missed, CATCH_DRIFT);
        sum = step.sum;
        return step.alarm ? [at] : [];
      });
      expect(cusumOf(misses, CATCH_DRIFT)).toEqual({ sum, n: misses.length, alarms });
    }),
  );
});
