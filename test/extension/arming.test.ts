import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type Arming,
  abandon,
  armingDelay,
  drawn,
  isArmed,
  isPrimed,
  lose,
  press,
  regain,
  release,
  show,
} from '../../extension/decide/arming.ts';

const fresh = (face = 'card 1', now = 0) => show(undefined, face, true, now);

/** The pointer goes down and up. */
const down = (arming: Arming, now: number) => press(arming, 'pointer', now);
const up = (arming: Arming, now: number) => release(arming, 'pointer', 1, now);
/** A key goes down, and up 20 ms later. */
const strike = (arming: Arming, strokes: 1 | 2, now: number) =>
  release(press(arming, 'a', now), 'a', strokes, now + 20);

describe('a button that decides', () => {
  test('arms half a second after its card appeared', () => {
    expect(isArmed(fresh(), armingDelay - 1)).toBe(false);
    expect(isArmed(fresh(), armingDelay)).toBe(true);
  });

  test('acts when press and release fall on one armed card', () => {
    expect(up(down(fresh(), 600), 700).fires).toBe(true);
  });

  test('does not act when the press came before it was armed', () => {
    expect(up(down(fresh(), 499), 2_000).fires).toBe(false);
  });

  test('does not act when the card changed between press and release', () => {
    const pressed = down(fresh(), 600);
    expect(up(show(pressed, 'card 2', true, 650), 5_000).fires).toBe(false);
  });

  test('does not act when the focus was lost between press and release', () => {
    const back = regain(lose(down(fresh(), 600)), 650);
    expect(up(back, 5_000).fires).toBe(false);
  });

  test('does not act when what went down is not what came up, or came up elsewhere', () => {
    expect(release(down(fresh(), 600), 'a', 1, 700).fires).toBe(false);
    expect(up(abandon(down(fresh(), 600)), 700).fires).toBe(false);
  });

  test('arms anew after the focus came back', () => {
    const back = regain(lose(fresh()), 10_000);
    expect(isArmed(back, 10_499)).toBe(false);
    expect(isArmed(back, 10_500)).toBe(true);
  });

  test('acts on a release once, however often it is repeated', () => {
    const first = up(down(fresh(), 600), 700);
    expect(first.fires).toBe(true);
    expect(up(first.arming, 710).fires).toBe(false);
  });
});

describe('the key of a button that decides', () => {
  test('acts at one stroke where one is asked for', () => {
    expect(strike(fresh(), 1, 600).fires).toBe(true);
  });

  test('needs two strokes from the high tier up', () => {
    const first = strike(fresh(), 2, 600);
    expect(first.fires).toBe(false);
    expect(isPrimed(first.arming, 700)).toBe(true);
    expect(strike(first.arming, 2, 800).fires).toBe(true);
  });

  test('forgets the first stroke after four seconds, and with another card', () => {
    const first = strike(fresh(), 2, 600).arming;
    expect(strike(first, 2, 4_700).fires).toBe(false);
    expect(strike(show(first, 'card 2', true, 700), 2, 1_300).fires).toBe(false);
  });

  test('counts neither a bouncing one, nor one that comes early, nor one that comes up on another card', () => {
    expect(strike(fresh(), 1, 499).fires).toBe(false);
    const first = strike(fresh(), 2, 600).arming;
    expect(strike(first, 2, 630).fires).toBe(false);
    const held = show(press(fresh(), 'a', 600), 'card 2', true, 650);
    expect(release(held, 'a', 1, 5_000).fires).toBe(false);
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
          arming = press(arming, 'pointer', now);
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
          const result = up(arming, now);
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

test('the half second begins when a face has been drawn, and not when it was about to be', () => {
  const late = drawn(fresh('card 1', 0), 'card 1', 300);
  expect(up(down(late, 600), 620).fires).toBe(false);
  expect(up(down(late, 300 + armingDelay), 900).fires).toBe(true);
  // What was drawn is gone by now, or nobody looks: nothing begins.
  expect(drawn(fresh('card 2', 0), 'card 1', 300).since).toBe(0);
  expect(drawn(lose(fresh()), 'card 1', 300).since).toBeNull();
});
