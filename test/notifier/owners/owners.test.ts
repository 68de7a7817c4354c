/** Who answers for a destination, what it was not told of, and how that is said. */
import type { ApiKeyRecord, DeliveryAttempt, PersonRecord } from '@countersign/shared/directory';
import { describe, expect, test } from 'vitest';
import {
  type Disabled,
  disabledLetter,
  mostNamed,
} from '../../../services/notifier/errands/disabled-letter.ts';
import { ownersOf } from '../../../services/notifier/errands/owners.ts';
import { untoldIn } from '../../../services/notifier/errands/undelivered.ts';
import { letterHtml } from '../../../services/notifier/messages/letter-html.ts';
import { letterText } from '../../../services/notifier/messages/letter-text.ts';
import { disguises, unseen } from '../../support/disguises.ts';

const key = (
  owner: string,
  roles: ApiKeyRecord['roles'],
  more: Partial<ApiKeyRecord> = {},
): ApiKeyRecord => ({
  id: `k-${owner}`,
  hash: 'x',
  owner,
  roles,
  agents: [],
  trusted_context: true,
  created_at: 0,
  ...more,
});
const person = (id: string, email?: string): PersonRecord => ({
  id,
  name: id,
  groups: [],
  ...(email === undefined ? {} : { email }),
});

describe('the owners of a destination', () => {
  const people = ['ann', 'bo', 'cy', 'di'].map((id) => person(id, `${id}@acme.example`));
  const owners = (created_by: string | undefined, keys: ApiKeyRecord[], known = people) => [
    ...ownersOf(created_by === undefined ? {} : { created_by }, keys, known),
  ];

  test('are those who administer the workspace, and whoever added it', () => {
    const keys = [key('ann', ['reviewer', 'admin']), key('bo', ['reviewer']), key('cy', ['lead'])];
    expect(owners('bo', keys)).toEqual([
      ['ann', { email: 'ann@acme.example', because: 'admin' }],
      ['bo', { email: 'bo@acme.example', because: 'creator' }],
    ]);
    expect(owners(undefined, keys).map(([id]) => id)).toEqual(['ann']);
  });

  test('are nobody who was let go, nor anyone without an address, and nobody twice', () => {
    const gone = { revoked_at: 1 };
    const keys = [
      key('ann', ['admin'], gone),
      key('bo', ['admin'], gone),
      key('cy', ['admin']),
      key('di', ['admin']),
      key('di', ['reviewer'], { id: 'second' }),
    ];
    const known = [...people.filter(({ id }) => id !== 'cy'), person('cy')];
    expect(owners('bo', keys, known).map(([id]) => id)).toEqual(['di']);
  });
});

test('what a destination was not told of is each request whose last attempt failed, earliest first', () => {
  const line = (request_id: string, event: number, outcome: DeliveryAttempt['outcome'], more = {}) => ({
    at: event,
    channel: 'webhook',
    destination: 'd',
    request_id,
    event_id: `${event}-0`,
    event_type: 'request.created',
    attempt: 1,
    outcome,
    ...more,
  });
  const lines = [
    line('late', 50, 'failed', { code: 'http_500' }),
    line('arrived', 10, 'failed'),
    line('early', 20, 'failed', { code: 'timeout' }),
    line('elsewhere', 20, 'failed', { destination: 'other' }),
    line('trial', 20, 'gave_up', { event_type: 'destination.test' }),
    line('arrived', 10, 'delivered'),
    line('early', 60, 'not_tried', { code: 'destination_disabled', event_type: 'request.approved' }),
  ];
  expect(untoldIn(lines, 'd')).toEqual([
    { request_id: 'early', event_type: 'request.approved', code: 'destination_disabled', happened_at: 20 },
    { request_id: 'late', event_type: 'request.created', code: 'http_500', happened_at: 50 },
  ]);
});

describe('the letter', () => {
  const noon = Date.UTC(2026, 10, 21, 12, 0);
  const hour = 3_600_000;
  const about = (change: Partial<Disabled> = {}): Disabled => ({
    workspace: 'acme',
    destination: { id: 'dst_1', name: 'Ops', kind: 'webhook' },
    disabled: { at: noon, reason: 'It answered 410 Gone.' },
    failing_since: noon - 2 * hour,
    untold: [
      {
        request_id: 'req_1',
        event_type: 'request.created',
        code: 'http_503',
        happened_at: noon - 3 * hour,
        of: { tool: 'orders.process_refund', agent: 'order-processor' },
      },
      { request_id: 'req_2', event_type: 'request.approved', code: 'http_410', happened_at: noon },
    ],
    ...change,
  });
  const reader = {
    because: 'admin',
    timeZone: 'Europe/Berlin',
    publicUrl: 'https://approve.example',
  } as const;

  test('says which, since when, why, what was missed and what to do, with commands and calls that can be made as they stand', () => {
    const text = letterText(disabledLetter(about(), reader));
    for (const said of [
      'The destination “Ops” has been disabled',
      'It is a webhook, known as dst_1.',
      'Disabled Sat 21 Nov, 13:00 CET. It answered 410 Gone.',
      'Nothing has arrived there since Sat 21 Nov, 11:00 CET.',
      'req_1: request.created of orders.process_refund by order-processor, last attempt: http_503',
      'req_2: request.approved, last attempt: http_410',
      'countersign destinations enable dst_1',
      'countersign destinations test dst_1',
      'countersign deliveries replay --destination dst_1 --since 2026-11-21T09:00:00.000Z',
      'countersign deliveries --destination dst_1',
      'PUT https://approve.example/v1/destinations/dst_1 {"disabled": false}',
      'POST https://approve.example/v1/destinations/dst_1/test',
      // From before the first thing that was missed, and not only from when it began to be noticed.
      'POST https://approve.example/v1/deliveries/replay {"destination":"dst_1","since":"2026-11-21T09:00:00.000Z"}',
      'You are told because you administer this workspace.',
    ])
      expect(text).toContain(said);
  });

  test('names twenty requests and counts the others', () => {
    const untold = Array.from({ length: mostNamed + 3 }, (_, i) => ({
      request_id: `req_${i}`,
      event_type: 'request.created',
      code: 'timeout',
      happened_at: noon,
    }));
    const text = letterText(disabledLetter(about({ untold }), reader));
    expect(text.match(/^req_\d+:/gm)).toHaveLength(mostNamed);
    expect(text).toContain('3 more, and whatever comes until it is in use again.');
  });

  test.each(Object.entries(disguises))('shows what a name tries to hide: %s', (_, name) => {
    const letter = disabledLetter(about({ destination: { id: 'dst_1', name, kind: 'slack' } }), reader);
    expect(letterText(letter)).not.toMatch(unseen);
    expect(letterHtml(letter)).not.toMatch(unseen);
  });
});
