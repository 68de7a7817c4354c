/** Both intervals against what they promise, computed another way: by inverting a test, by quadrature, by counting every path. */
import { rateOf, watched, wilson } from '@countersign/shared/figures';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

/** Where `holds` changes between the two, which differ in it. */
function boundary(from: number, to: number, holds: (p: number) => boolean): number {
  let [a, b] = [from, to];
  const first = holds(a);
  for (let i = 0; i < 200; i++) {
    const middle = (a + b) / 2;
    if (holds(middle) === first) a = middle;
    else b = middle;
  }
  return (a + b) / 2;
}

/** ∫ f over 0…1, Simpson with many steps. */
function integral(f: (x: number) => number, steps = 20_000): number {
  let sum = f(0) + f(1);
  for (let i = 1; i < steps; i++) sum += f(i / steps) * (i % 2 === 0 ? 2 : 4);
  return sum / (3 * steps);
}

const counts = fc
  .integer({ min: 1, max: 3000 })
  .chain((n) => fc.integer({ min: 0, max: n }).map((k) => ({ k, n })));

describe.each([
  ['Wilson', wilson],
  ['the watched interval', watched],
])('%s', (_, interval) => {
  test('contains the share that was seen, lies in 0…1, and mirrors when hits and misses change places', () => {
    fc.assert(
      fc.property(counts, ({ k, n }) => {
        const { low, high } = interval({ k, n });
        expect(low).toBeGreaterThanOrEqual(0);
        expect(high).toBeLessThanOrEqual(1);
        expect(low).toBeLessThanOrEqual(k / n);
        expect(high).toBeGreaterThanOrEqual(k / n);
        const mirrored = interval({ k: n - k, n });
        expect(mirrored.low).toBeCloseTo(1 - high, 12);
        expect(mirrored.high).toBeCloseTo(1 - low, 12);
      }),
    );
  });

  test('moves up with one more hit, and shrinks when the same share rests on twice as many', () => {
    fc.assert(
      fc.property(counts, ({ k, n }) => {
        const now = interval({ k, n });
        const twice = interval({ k: 2 * k, n: 2 * n });
        expect(twice.high - twice.low).toBeLessThan(now.high - now.low);
        if (k === n) return;
        const more = interval({ k: k + 1, n });
        expect(more.high).toBeGreaterThanOrEqual(now.high);
        expect(more.low).toBeGreaterThan(now.low);
      }),
    );
  });

  test('of nothing it says nothing, and what are no counts it refuses', () => {
    expect(interval({ k: 0, n: 0 })).toEqual({ low: 0, high: 1 });
    for (const [k, n] of [
      [2, 1],
      [-1, 3],
      [0.5, 1],
      [Number.NaN, 1],
    ] as const)
      expect(() => interval({ k, n })).toThrow(RangeError);
  });
});

describe('Wilson', () => {
  test('is what a two-sided score test at 5% leaves', () => {
    // The normal quantile from its own density, not from a table.
    const density = (x: number): number => Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);
    const within = (z: number): number => integral((u) => 2 * z * density(u * z), 2000);
    const z = boundary(1, 3, (at) => within(at) < 0.95);
    for (const [k, n] of [
      [0, 7],
      [1, 30],
      [17, 20],
      [15, 30],
      [214, 214],
      [970, 1000],
    ] as const) {
      const kept = (p: number): boolean => Math.abs(k / n - p) <= z * Math.sqrt((p * (1 - p)) / n);
      const { low, high } = wilson({ k, n });
      expect(low).toBeCloseTo(k === 0 ? 0 : boundary(0, k / n, kept), 9);
      expect(high).toBeCloseTo(k === n ? 1 : boundary(k / n, 1, kept), 9);
    }
  });

  test('gives the numbers of the oversight design', () => {
    const percent = ({ low, high }: { low: number; high: number }) =>
      [low, high].map((p) => (100 * p).toFixed(1));
    expect(percent(wilson({ k: 214, n: 214 }))).toEqual(['98.2', '100.0']);
    expect(percent(wilson({ k: 17, n: 20 }))).toEqual(['64.0', '94.8']);
  });
});

describe('the watched interval', () => {
  test('is where the averaged likelihood outweighs the likelihood of a share by 20', () => {
    const seen: [k: number, n: number][] = [
      [0, 30],
      [1, 12],
      [17, 20],
      [40, 60],
      [0, 214],
      [2100, 2400],
    ];
    for (const [k, n] of seen) {
      // Both against the likelihood of what was seen, so that nothing underflows.
      const at = (q: number): number =>
        (k === 0 ? 0 : k * Math.log(q / (k / n))) + (k === n ? 0 : (n - k) * Math.log((1 - q) / (1 - k / n)));
      const mixture = Math.log(integral((q) => Math.exp(at(q)), 200_000));
      const kept = (p: number): boolean => mixture - at(p) < Math.log(20);
      const { low, high } = watched({ k, n });
      expect(low).toBeCloseTo(k === 0 ? 0 : boundary(0, k / n, kept), 7);
      expect(high).toBeCloseTo(k === n ? 1 : boundary(k / n, 1, kept), 7);
    }
  });

  test('ends where the evidence has that weight to nine digits, its factorials multiplied out', () => {
    const lnFactorial = (n: number): number => {
      let sum = 0;
      for (let factor = 2; factor <= n; factor++) sum += Math.log(factor);
      return sum;
    };
    fc.assert(
      fc.property(counts, ({ k, n }) => {
        const mixture = lnFactorial(k) + lnFactorial(n - k) - lnFactorial(n + 1);
        const evidence = (p: number): number =>
          mixture - (k === 0 ? 0 : k * Math.log(p)) - (k === n ? 0 : (n - k) * Math.log(1 - p));
        // The upper end is the mirrored lower one; so close to 1 a number has not as many digits.
        if (k > 0) expect(evidence(watched({ k, n }).low)).toBeCloseTo(Math.log(20), 9);
      }),
    );
  });

  test('bounds 0 of 214 at 3.8%, where one look bounds it at 1.4%', () => {
    expect(watched({ k: 0, n: 214 }).high).toBeCloseTo(0.0383, 4);
    expect(boundary(0, 1, (p) => (1 - p) ** 214 > 0.05)).toBeCloseTo(0.0139, 4);
  });

  test('leaves out the truth at some time with a chance of 5% at most; Wilson, looked at as often, far more', () => {
    /** The chance that any of the first `looks` intervals leaves out `p`: every path that is still inside, carried on. */
    const everOut = (interval: typeof wilson, p: number, looks: number): number => {
      let inside = [1];
      let out = 0;
      for (let n = 1; n <= looks; n++) {
        const next = new Array<number>(n + 1).fill(0);
        inside.forEach((chance, k) => {
          next[k] = (next[k] ?? 0) + chance * (1 - p);
          next[k + 1] = (next[k + 1] ?? 0) + chance * p;
        });
        inside = next.map((chance, k) => {
          if (chance === 0) return 0;
          const { low, high } = interval({ k, n });
          if (low <= p && p <= high) return chance;
          out += chance;
          return 0;
        });
      }
      return out;
    };
    for (const p of [0.02, 0.15, 0.5]) {
      const chance = everOut(watched, p, 150);
      expect(chance).toBeLessThanOrEqual(0.05);
      expect(chance).toBeGreaterThan(0.001);
      expect(everOut(wilson, p, 150)).toBeGreaterThan(0.1);
    }
  });
});

describe('a rate', () => {
  test('has its n and both intervals, and below the least n no number at all', () => {
    expect(rateOf({ k: 29, n: 29 }, 30)).toEqual({ enough: false, n: 29, needed: 30 });
    expect(rateOf({ k: 0, n: 0 }, 0)).toEqual({ enough: false, n: 0, needed: 1 });
    expect(rateOf({ k: 27, n: 30 }, 30)).toEqual({
      enough: true,
      k: 27,
      n: 30,
      rate: 0.9,
      ...wilson({ k: 27, n: 30 }),
      watched: watched({ k: 27, n: 30 }),
    });
  });
});
