/** A small workspace to route in: two reviewers in groups, an admin, one who has left; and what may differ in it. */
import { Preferences } from '@countersign/shared/contracts';
import type { DestinationRecord } from '@countersign/shared/directory';
import type { EventType } from '@countersign/shared/feed';
import {
  type Considered,
  type Delivery,
  directoryOf,
  type RequestFacts,
  type RoutedChannel,
  type Routing,
  route,
  type Situation,
  type ToldEvent,
} from '@countersign/shared/routing';

/** A Saturday, at noon in UTC. */
export const noon = Date.parse('2026-11-21T12:00:00Z');

const key = { hash: '', agents: [], trusted_context: false, created_at: 0 };
const keys = [
  { ...key, id: 'k-ann', owner: 'ann', roles: ['reviewer' as const] },
  { ...key, id: 'k-bo', owner: 'bo', roles: ['reviewer' as const] },
  { ...key, id: 'k-cy', owner: 'cy', roles: ['admin' as const] },
  { ...key, id: 'k-old', owner: 'bo', roles: ['reviewer' as const], revoked_at: 1 },
];
const people = [
  {
    id: 'ann',
    name: 'Ann',
    groups: ['finance'],
    email: 'ann@example.com',
    phone: '+4915112345678',
    slack_user_id: 'U012AB3CD',
  },
  { id: 'bo', name: 'Bo', groups: [], email: 'bo@example.com' },
  { id: 'cy', name: 'Cy', groups: [], email: 'cy@example.com' },
];

/** A workspace in which these people have said what they wish. What they leave out has its default. */
export const directory = (wishes: Record<string, Partial<Preferences>> = {}) =>
  directoryOf(
    keys,
    people,
    { oncall: ['bo', 'cy'] },
    new Map(Object.entries(wishes).map(([person, wish]) => [person, Preferences.parse(wish)])),
  );

const browser = (id: string, person: string, key_id: string) => ({
  id,
  person,
  key_id,
  endpoint: 'https://push.example',
  keys: { p256dh: '', auth: '' },
  created_at: 0,
});
export const subscriptions = [
  browser('b-ann', 'ann', 'k-ann'),
  browser('b-bo', 'bo', 'k-bo'),
  browser('b-cy', 'cy', 'k-cy'),
  browser('b-old', 'bo', 'k-old'),
];

export const destination = (change: Partial<DestinationRecord> = {}): DestinationRecord => ({
  id: 'dst',
  name: 'ops',
  kind: 'webhook',
  url: 'https://example.com',
  secret: 's',
  created_at: 0,
  ...change,
});

export const event = (type: EventType, change: Partial<ToldEvent> = {}): ToldEvent => ({
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

/** A request that waits, of tier high, which anyone may decide; proposed by a key of `dev`. */
export const request = (change: Partial<RequestFacts> = {}): RequestFacts => ({
  tier: 'high',
  waits: true,
  undoing: false,
  audience: ['any'],
  parties: ['dev'],
  voted: [],
  channels: [],
  ...change,
});

export const everyChannel: ReadonlySet<RoutedChannel> = new Set([
  'webhook',
  'push',
  'callback',
  'pagerduty',
  'slack',
  'teams',
  'email',
  'sms',
]);

/** A situation at noon: the request has just been made, browsers are subscribed, there is no destination. */
export const situation = (change: Partial<Situation> = {}): Situation => ({
  event: event('request.created'),
  request: request(),
  directory: directory(),
  places: { destinations: [], subscriptions },
  can: everyChannel,
  asked: [],
  now: noon,
  ...change,
});

export const routed = (change: Partial<Situation> = {}): Routing => route(situation(change));

/** `push-b-ann`, in the order of their names. */
export const namesOf = (deliveries: readonly Delivery[]): string[] =>
  deliveries.map(({ channel, id }) => `${channel}-${id}`).sort();

/** What was found about one person or destination: `channel: code` for what is told, `code` for what is not. */
export function foundOf({ considered }: Routing, id: string): string[] {
  const said = (one: Considered): string => {
    const channel = one.channel === undefined ? '' : `${one.channel}: `;
    return `${channel}${one.reason.code}`;
  };
  return considered.filter((one) => one.id === id).map(said);
}
