import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type Arming,
  armingDelay,
  isArmed,
  isPrimed,
  lose,
  press,
  regain,
  release,
  show,
  strike,
} from '../../extension/decide/arming.ts';

const fresh = (face = 'card 1', now = 0) => show(undefined, face, true, now);

describe('a button that decides', () => {
  test('arms half a second after its card appeared', () => {
    expect(isArmed(fresh(), armingDelay - 1)).toBe(false);
    expect(isArmed(fresh(), armingDelay)).toBe(true);
  });

  test('acts when press and release fall on one armed card', () => {
    expect(release(press(fresh(), 600), 700).fires).toBe(true);
  });

  test('does not act when the press came before it was armed', () => {
    expect(release(press(fresh(), 499), 2_000).fires).toBe(false);
  });

  test('does not act when the card changed between press and release', () => {
    const pressed = press(fresh(), 600);
    expect(release(show(pressed, 'card 2', true, 650), 5_000).fires).toBe(false);
  });

  test('does not act when the focus was lost between press and release', () => {
    const back = regain(lose(press(fresh(), 600)), 650);
    expect(release(back, 5_000).fires).toBe(false);
  });

  test('arms anew after the focus came back', () => {
    const back = regain(lose(fresh()), 10_000);
    expect(isArmed(back, 10_499)).toBe(false);
    expect(isArmed(back, 10_500)).toBe(true);
  });

  test('acts on a release once, however often it is repeated', () => {
    const first = release(press(fresh(), 600), 700);
    expect(first.fires).toBe(true);
    expect(release(first.arming, 710).fires).toBe(false);
  });
});

describe('the key of a button that decides', () => {
  test('acts at one stroke where one is asked for', () => {
    expect(strike(fresh(), 1, false, 600).fires).toBe(true);
  });

  test('needs two strokes from the high tier up', () => {
    const first = strike(fresh(), 2, false, 600);
    expect(first.fires).toBe(false);
    expect(isPrimed(first.arming, 700)).toBe(true);
    expect(strike(first.arming, 2, false, 800).fires).toBe(true);
  });

  test('forgets the first stroke after four seconds, and with another card', () => {
    const first = strike(fresh(), 2, false, 600).arming;
    expect(strike(first, 2, false, 4_700).fires).toBe(false);
    expect(strike(show(first, 'card 2', true, 700), 2, false, 1_300).fires).toBe(false);
  });

  test('counts neither a held key, nor a bouncing one, nor one that comes early', () => {
    expect(strike(fresh(), 1, true, 600).fires).toBe(false);
    expect(strike(fresh(), 1, false, 499).fires).toBe(false);
    const first = strike(fresh(), 2, false, 600).arming;
    expect(strike(first, 2, false, 620).fires).toBe(false);
    expect(strike(first, 2, true, 900).fires).toBe(false);
  });
});

test('whatever happens, an act has its press and its release on one face that had been armed all the while', () => {
  const event = fc.oneof(
    fc.constant({ kind: 'press' as const }),
    fc.constant({ kind: 'release' as const }),
    fc.constant({ kind: 'lose' as const }),
    fc.constant({ kind: 'regain' as const }),
    fc.record({ kind: fc.constant('show' as const), face: fc.constantFrom('a', 'b', 'c') }),
  );
  fc.assert(
    fc.property(fc.array(fc.record({ event, wait: fc.integer({ min: 0, max: 900 }) })), (steps) => {
      let now = 0;
      let arming: Arming = fresh('a');
      // What a plain record of the last moments says, kept apart from the machine under test.
      let steadySince: number | null = 0;
      let pressedAt: number | null = null;
      for (const { event: happening, wait } of steps) {
        now += wait;
        if (happening.kind === 'press') {
          arming = press(arming, now);
          pressedAt = now;
        } else if (happening.kind === 'lose') {
          arming = lose(arming);
          steadySince = null;
        } else if (happening.kind === 'regain') {
          arming = regain(arming, now);
          steadySince ??= now;
        } else if (happening.kind === 'show') {
          if (arming.face !== happening.face && steadySince !== null) steadySince = now;
          arming = show(arming, happening.face, steadySince !== null, now);
        } else {
          const result = release(arming, now);
          arming = result.arming;
          if (result.fires) {
            expect(pressedAt).not.toBeNull();
            expect(steadySince).not.toBeNull();
            expect((pressedAt ?? 0) - (steadySince ?? now)).toBeGreaterThanOrEqual(armingDelay);
          }
          pressedAt = null;
        }
      }
    }),
    { numRuns: 2_000 },
  );
});
