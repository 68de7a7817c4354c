import { CreateDestination } from '@countersign/shared/contracts';
import { expect, test } from 'vitest';
import { destinationFault } from '../../../services/intake/destinations/fault.ts';

const key = 'R0'.repeat(16);
const url = 'https://prod-1.example/workflows/1f/triggers/manual/paths/invoke?sig=s';
const faultOf = (body: object) => destinationFault(CreateDestination.parse({ name: 'x', ...body }));

test.each([
  { kind: 'pagerduty', secret: key },
  { kind: 'pagerduty', secret: key, url: 'https://events.eu.pagerduty.com/v2/enqueue' },
  { kind: 'teams', url, match: { tiers: ['high'] } },
  { kind: 'sms', to: ['+4915112345678', '+15005550006'] },
])('%o is fine', (body) => {
  expect(faultOf(body)).toBeUndefined();
});

test.each([
  ['secret', { kind: 'pagerduty' }],
  ['secret', { kind: 'pagerduty', secret: key.slice(1) }],
  ['secret', { kind: 'pagerduty', secret: `${key.slice(1)} ` }],
  ['url', { kind: 'pagerduty', secret: key, url: 'https://events.eu.pagerduty.com/' }],
  ['to', { kind: 'pagerduty', secret: key, to: ['+4915112345678'] }],
  ['url', { kind: 'teams' }],
  ['secret', { kind: 'teams', url, secret: 'x' }],
  ['headers', { kind: 'teams', url, headers: { 'x-a': 'b' } }],
  ['to', { kind: 'sms' }],
  ['to', { kind: 'sms', to: ['+4915112345678', '0151 12345678'] }],
  ['url', { kind: 'sms', to: ['+4915112345678'], url: 'https://api.twilio.com' }],
])('the fault named is %s in %o', (member, body) => {
  expect(faultOf(body)).toMatch(new RegExp(`^${member}: .+\\.$`));
});
