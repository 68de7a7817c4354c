import type { DestinationRecord } from '@countersign/shared/directory';
import type { EventType, FeedEvent } from '@countersign/shared/feed';
import { describe, expect, test } from 'vitest';
import { directoryOf } from '../../services/notifier/directory.ts';
import { route } from '../../services/notifier/route.ts';

const key = { hash: '', agents: [], trusted_context: false, created_at: 0 };
const directory = directoryOf(
  [
    { ...key, id: 'k-ann', owner: 'ann', roles: ['reviewer'] },
    { ...key, id: 'k-bo', owner: 'bo', roles: ['reviewer'] },
    { ...key, id: 'k-cy', owner: 'cy', roles: ['admin'] },
    { ...key, id: 'k-old', owner: 'bo', roles: ['reviewer'], revoked_at: 1 },
  ],
  [{ id: 'ann', name: 'Ann', groups: ['finance'] }],
  { oncall: ['bo', 'cy'] },
);

const event = (type: EventType, change: Partial<FeedEvent> = {}): FeedEvent => ({
  id: '1-0',
  type,
  at: 0,
  actor: { kind: 'policy', id: 'policy' },
  request_id: 'req_1',
  agent: 'order-processor',
  tool: 'orders.process_refund',
  tier: 'high',
  audience: ['any'],
  ...change,
});

const destination = (change: Partial<DestinationRecord> = {}): DestinationRecord => ({
  id: 'd',
  name: 'd',
  kind: 'webhook',
  url: 'https://example.com',
  secret: 's',
  created_at: 0,
  ...change,
});
const subscription = (id: string, person: string, key_id: string) => ({
  id,
  person,
  key_id,
  endpoint: 'https://push.example',
  keys: { p256dh: '', auth: '' },
  created_at: 0,
});

const heard = (about: FeedEvent, match: DestinationRecord['match']): boolean => {
  const destinations = [destination(match === undefined ? {} : { match })];
  return route(about, { destinations, subscriptions: [] }, directory, undefined).length === 1;
};
const woken = (about: FeedEvent): string[] => {
  const subscriptions = [
    subscription('ann', 'ann', 'k-ann'),
    subscription('bo', 'bo', 'k-bo'),
    subscription('cy', 'cy', 'k-cy'),
    subscription('old', 'bo', 'k-old'),
  ];
  return route(about, { destinations: [], subscriptions }, directory, undefined).map(({ id }) => id);
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

  test('hears just the events that it names, by globs too', () => {
    expect(heard(event('request.viewed'), { events: ['request.viewed'] })).toBe(true);
    expect(heard(event('request.created'), { events: ['request.viewed'] })).toBe(false);
    expect(heard(event('token.consumed'), { events: ['token.*'] })).toBe(true);
  });

  test('never hears of notices: they would beget notices', () => {
    expect(heard(event('notice.delivered'), { events: ['*'] })).toBe(false);
  });

  test('never hears of what is about no request', () => {
    const { request_id: _, ...rest } = event('key.created');
    expect(heard(rest, { events: ['*'] })).toBe(false);
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

  test('hears nothing while it is disabled', () => {
    const destinations = [destination({ disabled: { at: 0, reason: 'gone' } })];
    expect(
      route(event('request.created'), { destinations, subscriptions: [] }, directory, undefined),
    ).toEqual([]);
  });
});

describe('a push', () => {
  test('goes to every reviewer when anyone may decide, and to nobody else', () => {
    expect(woken(event('request.created'))).toEqual(['ann', 'bo']);
  });

  test('goes to those whom groups of policy or of people, or their own name, put in the audience', () => {
    expect(woken(event('request.created', { audience: ['finance'] }))).toEqual(['ann']);
    expect(woken(event('request.created', { audience: ['oncall'] }))).toEqual(['bo']);
    expect(woken(event('request.created', { audience: ['bo'] }))).toEqual(['bo']);
  });

  test('also tells of decisions and expiry, so that other devices clear', () => {
    for (const type of [
      'request.approved',
      'request.rejected',
      'request.timed_out',
      'request.cancelled',
    ] as const) {
      expect(woken(event(type))).toEqual(['ann', 'bo']);
    }
    expect(woken(event('outcome.reported'))).toEqual([]);
  });
});

describe('a callback', () => {
  const called = (type: EventType): boolean =>
    route(event(type), { destinations: [], subscriptions: [] }, directory, 'agent-key').length === 1;

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
