/** What holds for every event, request, workspace and hour. */
import { PersonalChannel, type Preferences, Tier, Weekday } from '@countersign/shared/contracts';
import { type EventType, eventTypes } from '@countersign/shared/feed';
import { isQuiet } from '@countersign/shared/preferences';
import {
  alarms,
  asks,
  type Delivery,
  ends,
  isAway,
  nameOfDelivery,
  type Routing,
  route,
  type Situation,
} from '@countersign/shared/routing';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { destination, directory, event, everyChannel, noon, subscriptions } from './workspace.ts';

const people = ['ann', 'bo', 'cy'];
const someOf = <T>(all: readonly T[]) => fc.subarray([...all]);
const channels = someOf(PersonalChannel.options);
const names = someOf([...people, 'finance', 'oncall']);

const wish: fc.Arbitrary<Partial<Preferences>> = fc.record(
  {
    channels: fc.record({ low: channels, medium: channels, high: channels, critical: channels }),
    quiet_hours: fc.array(
      fc.record({
        days: fc.subarray(Weekday.options, { minLength: 1 }),
        from: fc.constantFrom('00:00', '11:00'),
        to: fc.constantFrom('00:00', '13:00'),
      }),
      { maxLength: 2 },
    ),
    absence: fc.record({
      from: fc.constantFrom('2026-11-20T00:00:00Z', '2026-11-22T00:00:00Z'),
      until: fc.constant('2026-11-23T00:00:00Z'),
      delegate: fc.constantFrom(...people, 'nobody'),
    }),
  },
  { requiredKeys: [] },
);

const place = fc
  .record({
    kind: fc.constantFrom('webhook', 'pagerduty', 'slack', 'teams', 'email', 'sms'),
    disabled: fc.boolean(),
    tiers: fc.option(someOf(Tier.options), { nil: undefined }),
    groups: fc.option(names, { nil: undefined }),
    events: fc.option(fc.constantFrom(['request.*'], ['request.created'], ['*']), { nil: undefined }),
  })
  .map(({ kind, disabled, ...match }) => {
    const set = Object.fromEntries(Object.entries(match).filter(([, value]) => value !== undefined));
    return destination({ kind, match: set, ...(disabled ? { disabled: { at: 0, reason: 'by hand' } } : {}) });
  });

const anySituation: fc.Arbitrary<Situation> = fc
  .record({
    type: fc.constantFrom<EventType>(...eventTypes.filter((type) => type.startsWith('request.'))),
    tier: fc.constantFrom(...Tier.options),
    audience: fc.oneof(fc.constant<string[]>(['any']), names),
    parties: someOf(people),
    voted: someOf(people),
    policy: channels,
    step: fc.record({ notify: names, channels }),
    waits: fc.boolean(),
    wishes: fc.dictionary(fc.constantFrom(...people), wish),
    places: fc.array(place, { maxLength: 3 }),
    asked: someOf<Delivery>([
      { channel: 'push', id: 'b-ann' },
      { channel: 'email', id: 'person.ann' },
      { channel: 'slack', id: 'person.bo' },
      { channel: 'pagerduty', id: 'dst0' },
      { channel: 'webhook', id: 'gone' },
    ]),
    can: someOf([...everyChannel]),
  })
  .map(({ type, tier, audience, parties, voted, policy, step, waits, wishes, places, asked, can }) => ({
    event: event(type, { tier, audience, data: step }),
    request: { tier, audience, parties, voted, waits, undoing: false, channels: policy },
    directory: directory(wishes),
    places: { destinations: places.map((one, n) => ({ ...one, id: `dst${n}` })), subscriptions },
    can: new Set(can),
    asked,
    now: noon,
  }));

const holds = (law: (situation: Situation, routing: Routing) => void) =>
  fc.assert(fc.property(anySituation, (situation) => law(situation, route(situation))));

const told = ({ considered }: Routing) =>
  considered.flatMap((one) => (one.hears && one.kind === 'person' ? [one] : []));
const wishOf = ({ directory: { preferences } }: Situation, person: string) => preferences.get(person);

test('no place is told twice of one event, and none by a channel that can not send', () => {
  holds(({ can }, { deliveries }) => {
    const all = deliveries.map(nameOfDelivery);
    expect(new Set(all).size).toBe(all.length);
    for (const { channel } of deliveries) expect(can.has(channel)).toBe(true);
  });
});

test('everyone is accounted for where somebody is asked to look, and every destination always', () => {
  holds(({ event, request, places, directory }, { considered }) => {
    const found = new Set(considered.map(({ id }) => id));
    for (const { id } of places.destinations) expect(found).toContain(id);
    if (request?.waits && (asks(event) || alarms(event)))
      for (const person of directory.everyone.keys()) expect(found).toContain(person);
  });
});

test('nobody is disturbed who is away, or in quiet hours by what is not critical', () => {
  holds((situation, routing) => {
    const { request, now } = situation;
    for (const { id, channel, reason } of told(routing)) {
      const wish = wishOf(situation, id);
      if (wish === undefined || (reason.code === 'told_before' && ['push', 'slack'].includes(channel)))
        continue;
      expect(isAway(wish, now)).toBe(false);
      if (request?.tier !== 'critical') expect(isQuiet(wish, now)).toBe(false);
    }
  });
});

test('only who may decide is asked to look, whom the ladder names, and of an alarm who oversees', () => {
  holds(({ event, request, directory }, routing) => {
    for (const { id, reason } of told(routing)) {
      if (reason.code === 'told_before') continue;
      const within = (all: readonly string[]) =>
        all.some((name) => name === id || directory.everyone.get(id)?.has(name));
      const decides =
        directory.groupsOf(id) !== undefined &&
        (request?.audience.includes('any') || within(request?.audience ?? [])) &&
        !request?.parties.includes(id);
      const { notify } = event.data as { notify: string[] };
      expect(alarms(event) ? directory.overseers.has(id) : decides || within(notify)).toBe(true);
    }
  });
});

test('a choice of channels is never made smaller by policy, and policy’s is never by a choice', () => {
  holds((situation, routing) => {
    const { event, request, directory } = situation;
    if (!request?.waits || !asks(event)) return;
    const concerned = routing.considered.filter(({ kind, channel }) => kind === 'person' && channel);
    for (const person of new Set(concerned.map(({ id }) => id))) {
      const by = concerned.filter(({ id }) => id === person).map(({ channel }) => channel);
      const chosen = directory.preferences.get(person)?.channels[request.tier] ?? [];
      const { channels } = event.data as { channels: string[] };
      const reaching = [...request.channels, ...channels].filter(
        (channel) => channel !== 'teams' && channel !== 'pagerduty',
      );
      // Those who are only there because they were asked before hear nothing anew.
      if (told(routing).some(({ id, reason }) => id === person && reason.code !== 'told_before'))
        expect(by).toEqual(expect.arrayContaining([...chosen, ...reaching]));
    }
  });
});

test('whatever was put up is taken down at the end, whatever anyone wishes or matches by then', () => {
  holds(({ event, asked, can }, { deliveries }) => {
    if (!ends(event)) return;
    const told = deliveries.map(nameOfDelivery);
    for (const place of asked) {
      const takenDown = ['push', 'slack', 'pagerduty'].includes(place.channel);
      if (takenDown && can.has(place.channel)) expect(told).toContain(nameOfDelivery(place));
    }
  });
});

test('the alarm is raised only where a request waits and nobody was or is told of it', () => {
  holds(({ event, request, asked }, { unheard, deliveries }) => {
    if (!unheard) return;
    expect(asks(event) && request?.waits).toBe(true);
    expect([...deliveries, ...asked]).toEqual([]);
  });
});
