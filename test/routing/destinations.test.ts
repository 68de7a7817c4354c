import type { DestinationRecord } from '@countersign/shared/directory';
import type { EventType } from '@countersign/shared/feed';
import type { RoutedChannel, ToldEvent } from '@countersign/shared/routing';
import { isTold, lastTold } from '@countersign/shared/routing';
import { describe, expect, test } from 'vitest';
import { destination, event, foundOf, namesOf, request, routed } from './workspace.ts';

const places = (...destinations: DestinationRecord[]) => ({ destinations, subscriptions: [] });

const heard = (about: ToldEvent, match: DestinationRecord['match'], kind = 'webhook' as const): boolean => {
  const one = destination({ kind, ...(match === undefined ? {} : { match }) });
  return namesOf(routed({ event: about, places: places(one) }).deliveries).includes(`${kind}-dst`);
};

describe('a destination', () => {
  test('hears what asks, ends and reports by default, and nothing that is mere bookkeeping', () => {
    const types = ['request.created', 'request.edited', 'request.timed_out', 'outcome.reported'] as const;
    for (const type of types) expect(heard(event(type), undefined)).toBe(true);
    const others = [
      'request.viewed',
      'verdict.given',
      'action.allowed',
      'token.issued',
      'action.proposed',
    ] as const;
    for (const type of others) expect(heard(event(type), undefined)).toBe(false);
  });

  test.each<[RoutedChannel & DestinationRecord['kind'], EventType[]]>([
    ['pagerduty', ['request.claimed', 'request.unclaimed']],
    ['slack', ['request.claimed', 'request.unclaimed', 'verdict.given', 'verdict.undone']],
    ['teams', []],
    ['email', []],
    ['sms', []],
  ])('of kind %s hears by default what it can show: %j', (kind, types) => {
    const all: EventType[] = [
      'request.claimed',
      'request.unclaimed',
      'verdict.given',
      'verdict.undone',
      'outcome.reported',
    ];
    const shown = all.filter((type) => {
      const at = places(destination({ kind }));
      return routed({ event: event(type), places: at }).deliveries.length === 1;
    });
    expect(shown).toEqual(types);
  });

  test('hears just the events that it names, by globs too', () => {
    expect(heard(event('request.viewed'), { events: ['request.viewed'] })).toBe(true);
    expect(heard(event('request.created'), { events: ['request.viewed'] })).toBe(false);
    expect(heard(event('token.consumed'), { events: ['token.*'] })).toBe(true);
  });

  test('never hears of notices, which would beget notices, nor of what is about no request', () => {
    expect(isTold(event('notice.delivered'))).toBe(false);
    const { request_id: _, ...rest } = event('key.created');
    expect(isTold(rest)).toBe(false);
  });

  test('is narrowed by agent, tool and tier', () => {
    const about = event('request.created');
    expect(heard(about, { agents: ['order-*'], tools: ['orders.*'], tiers: ['high', 'critical'] })).toBe(
      true,
    );
    expect(heard(about, { agents: ['other'] })).toBe(false);
    expect(heard(about, { tools: ['mail.*'] })).toBe(false);
    expect(heard(about, { tiers: ['critical'] })).toBe(false);
  });

  test('is narrowed to what its groups may decide, and anyone’s business is theirs too', () => {
    const groups = { groups: ['finance'] };
    expect(heard(event('request.created', { audience: ['finance'] }), groups)).toBe(true);
    expect(heard(event('request.created', { audience: ['oncall'] }), groups)).toBe(false);
    expect(heard(event('request.created', { audience: ['any'] }), groups)).toBe(true);
    expect(heard(event('request.created', { audience: ['ann'] }), groups)).toBe(true);
    expect(heard(event('request.created', { audience: ['bo'] }), groups)).toBe(false);
  });

  test('hears nothing while it is disabled, or while nothing is sent by its channel', () => {
    const disabled = destination({ disabled: { at: 0, reason: 'gone' } });
    expect(foundOf(routed({ places: places(disabled) }), 'dst')).toEqual(['webhook: destination_disabled']);
    const unsent = routed({ places: places(destination({ kind: 'email' })), can: new Set(['webhook']) });
    expect(foundOf(unsent, 'dst')).toEqual(['email: no_channel']);
    expect(unsent.deliveries).toEqual([]);
  });

  test.each([
    [{ events: ['request.approved'] }, 'match_events'],
    [{ agents: ['other'] }, 'match_agents'],
    [{ tools: ['mail.*'] }, 'match_tools'],
    [{ tiers: ['low' as const] }, 'match_tiers'],
    [{ groups: ['finance'] }, 'match_groups'],
  ])('that does not hear says on what its match fails: %j', (match, code) => {
    const about = event('request.created', { audience: ['oncall'] });
    const found = routed({ event: about, places: places(destination({ match })) });
    expect(foundOf(found, 'dst')).toEqual([`webhook: ${code}`]);
  });
});

describe('a destination that leaves a request out by its tier', () => {
  const critical = destination({ id: 'critical', kind: 'pagerduty', match: { tiers: ['critical'] } });
  const everything = destination({ id: 'everything', kind: 'pagerduty' });
  const wants = (channels: string[]) => ({ request: request({ channels, audience: ['nobody'] }) });
  const step = (channels: string[]) => event('request.reminded', { data: { channels } });

  test('hears it where policy or a step of the ladder asks for its channel and nobody else hears by that', () => {
    const at = places(critical);
    expect(foundOf(routed({ places: at, ...wants(['pagerduty']) }), 'critical')).toEqual([
      'pagerduty: policy_asks',
    ]);
    expect(foundOf(routed({ places: at, event: step(['pagerduty']) }), 'critical')).toEqual([
      'pagerduty: step_asks',
    ]);
    expect(foundOf(routed({ places: at, ...wants(['slack']) }), 'critical')).toEqual([
      'pagerduty: match_tiers',
    ]);
    const both = routed({ places: places(critical, everything), ...wants(['pagerduty']) });
    expect(namesOf(both.deliveries)).toEqual(['pagerduty-everything']);
  });

  test('hears it by nothing but that where it names no tier at all', () => {
    const onlyAsked = destination({ kind: 'pagerduty', match: { tiers: [] } });
    const at = places(onlyAsked);
    expect(namesOf(routed({ places: at }).deliveries)).not.toContain('pagerduty-dst');
    expect(namesOf(routed({ places: at, event: step(['pagerduty']) }).deliveries)).toContain('pagerduty-dst');
  });

  test('is not asked for what its agents, tools, groups or events leave out, nor where a person is reached', () => {
    for (const match of [{ agents: ['other'] }, { tools: ['mail.*'] }, { events: ['request.approved'] }]) {
      const one = destination({ kind: 'pagerduty', match: { tiers: ['critical'], ...match } });
      expect(routed({ places: places(one), ...wants(['pagerduty']) }).deliveries).toEqual([]);
    }
    const mail = destination({ kind: 'email', match: { tiers: ['critical'] } });
    const found = routed({ places: places(mail), request: request({ channels: ['email'] }) });
    expect(namesOf(found.deliveries)).toEqual(['email-person.ann', 'email-person.bo']);
  });
});

describe('a destination that was asked to look', () => {
  const over = request({ waits: false });
  const asked = (kind: DestinationRecord['kind']) => [{ channel: kind, id: 'dst' }];
  const hears = (type: EventType, one: DestinationRecord): boolean => {
    const about = { event: event(type, { tier: 'critical' }), request: over };
    return routed({ ...about, places: places(one), asked: asked(one.kind) }).deliveries.length === 1;
  };

  test('hears the end even where the request has outgrown its match meanwhile', () => {
    for (const kind of ['webhook', 'pagerduty', 'slack', 'teams', 'email'] as const)
      expect(hears('request.approved', destination({ kind, match: { tiers: ['high'] } }))).toBe(true);
  });

  test('closes what it opened even where it only wanted to hear of new requests: no incident is left open', () => {
    const match = { events: ['request.created'] };
    expect(hears('request.timed_out', destination({ kind: 'pagerduty', match }))).toBe(true);
    expect(hears('request.timed_out', destination({ kind: 'slack', match }))).toBe(true);
    expect(hears('request.timed_out', destination({ kind: 'webhook', match }))).toBe(false);
  });

  test('hears it once where it matches as well', () => {
    expect(hears('request.approved', destination())).toBe(true);
  });

  test('that was never asked hears no end that it does not match', () => {
    const one = destination({ kind: 'pagerduty', match: { tiers: ['high'] } });
    const about = event('request.approved', { tier: 'critical' });
    expect(routed({ event: about, request: over, places: places(one) }).deliveries).toEqual([]);
  });
});

describe('a callback', () => {
  const called = (type: EventType): boolean =>
    namesOf(
      routed({ event: event(type), request: request({ waits: false, callbackKey: 'agent-key' }) }).deliveries,
    ).includes('callback-agent-key');

  test('tells the agent how its request ended, of a revocation and of a question, and nothing else', () => {
    for (const type of [
      'request.approved',
      'request.rejected',
      'request.timed_out',
      'request.revoked',
      'question.asked',
    ] as const) {
      expect(called(type)).toBe(true);
    }
    for (const type of [
      'request.created',
      'request.edited',
      'question.answered',
      'outcome.reported',
    ] as const)
      expect(called(type)).toBe(false);
  });
});

test('an approval that was revoked is told as revoked, and any other request by its status', () => {
  expect(lastTold({ status: 'approved', revoked: { by: 'ann', at: 1 } })).toBe('request.revoked');
  expect(lastTold({ status: 'approved' })).toBe('request.approved');
});
