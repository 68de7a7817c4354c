/** What is sealed of an event. */
import { canonicalizeParsed, type JsonObject } from '@countersign/shared/canonical';
import type { FeedEvent } from '@countersign/shared/feed';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bytesOf, entryIn, entryOf } from '../../services/ledger/sealing/entry.ts';

const pseudonymOf = (person: string): string => `p_${person.length}`;
const event: FeedEvent = {
  id: '1-2',
  type: 'verdict.given',
  at: 5,
  actor: { kind: 'person', id: 'ann' },
  request_id: 'req_1',
  agent: 'order-processor',
  tool: 'orders.refund',
  tier: 'high',
  status: 'pending',
  revision: 3,
  version: 1,
  audience: ['finance', 'bo'],
  payload: { version: 1, commitment: 'sha256:00' },
  data: { verdict: 'approve', edited: true },
};

describe('an entry', () => {
  test('is canonical JSON, whatever an event tells', () => {
    const data = fc.dictionary(fc.string({ unit: 'grapheme' }), fc.jsonValue());
    fc.assert(
      fc.property(data, fc.nat(), (told, seq) => {
        // What comes out of the feed is what JSON gives back.
        const read = JSON.parse(JSON.stringify(told)) as Record<string, unknown>;
        const entry = entryOf({ ...event, data: read }, seq, pseudonymOf);
        expect(Buffer.from(bytesOf(entry)).toString()).toBe(
          canonicalizeParsed(JSON.parse(JSON.stringify(entry)) as JsonObject),
        );
        expect(entryIn(bytesOf(entry))).toEqual(JSON.parse(JSON.stringify(entry)));
      }),
    );
  });

  test('names no person: neither who acted nor whom it is about, nor who might have decided', () => {
    const told = (type: FeedEvent['type'], data: Record<string, unknown>) =>
      Buffer.from(bytesOf(entryOf({ ...event, type, data }, 0, pseudonymOf))).toString();
    for (const text of [
      told('key.created', { key: 'key_1', owner: 'ann', roles: ['reviewer'] }),
      told('person.changed', { person: 'ann', groups: [] }),
      told('request.escalated', { step: 1, reviewers: ['ann', 'bo'], notify: ['bo'] }),
    ])
      expect(text).not.toMatch(/"(?:ann|bo)"/);
    // Who took a request's place is a request.
    expect(told('request.superseded', { by: 'req_2' })).toContain('"by":"req_2"');
  });

  test('that would be too long for the format says what it leaves out', () => {
    const long = bytesOf(entryOf({ ...event, data: { why: 'x'.repeat(70_000) } }, 0, pseudonymOf));
    expect(entryIn(long)).toMatchObject({ seq: 0, type: 'verdict.given', data: { left_out: ['why'] } });
  });
});
