import { describe, expect, test } from 'vitest';
import { pauseBefore, standardSchedule } from '../../services/notifier/schedule.ts';

const hour = 3_600_000;

describe('the retry schedule', () => {
  test('makes ten attempts over some 75 hours', () => {
    let at = 0;
    const times = standardSchedule.map((_, made) => {
      at += made === 0 ? 0 : pauseBefore(standardSchedule, made, undefined, 0);
      return at;
    });
    expect(times).toHaveLength(10);
    expect(times.slice(0, 4)).toEqual([0, 5_000, 305_000, 2_105_000]);
    expect((times.at(-1) ?? 0) / hour).toBeCloseTo(75.58, 1);
  });

  test('adds up to a tenth to a pause, and never takes anything from it', () => {
    expect(pauseBefore(standardSchedule, 2, undefined, 0)).toBe(300_000);
    expect(pauseBefore(standardSchedule, 2, undefined, 0.999)).toBe(329_970);
  });

  test('waits as long as the peer asks, but not for more than a day', () => {
    expect(pauseBefore(standardSchedule, 1, 60_000, 0)).toBe(60_000);
    expect(pauseBefore(standardSchedule, 2, 60_000, 0)).toBe(300_000);
    expect(pauseBefore(standardSchedule, 1, 90 * hour, 0)).toBe(24 * hour);
  });

  test('keeps the last pause where it is asked for more attempts than it has', () => {
    expect(pauseBefore([0, 10], 7, undefined, 0)).toBe(10);
  });
});
