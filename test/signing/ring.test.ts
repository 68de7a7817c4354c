/** The ring alone, on simulated time: who signs when, and that whoever keeps the published set knows it by then. */
import type { SigningKey } from '@countersign/shared/token';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  denied,
  firstRing,
  jwksMaxAge,
  publishedFor,
  publishedKeys,
  type Ring,
  retiredFor,
  rotated,
  signingKey,
  signsFor,
  stateOf,
  tended,
} from '../../services/intake/signing/ring.ts';

const minute = 60_000;
const start = 1_800_000_000_000;
/** How long a verifier keeps a set: jose's own ten minutes, of an answer that a cache before it kept as long as it may. */
const keptFor = 10 * minute;
const tokenLives = 5 * minute;
const tick = minute / 2;

let made = 0;
function fresh(): SigningKey {
  made += 1;
  const publicJwk = { kty: 'OKP', kid: `key-${made}` };
  return { kid: publicJwk.kid, publicJwk, privateJwk: { ...publicJwk, d: 'secret' } };
}
const newRing = (now = start) => firstRing(fresh(), fresh(), now);
const states = (ring: Ring, now: number) => ring.keys.map((key) => stateOf(ring, key, now));
const kids = (ring: Ring, now: number) => publishedKeys(ring, now).map(({ kid }) => kid ?? '');

describe('a rotation', () => {
  test('waits until the next key has been published for a quarter of an hour', () => {
    const ring = rotated(newRing(), fresh(), start + minute);
    expect(states(ring, start + publishedFor - 1)).toEqual(['signing', 'published']);
    expect(states(ring, start + publishedFor)).toEqual(['retired', 'signing']);
    expect(states(ring, start + publishedFor + retiredFor - 1)).toEqual(['retired', 'signing']);
    expect(states(ring, start + publishedFor + retiredFor)).toEqual(['gone', 'signing']);
    expect(kids(ring, start + publishedFor + retiredFor)).toHaveLength(1);
  });

  test('takes place at once where the next key has been published for long', () => {
    const now = start + publishedFor;
    expect(states(rotated(newRing(), fresh(), now), now)).toEqual(['retired', 'signing', 'published']);
  });

  test('that is asked for while one is under way changes nothing', () => {
    const ring = rotated(newRing(), fresh(), start);
    expect(rotated(ring, fresh(), start + minute)).toBe(ring);
  });

  test('comes by itself when a key has signed for thirty days, and what is gone is forgotten', () => {
    const now = start + signsFor;
    const ring = tended(newRing(), fresh(), now);
    expect(states(ring, now)).toEqual(['retired', 'signing', 'published']);
    expect(tended(ring, fresh(), now + minute)).toBe(ring);
    const later = tended(ring, fresh(), now + retiredFor);
    expect(states(later, now + retiredFor)).toEqual(['signing', 'published']);
  });

  test('is outlived by the old key where the clock is set back', () => {
    const ring = rotated(newRing(), fresh(), start + publishedFor);
    const [first] = ring.keys;
    expect(signingKey(ring, start + minute).kid).toBe(first?.kid);
    expect(signingKey(ring, start - minute).kid).toBe(first?.kid);
  });
});

describe('a denied key', () => {
  test('is replaced at once by the one that was published beside it, and forgotten', () => {
    const ring = newRing();
    const [first, second] = ring.keys;
    const after = denied(ring, first?.kid ?? '', fresh(), start + minute);
    if (after === undefined) throw new Error('no such key');
    expect(states(after, start + minute)).toEqual(['denied', 'signing', 'published']);
    expect(signingKey(after, start + minute).kid).toBe(second?.kid);
    expect(kids(after, start + minute)).not.toContain(first?.kid);
    expect(after.keys[0]).not.toHaveProperty('privateJwk');
  });

  test('stays denied, whatever is asked for later', () => {
    const ring = newRing();
    const kid = ring.keys[0]?.kid ?? '';
    const after = denied(ring, kid, fresh(), start);
    if (after === undefined) throw new Error('no such key');
    expect(denied(after, kid, fresh(), start + minute)).toBe(after);
    expect(denied(after, 'no-such-key', fresh(), start)).toBeUndefined();
    const much = start + 10 * signsFor;
    expect(states(tended(rotated(after, fresh(), much), fresh(), much), much)[0]).toBe('denied');
  });

  test('may be the last one that there is', () => {
    let ring: Ring = newRing();
    for (let n = 0; n < 5; n++) {
      const every = ring.keys.filter(({ denied_at }) => denied_at === undefined);
      for (const { kid } of every) ring = denied(ring, kid, fresh(), start + n) ?? ring;
      expect(signingKey(ring, start + n).denied_at).toBeUndefined();
    }
  });
});

const wait = fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 0, max: 9 * minute }) });
const change = fc.record({ do: fc.constantFrom('rotate' as const, 'tend' as const) });
const step = fc.oneof({ weight: 3, arbitrary: wait }, { weight: 1, arbitrary: change });

test('no token is ever refused by whoever keeps the published set for ten minutes, whenever keys rotate', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const rings = [{ from: start, ring: newRing() }];
      /** The ring as it was at a time. */
      const ringAt = (at: number): Ring => {
        const found = rings.findLast(({ from }) => from <= at) ?? rings[0];
        if (found === undefined) throw new Error('no ring');
        return found.ring;
      };
      let end = start;
      for (const what of steps) {
        if (what.do === 'wait') end += what.ms;
        else
          rings.push({
            from: end,
            ring: (what.do === 'rotate' ? rotated : tended)(ringAt(end), fresh(), end),
          });
      }

      /** Times at which somebody does something, and what they would do. */
      const times = Array.from({ length: Math.ceil((end - start) / tick) + 1 }, (_, i) => start + i * tick);
      const signed = times.map((at) => ({ at, kid: signingKey(ringAt(at), at).kid }));
      for (const fetched of times) {
        // While the set is kept: tokens minted meanwhile, and those that were alive when it was fetched.
        const shown = signed.filter(({ at }) => at >= fetched - tokenLives && at < fetched + keptFor);
        // It comes from intake itself, or from a cache that has had it for as long as it may.
        for (const age of [0, jwksMaxAge * 1000]) {
          const published = Math.max(start, fetched - age);
          const known = new Set(kids(ringAt(published), published));
          expect(shown.filter(({ kid }) => !known.has(kid))).toEqual([]);
        }
      }
    }),
    { numRuns: 200 },
  );
});
