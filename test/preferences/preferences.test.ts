import { Preferences } from '@countersign/shared/contracts';
import {
  dayTimeIn,
  defaultPreferences,
  digestDue,
  interrupts,
  isQuiet,
  lowestInterrupting,
} from '@countersign/shared/preferences';
import { describe, expect, test } from 'vitest';

const at = (time: string) => Date.parse(time);

describe('the wall clock', () => {
  test('is that of the person’s time zone', () => {
    const moment = at('2026-11-21T23:30:00Z'); // a Saturday
    expect(dayTimeIn('UTC', moment)).toEqual({ day: 'sat', minutes: 23 * 60 + 30 });
    expect(dayTimeIn('Europe/Berlin', moment)).toEqual({ day: 'sun', minutes: 30 });
    expect(dayTimeIn('Asia/Kolkata', moment)).toEqual({ day: 'sun', minutes: 5 * 60 });
    expect(dayTimeIn('UTC', at('2026-11-21T00:00:00Z'))).toEqual({ day: 'sat', minutes: 0 });
  });
});

describe('quiet hours', () => {
  const night = { quiet_hours: [{ from: '22:00', to: '07:00' }], time_zone: 'UTC' };

  test.each([
    ['21:59:59', false],
    ['22:00:00', true],
    ['00:00:00', true],
    ['06:59:59', true],
    ['07:00:00', false],
  ])('from 22:00 to 07:00: %s is %s', (time, quiet) => {
    expect(isQuiet(night, at(`2026-11-21T${time}Z`))).toBe(quiet);
  });

  test('of some days begin on those days and end the morning after', () => {
    const friday = { ...night, quiet_hours: [{ days: ['fri' as const], from: '22:00', to: '07:00' }] };
    expect(isQuiet(friday, at('2026-11-20T23:00:00Z'))).toBe(true);
    expect(isQuiet(friday, at('2026-11-21T06:00:00Z'))).toBe(true);
    expect(isQuiet(friday, at('2026-11-21T23:00:00Z'))).toBe(false);
    expect(isQuiet(friday, at('2026-11-20T06:00:00Z'))).toBe(false);
  });

  test('whose ends are equal are a whole day', () => {
    const sunday = {
      quiet_hours: [{ days: ['sun' as const], from: '00:00', to: '00:00' }],
      time_zone: 'UTC',
    };
    expect(isQuiet(sunday, at('2026-11-22T12:00:00Z'))).toBe(true);
    expect(isQuiet(sunday, at('2026-11-23T00:00:00Z'))).toBe(false);
  });

  test('follow the time zone, summer time included', () => {
    const berlin = { ...night, time_zone: 'Europe/Berlin' };
    expect(isQuiet(berlin, at('2026-11-21T21:00:00Z'))).toBe(true);
    expect(isQuiet(berlin, at('2026-07-21T20:00:00Z'))).toBe(true);
    expect(isQuiet(berlin, at('2026-07-21T19:59:00Z'))).toBe(false);
  });
});

describe('the digest', () => {
  const twice = { digest_at: ['09:00', '16:00'], time_zone: 'UTC' };

  test('is due once for each of its times, however late somebody looks', () => {
    expect(digestDue(twice, at('2026-11-21T08:00:00Z'), at('2026-11-21T08:59:59Z'))).toBe(false);
    expect(digestDue(twice, at('2026-11-21T08:59:59Z'), at('2026-11-21T09:00:00Z'))).toBe(true);
    expect(digestDue(twice, at('2026-11-21T09:00:00Z'), at('2026-11-21T09:00:30Z'))).toBe(false);
    expect(digestDue(twice, at('2026-11-21T08:00:00Z'), at('2026-11-21T12:00:00Z'))).toBe(true);
  });

  test('of a browser that was closed for a week is one of the last day', () => {
    expect(digestDue(twice, at('2026-11-14T10:00:00Z'), at('2026-11-21T10:00:00Z'))).toBe(true);
    expect(digestDue({ ...twice, digest_at: [] }, 0, at('2026-11-21T10:00:00Z'))).toBe(false);
  });
});

describe('what interrupts', () => {
  test('is by default high and critical, by push', () => {
    const defaults = Preferences.parse({});
    expect(defaultPreferences).toEqual(defaults);
    expect(lowestInterrupting(defaults, 'push')).toBe('high');
    expect(interrupts(defaults, { tier: 'medium' }, 'push')).toBe(false);
    expect(interrupts(defaults, { tier: 'critical' }, 'push')).toBe(true);
    expect(lowestInterrupting(defaults, 'sms')).toBeNull();
  });

  test('is what policy asks for as well, and no less what was chosen', () => {
    const channels = ['push', 'digest'];
    expect(interrupts(defaultPreferences, { tier: 'low', channels }, 'push')).toBe(true);
    expect(interrupts(defaultPreferences, { tier: 'low', channels }, 'email')).toBe(false);
    expect(interrupts(defaultPreferences, { tier: 'high', channels }, 'email')).toBe(true);
    expect(interrupts(defaultPreferences, { tier: 'high', channels: [] }, 'push')).toBe(true);
  });
});
