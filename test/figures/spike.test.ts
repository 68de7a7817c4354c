/** G5: whether timeouts have become more frequent, held against another way to compute it. */
import { type Count, spikeOf } from '@countersign/shared/figures';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { chance } from '../../bench/chance.ts';

const days = (...counts: [number, number][]): Count[] => counts.map(([k, n]) => ({ k, n }));
const alike = (k: number, n: number, many = 28): Count[] => Array.from({ length: many }, () => ({ k, n }));

/** The chance of k or more of n, its share drawn from Beta(a, b): the binomial tail, averaged over the share by Simpson's rule. */
function byIntegration(k: number, n: number, a: number, b: number): number {
  const tail = (p: number): number => {
    let [term, below] = [(1 - p) ** n, 0];
    for (let j = 0; j < k; j++) {
      below += term;
      term *= ((n - j) / (j + 1)) * (p / (1 - p));
    }
    return 1 - below;
  };
  const log = (u: number): number =>
    (2 * a - 1) * Math.log(Math.sin(u)) + (2 * b - 1) * Math.log(Math.cos(u));
  const peak = log(Math.asin(Math.sqrt(a / (a + b))));
  const steps = 40_000;
  let [area, weight] = [0, 0];
  // u ↦ sin²u takes away the poles of a, b = ½; its derivative is part of the density.
  for (let i = 1; i < steps; i++) {
    const u = (Math.PI / 2) * (i / steps);
    const p = Math.sin(u) ** 2;
    const density = Math.exp(log(u) - peak);
    const times = (i % 2 === 1 ? 4 : 2) * density;
    area += times * tail(p);
    weight += times;
  }
  return area / weight;
}

test.each([
  [{ k: 9, n: 40 }, 2, 40],
  [{ k: 6, n: 60 }, 3, 60],
  [{ k: 5, n: 30 }, 1, 20],
  [{ k: 30, n: 300 }, 12, 300],
] as const)(
  'the chance of %o after 28 days of %i in %i is that of integrating over what the share may be',
  (now, k, n) => {
    const spike = spikeOf(now, alike(k, n));
    const [a, b] = [28 * k + 0.5, 28 * (n - k) + 0.5];
    expect((spike.enough ? spike.chance : 0) / byIntegration(now.k, now.n, a, b)).toBeCloseTo(1, 4);
    expect(spike).toMatchObject({ spread: 1, usual: { k: 28 * k, n: 28 * n, rate: k / n } });
  },
);

test('days that differ more than chance has them make the same count less of a surprise', () => {
  const even = spikeOf({ k: 12, n: 60 }, alike(4, 60));
  // The same sum, now on evenings when nobody was there.
  const uneven = spikeOf(
    { k: 12, n: 60 },
    days(...Array.from({ length: 28 }, (_, d): [number, number] => [d % 4 === 0 ? 13 : 1, 60])),
  );
  if (!even.enough || !uneven.enough) throw new Error('enough was given');
  expect(uneven.usual.k).toBe(even.usual.k);
  expect(uneven.spread).toBeGreaterThan(5);
  expect(uneven.chance).toBeGreaterThan(100 * even.chance);
});

test('too little now, too short a past or too small a one is said as such, and as no number', () => {
  expect(spikeOf({ k: 29, n: 29 }, alike(1, 60))).toEqual({ enough: false, n: 29, needed: 30 });
  expect(spikeOf({ k: 30, n: 30 }, alike(1, 60, 6))).toEqual({ enough: false, n: 6, needed: 7 });
  expect(spikeOf({ k: 30, n: 30 }, alike(1, 14, 7))).toEqual({ enough: false, n: 98, needed: 100 });
});

test('a past without a single one is no proof that there can be none', () => {
  const spike = spikeOf({ k: 1, n: 40 }, alike(0, 40));
  expect(spike.enough && spike.chance).toBeGreaterThan(0.01);
});

test('more of them are never less of a surprise, and none are none', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 30, max: 400 }),
      fc.array(fc.tuple(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 20, max: 80 })), {
        minLength: 8,
        maxLength: 28,
      }),
      (n, past) => {
        const before = past.map(([k, of]) => ({ k: Math.min(k, of), n: of }));
        const chances = Array.from({ length: n + 1 }, (_, k) => {
          const spike = spikeOf({ k, n }, before);
          return spike.enough ? spike.chance : 1;
        });
        expect(chances[0]).toBe(1);
        for (let k = 1; k <= n; k++) expect(chances[k]).toBeLessThanOrEqual((chances[k - 1] ?? 1) + 1e-12);
        expect(chances.every((one) => one >= 0 && one <= 1)).toBe(true);
      },
    ),
    { seed: 7, numRuns: 40 },
  );
});

test('where nothing has changed, one in a hundred comes at most once in a hundred', () => {
  const next = chance(11);
  let alarms = 0;
  const runs = 2_000;
  const drawn = (n: number, p: number): Count => {
    let k = 0;
    for (let i = 0; i < n; i++) if (next() < p) k += 1;
    return { k, n };
  };
  for (let run = 0; run < runs; run++) {
    const spike = spikeOf(
      drawn(50, 0.08),
      Array.from({ length: 14 }, () => drawn(50, 0.08)),
    );
    if (spike.enough && spike.chance <= 0.01) alarms += 1;
  }
  // Three standard errors above.
  expect(alarms / runs).toBeLessThan(0.01 + 3 * Math.sqrt((0.01 * 0.99) / runs));
});
