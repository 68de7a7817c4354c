/** What interrupts a reviewer, and when: the pure part. */
import type { Preferences } from '@countersign/shared/contracts';
import { defaultPreferences } from '@countersign/shared/preferences';
import { describe, expect, test } from 'vitest';
import type { Heard, Row, Snapshot } from '../../extension/keep/items.ts';
import { nextToLookAt } from '../../extension/queue/next.ts';
import { rowOf } from '../../extension/queue/row.ts';
import { interruptingFrom } from '../../extension/settings/interrupting-from.ts';
import { interruptionFor, type Situation } from '../../extension/worker/interruption.ts';
import { directory, event, foundOf, request, routed } from '../routing/workspace.ts';
import { sampleRequest } from './sample.ts';

const noon = Date.parse('2026-11-20T12:00:00Z');
const minute = 60_000;

let born = noon - 1_000 * minute;
function row(id: string, tier: Row['tier'] = 'high', part: Partial<Row> = {}): Row {
  born += 1;
  return {
    id,
    tier,
    agent: 'a',
    tool: 't',
    title: [],
    created_at: new Date(born).toISOString(),
    expires_at: null,
    version: 1,
    revision: 1,
    needed: 1,
    given: 0,
    ...part,
  };
}
const queue = (...rows: Row[]): Snapshot => ({ rows, total: rows.length, synced_at: noon });
const nothingHeard: Heard = {
  ids: [],
  newest: 0,
  told_at: 0,
  opened: false,
  burst: [],
  looked_at: noon - minute,
};

/** A reviewer at work: each look at the queue follows the one before. */
function reviewer(wishes: Partial<Preferences> = {}) {
  let state: Pick<Situation, 'before' | 'heard' | 'later'> = { before: null, heard: nothingHeard, later: {} };
  return {
    look(after: Snapshot, now = noon, watched = false) {
      const preferences = { ...defaultPreferences, ...wishes };
      const { telling, heard, later } = interruptionFor({ ...state, after, preferences, now, watched });
      state = { before: after, heard, later };
      if (telling === null) return null;
      const ids = telling.kind === 'one' ? [telling.row.id] : telling.rows.map(({ id }) => id);
      return telling.kind === 'digest'
        ? ['digest', telling.total]
        : [...ids, ...(telling.opens ? ['opens'] : [])];
    },
    putOff(id: string, until: number) {
      state = { ...state, later: { ...state.later, [id]: until } };
    },
  };
}

describe('a notification', () => {
  test('comes once for what is new and of a tier that interrupts, and the card opens itself', () => {
    const me = reviewer();
    const [old, low] = [row('old'), row('low', 'low')];
    expect(me.look(queue(old, low))).toEqual(['old', 'opens']);
    expect(me.look(queue(old, low))).toBeNull();
    expect(me.look(queue(old, low, row('quiet', 'medium')), noon + minute)).toBeNull();
    expect(me.look(queue(row('new', 'critical'), old, low), noon + 2 * minute)).toEqual(['new', 'opens']);
  });

  test('comes from the tier on that the reviewer chose, and from none where they chose none', () => {
    const from = (tier: Row['tier'] | null) =>
      reviewer({ channels: interruptingFrom(defaultPreferences.channels, tier), opens_from: null });
    const all = queue(row('c', 'critical'), row('h', 'high'), row('m', 'medium'), row('l', 'low'));
    expect(from('low').look(all)).toEqual(['c', 'h', 'm', 'l']);
    expect(from('critical').look(all)).toEqual(['c']);
    expect(from(null).look(all)).toBeNull();
  });

  test('opens the card from another tier on than it comes', () => {
    const me = reviewer({ opens_from: 'critical' });
    expect(me.look(queue(row('h')))).toEqual(['h']);
    expect(me.look(queue(row('c', 'critical')), noon + minute)).toEqual(['c', 'opens']);
  });

  test('never comes when the count goes down, even where another row moves up', () => {
    const me = reviewer();
    const [a, b, c] = [row('a'), row('b'), row('c')];
    const long = (...rows: Row[]): Snapshot => ({ ...queue(...rows), total: 60, next_cursor: 'x' });
    // `d` is the newest and in the page; `c` stands on the page after.
    const d = row('d');
    me.look(long(a, b, d));
    expect(me.look({ ...long(b, d, c), total: 59 }, noon + minute)).toBeNull();
    expect(me.look({ ...long(b, d, c), total: 59 }, noon + 2 * minute)).toBeNull();
  });

  test('comes for what is new although another went in the same moment', () => {
    const me = reviewer();
    me.look(queue(row('a')));
    expect(me.look(queue(row('b')), noon + minute)).toEqual(['b', 'opens']);
  });

  test('comes for a request that was raised to a tier that interrupts', () => {
    const me = reviewer();
    const mild = row('a', 'medium');
    expect(me.look(queue(mild))).toBeNull();
    expect(me.look(queue({ ...mild, tier: 'high' }), noon + minute)).toEqual(['a', 'opens']);
  });

  test('does not come while a surface is before the reviewer’s eyes, nor afterwards for what they saw there', () => {
    const me = reviewer();
    const a = row('a');
    expect(me.look(queue(a), noon, true)).toBeNull();
    expect(me.look(queue(a), noon + minute)).toBeNull();
  });

  test('gathers a burst into one, gravest first, and opens no second card', () => {
    const me = reviewer();
    const [a, b, c] = [row('a'), row('b'), row('c', 'critical')];
    expect(me.look(queue(a))).toEqual(['a', 'opens']);
    expect(me.look(queue(a, b), noon + 5_000)).toEqual(['a', 'b']);
    expect(me.look(queue(a, b, c), noon + 20_000)).toEqual(['c', 'a', 'b']);
    const d = row('d');
    expect(me.look(queue(a, b, c, d), noon + 20_000 + minute)).toEqual(['d', 'opens']);
  });

  test('does not keep a card from opening that is graver than what came before', () => {
    const me = reviewer({ opens_from: 'critical' });
    const [a, b, c] = [row('a'), row('b', 'critical'), row('c', 'critical')];
    expect(me.look(queue(a))).toEqual(['a']);
    expect(me.look(queue(b, a), noon + 5_000)).toEqual(['b', 'a', 'opens']);
    expect(me.look(queue(b, c, a), noon + 10_000)).toEqual(['b', 'c', 'a']);
  });

  test('does not come to who is away', () => {
    const absence = { from: '2026-11-20T00:00:00Z', until: '2026-11-21T00:00:00Z' };
    expect(reviewer({ absence }).look(queue(row('a', 'critical')))).toBeNull();
  });
});

describe('what policy asks for', () => {
  const asked = (id: string, channels: string[], tier: Row['tier'] = 'low') => row(id, tier, { channels });

  test('interrupts whatever the reviewer chose for the tier, and opens no card by that', () => {
    const me = reviewer({ channels: interruptingFrom(defaultPreferences.channels, null) });
    expect(me.look(queue(asked('a', ['push', 'slack'])))).toEqual(['a']);
    expect(me.look(queue(asked('b', ['slack']), asked('a', ['push'])), noon + minute)).toBeNull();
    expect(me.look(queue(asked('c', ['push'], 'critical')), noon + 2 * minute)).toEqual(['c', 'opens']);
  });

  test('interrupts as soon as it is asked for, as by a step of the ladder, and once', () => {
    const me = reviewer();
    const quiet = row('a', 'low');
    expect(me.look(queue(quiet))).toBeNull();
    expect(me.look(queue({ ...quiet, channels: ['push'] }), noon + minute)).toEqual(['a']);
    expect(me.look(queue({ ...quiet, channels: ['push'] }), noon + 2 * minute)).toBeNull();
  });

  test('is not in the digest, and waits for the end of quiet hours like the rest', () => {
    const wishes = { digest_at: ['12:05'], time_zone: 'UTC' };
    const me = reviewer(wishes);
    const both = queue(asked('a', ['push']), row('b', 'low'));
    expect(me.look(both)).toEqual(['a']);
    expect(me.look(both, noon + 5 * minute)).toEqual(['digest', 1]);
    const asleep = reviewer({ ...wishes, quiet_hours: [{ from: '11:00', to: '13:00' }] });
    expect(asleep.look(both)).toBeNull();
    expect(asleep.look(both, noon + 60 * minute)).toEqual(['a']);
  });

  test('comes with the request, and stays away where policy asks for nothing', () => {
    expect(rowOf(sampleRequest({ channels: ['push'] }), 'en').channels).toEqual(['push']);
    expect(rowOf(sampleRequest(), 'en')).not.toHaveProperty('channels');
  });
});

test('a browser that the notifier wakes for a request interrupts, and none that it leaves asleep', () => {
  const sat = Date.parse('2026-11-21T12:00:00Z');
  const choices = [interruptingFrom(defaultPreferences.channels, null), defaultPreferences.channels];
  const nights = [[], [{ from: '11:00', to: '13:00' }]];
  const absences = [undefined, { from: '2026-11-20T00:00:00Z', until: '2026-11-22T00:00:00Z' }];
  for (const tier of ['low', 'medium', 'high', 'critical'] as const)
    for (const channels of [[], ['slack', 'digest'], ['push']])
      for (const choice of choices)
        for (const quiet_hours of nights)
          for (const absence of absences) {
            const wish = { channels: choice, quiet_hours, ...(absence === undefined ? {} : { absence }) };
            const found = routed({
              event: event('request.created', { tier }),
              request: request({ tier, channels }),
              directory: directory({ ann: wish }),
              now: sat,
            });
            const woken = foundOf(found, 'ann').some((line) => line.startsWith('push: '));
            const told = reviewer(wish).look(queue(row('a', tier, { channels })), sat);
            expect({ tier, channels, wish, told: told !== null }).toEqual({
              tier,
              channels,
              wish,
              told: woken,
            });
          }
});

describe('in quiet hours', () => {
  const wishes = { quiet_hours: [{ from: '11:00', to: '13:00' }], time_zone: 'UTC', digest_at: ['12:30'] };

  test('only critical requests come; the others are told when it is over, in one', () => {
    const me = reviewer(wishes);
    const [a, b, c] = [row('a'), row('b'), row('c', 'critical')];
    expect(me.look(queue(a))).toBeNull();
    expect(me.look(queue(c, a), noon + minute)).toEqual(['c', 'opens']);
    expect(me.look(queue(c, a, b), noon + 2 * minute)).toBeNull();
    expect(me.look(queue(c, a, b), noon + 59 * minute)).toBeNull();
    expect(me.look(queue(c, a, b), noon + 60 * minute)).toEqual(['a', 'b', 'opens']);
  });

  test('a digest waits as well', () => {
    const me = reviewer(wishes);
    const low = row('low', 'low');
    expect(me.look(queue(low), noon + 31 * minute)).toBeNull();
    expect(me.look(queue(low), noon + 61 * minute)).toEqual(['digest', 1]);
    expect(me.look(queue(low), noon + 62 * minute)).toBeNull();
  });
});

describe('the digest', () => {
  const wishes = { digest_at: ['12:05'], time_zone: 'UTC' };

  test('counts what did not interrupt, once, at its time', () => {
    const me = reviewer(wishes);
    const [low, medium, high] = [row('low', 'low'), row('medium', 'medium'), row('high')];
    expect(me.look(queue(high, medium, low))).toEqual(['high', 'opens']);
    expect(me.look(queue(high, medium, low), noon + 4 * minute)).toBeNull();
    expect(me.look(queue(high, medium, low), noon + 5 * minute)).toEqual(['digest', 2]);
    expect(me.look(queue(high, medium, low), noon + 6 * minute)).toBeNull();
  });

  test('does not come where there is nothing to gather, or where the reviewer is looking', () => {
    expect(reviewer(wishes).look(queue(), noon + 5 * minute)).toBeNull();
    const me = reviewer(wishes);
    const low = queue(row('low', 'low'));
    expect(me.look(low, noon + 5 * minute, true)).toBeNull();
    expect(me.look(low, noon + 6 * minute)).toBeNull();
  });
});

describe('what is put off', () => {
  test('comes back at its time, once', () => {
    const me = reviewer();
    const a = row('a');
    me.look(queue(a));
    me.putOff('a', noon + 15 * minute);
    expect(me.look(queue(a), noon + 14 * minute)).toBeNull();
    expect(me.look(queue(a), noon + 15 * minute)).toEqual(['a', 'opens']);
    expect(me.look(queue(a), noon + 16 * minute)).toBeNull();
  });

  test('is not gone on with before the rest', () => {
    const rows = [row('a'), row('b'), row('c')];
    const next = (current: string | undefined, later = {}) => nextToLookAt(rows, current, later, noon)?.id;
    expect(next(undefined)).toBe('a');
    expect(next('a')).toBe('b');
    expect(next('a', { b: noon + 1 })).toBe('c');
    expect(next('c')).toBe('a');
    expect(next('c', { a: noon + 1, b: noon })).toBe('b');
    expect(next('a', { a: noon + 1, b: noon + 1, c: noon + 1 })).toBeUndefined();
  });
});
