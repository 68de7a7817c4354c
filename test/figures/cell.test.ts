/** What is read off a cell, and the smaller figures beside it. */
import {
  differenceOf,
  EARLY_MS,
  fourWay,
  isLate,
  LEAST,
  loadOf,
  NO_STREAK,
  rateOf,
  SESSION_PAUSE_MS,
  type Session,
  sampleFor,
  sessionAt,
  sessionDrift,
  stepStreak,
  streakChance,
  wilson,
  zeroBadBound,
} from '@countersign/shared/figures';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { chance } from '../../bench/chance.ts';

describe('the four-way reading', () => {
  const approvals = (k: number, n: number) => rateOf({ k, n }, LEAST.approval);
  const catches = (k: number, n: number) => rateOf({ k, n }, LEAST.catchTeam);

  test('nearly all approved and canaries caught: in too high a tier', () => {
    expect(fourWay(approvals(214, 214), catches(19, 20), false)).toEqual({
      reading: 'mis_tiered',
      because: 'canaries_caught',
    });
  });

  test('canaries missed: rubber-stamped, and a rejection now and then hides nothing', () => {
    const missed = { reading: 'rubber_stamped', because: 'canaries_missed' };
    expect(fourWay(approvals(214, 214), catches(8, 20), false)).toEqual(missed);
    expect(fourWay(approvals(150, 214), catches(8, 20), false)).toEqual(missed);
  });

  test('canaries caught and not nearly all approved: healthy', () => {
    expect(fourWay(approvals(180, 214), catches(19, 20), false).reading).toBe('healthy');
    // 60 of 60 is no 97% yet.
    expect(fourWay(approvals(60, 60), catches(19, 20), false).reading).toBe('healthy');
  });

  test('without canaries, with few, with few decisions, or with a catch rate between: unknown, and it says why', () => {
    const all = approvals(5000, 5000);
    const why = (a: typeof all, c: typeof all) => {
      const { reading, because } = fourWay(a, c, false);
      expect(reading).toBe('unknown');
      return because;
    };
    expect(why(all, catches(0, 0))).toBe('no_canaries');
    expect(why(all, catches(0, 19))).toBe('too_few_canaries');
    expect(why(approvals(29, 29), catches(20, 20))).toBe('too_few_decisions');
    expect(why(all, catches(15, 20))).toBe('catch_undecided');
    expect(why(all, catches(740, 1000))).toBe('catch_undecided');
  });

  test('after a drift alarm nothing is read as good, and what is bad stays bad', () => {
    const alarming = (a: ReturnType<typeof approvals>, c: typeof a) => fourWay(a, c, true);
    const alarmed = { reading: 'unknown', because: 'drift_alarm' };
    expect(alarming(approvals(214, 214), catches(19, 20))).toEqual(alarmed);
    expect(alarming(approvals(180, 214), catches(19, 20))).toEqual(alarmed);
    expect(alarming(approvals(214, 214), catches(8, 20)).reading).toBe('rubber_stamped');
    expect(alarming(approvals(214, 214), catches(0, 0)).because).toBe('no_canaries');
  });

  test('one canary more that is caught never makes it look worse, one more missed never better', () => {
    const order = ['rubber_stamped', 'unknown', 'mis_tiered'];
    fc.assert(
      fc.property(fc.integer({ min: 20, max: 400 }), fc.nat(400), (n, some) => {
        const k = Math.min(some, n - 1);
        const rank = (caught: number) =>
          order.indexOf(fourWay(approvals(500, 500), catches(caught, n), false).reading);
        expect(rank(k + 1)).toBeGreaterThanOrEqual(rank(k));
      }),
    );
  });
});

describe('a sample without a bad one', () => {
  /** The chance that none of n is bad, added up from all the ways to find some. */
  const noneBad = (n: number, p: number): number => {
    let [term, some] = [(1 - p) ** n, 0];
    for (let k = 1; k <= n; k++) {
      term *= ((n - k + 1) / k) * (p / (1 - p));
      some += term;
    }
    return 1 - some;
  };

  test('of 29, 59 and 299 bounds the share of bad ones at 10%, 5% and 1%', () => {
    expect([0.1, 0.05, 0.01].map(sampleFor)).toEqual([29, 59, 299]);
    for (const [n, bound] of [
      [29, 0.1],
      [59, 0.05],
      [299, 0.01],
    ] as const) {
      expect(noneBad(n, bound)).toBeLessThanOrEqual(0.05);
      expect(noneBad(n - 1, bound)).toBeGreaterThan(0.05);
      expect(noneBad(n, zeroBadBound(n))).toBeCloseTo(0.05, 9);
    }
  });

  test('of none bounds nothing', () => {
    expect(zeroBadBound(0)).toBe(1);
    expect(() => sampleFor(0)).toThrow(RangeError);
  });
});

describe('load', () => {
  test('is the work that arrives against the people who are there', () => {
    // Two on duty for 40 of 168 hours; 2,400 requests of 90 seconds are 60 of their 80 hours.
    const week = { hours: 168, arrivals: 2400, handlingMs: 90_000, reviewerHours: 80 };
    expect(loadOf(week)).toMatchObject({ enough: true, busy: 0.75, tooBusy: false, onDuty: 80 / 168 });
    expect(loadOf({ ...week, arrivals: 2700 })).toMatchObject({ tooBusy: true });
  });

  test('needs a week, and with nobody there it is without bound', () => {
    expect(loadOf({ hours: 167, arrivals: 1, handlingMs: 1, reviewerHours: 1 })).toEqual({
      enough: false,
      n: 167,
      needed: 168,
    });
    const nobody = { hours: 168, handlingMs: 1000, reviewerHours: 0 };
    expect(loadOf({ ...nobody, arrivals: 3 })).toMatchObject({
      busy: Number.POSITIVE_INFINITY,
      tooBusy: true,
    });
    expect(loadOf({ ...nobody, arrivals: 0 })).toMatchObject({ busy: 0, tooBusy: false });
  });
});

describe('a streak', () => {
  test('ends with whatever is not an approval as it stood', () => {
    const verdicts = [true, true, true, false, true];
    expect(verdicts.reduce(stepStreak, NO_STREAK)).toEqual({ now: 1, longest: 3 });
  });

  test('has the chance that every sequence of verdicts together gives it', () => {
    for (const [n, length, rate] of [
      [1, 1, 0.3],
      [8, 3, 0.5],
      [12, 5, 0.9],
      [14, 14, 0.97],
      [10, 11, 0.9],
    ] as const) {
      let total = 0;
      for (let bits = 0; bits < 2 ** n; bits++) {
        const verdicts = Array.from({ length: n }, (_, i) => ((bits >> i) & 1) === 1);
        if (verdicts.reduce(stepStreak, NO_STREAK).longest < length) continue;
        const approvals = verdicts.filter(Boolean).length;
        total += rate ** approvals * (1 - rate) ** (n - approvals);
      }
      expect(streakChance({ length, n, rate })).toBeCloseTo(total, 12);
    }
  });

  test('of 50 is likely at 99%, and none at all is certain', () => {
    expect(streakChance({ length: 50, n: 50, rate: 0.99 })).toBeCloseTo(0.605, 3);
    expect(streakChance({ length: 0, n: 0, rate: 0.5 })).toBe(1);
  });
});

describe('drift over a session', () => {
  const minute = 60_000;

  test('a session lasts until a pause, and what comes after its first half-hour is late', () => {
    const at = (minutes: number[]) => {
      let session: Session | undefined;
      return minutes.map((when) => {
        session = sessionAt(session, when * minute);
        return isLate(session, when * minute);
      });
    };
    expect(EARLY_MS).toBe(30 * minute);
    expect(SESSION_PAUSE_MS).toBe(30 * minute);
    expect(at([0, 10, 29, 30, 55, 84])).toEqual([false, false, false, true, true, true]);
    expect(at([0, 10, 29, 59, 70])).toEqual([false, false, false, false, false]);
  });

  test('is the difference of two shares, with an interval that covers the truth about as often as it says', () => {
    const draw = chance(3);
    const drawn = (n: number, p: number) => ({
      n,
      k: Array.from({ length: n }, draw).filter((u) => u < p).length,
    });
    for (const [late, early] of [
      [0.3, 0.1],
      [0.02, 0.02],
      [0.9, 0.5],
    ] as const) {
      const runs = 2000;
      let covered = 0;
      for (let i = 0; i < runs; i++) {
        const found = differenceOf(drawn(60, late), drawn(90, early), 30);
        if (found.enough && found.low <= late - early && late - early <= found.high) covered += 1;
      }
      expect(covered / runs).toBeGreaterThan(0.93);
    }
  });

  test('needs enough of both halves', () => {
    expect(sessionDrift({ k: 3, n: 29 }, { k: 3, n: 300 })).toEqual({ enough: false, n: 29, needed: 30 });
    const { low, high } = wilson({ k: 0, n: 30 });
    const none = sessionDrift({ k: 0, n: 30 }, { k: 0, n: 30 });
    expect(none).toMatchObject({ enough: true, difference: 0, low: low - high, high });
  });
});
