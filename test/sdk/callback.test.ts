import { Webhook } from 'standardwebhooks';
import { describe, expect, test } from 'vitest';
import { InvalidCallback, verifyCallback } from '../../sdk/index.ts';
import { failure } from './agent.ts';

const secret = `whsec_${Buffer.from('a secret of at least 24 bytes').toString('base64')}`;
const other = `whsec_${Buffer.from('another secret of 24+ bytes').toString('base64')}`;
const body = JSON.stringify({
  type: 'request.approved',
  timestamp: '2026-11-21T09:00:00Z',
  data: { request: { id: 'r' } },
});
const now = Date.parse('2026-11-21T09:00:00Z');

/** Headers as the reference implementation of Standard Webhooks makes them. */
function signedHeaders(by = secret, at = now) {
  return {
    'webhook-id': 'msg_1',
    'webhook-timestamp': String(Math.floor(at / 1000)),
    'webhook-signature': new Webhook(by).sign('msg_1', new Date(at), body),
  };
}

describe('verifyCallback', () => {
  test('gives the event that standardwebhooks signed', async () => {
    expect(await verifyCallback(signedHeaders(), body, secret, now)).toEqual(JSON.parse(body));
  });

  test('takes Headers, raw bytes, names in any case and a list of secrets', async () => {
    const headers = signedHeaders();
    const bytes = new TextEncoder().encode(body);
    expect(await verifyCallback(new Headers(headers), bytes, [other, secret], now)).toEqual(JSON.parse(body));
    const shouted = Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name.toUpperCase(), value]),
    );
    expect(await verifyCallback(shouted, body, secret, now)).toEqual(JSON.parse(body));
  });

  test('takes one good signature among several, as a rotation sends them', async () => {
    const headers = signedHeaders();
    const stale = new Webhook(other).sign('msg_1', new Date(now), body);
    headers['webhook-signature'] = `v1a,AAAA ${stale} ${headers['webhook-signature']} v1,%%% v1`;
    expect(await verifyCallback(headers, body, secret, now)).toEqual(JSON.parse(body));
  });

  const bad: [string, Record<string, string | undefined>, string][] = [
    ['another secret', signedHeaders(other), body],
    ['a changed body', signedHeaders(), `${body} `],
    ['a changed id', { ...signedHeaders(), 'webhook-id': 'msg_2' }, body],
    ['an old one, replayed', signedHeaders(secret, now - 301_000), body],
    ['one from the future', signedHeaders(secret, now + 301_000), body],
    ['a time that is none', { ...signedHeaders(), 'webhook-timestamp': 'NaN' }, body],
    ['no signature', { ...signedHeaders(), 'webhook-signature': undefined }, body],
    [
      'no version',
      { ...signedHeaders(), 'webhook-signature': signedHeaders()['webhook-signature'].slice(3) },
      body,
    ],
  ];
  test.each(bad)('refuses %s', async (_, headers, text) => {
    const error = await failure(verifyCallback(headers, text, secret, now));
    expect(error).toBeInstanceOf(InvalidCallback);
    expect(error).toMatchObject({ code: 'invalid_callback' });
  });

  test('a secret that is none is a mistake of ours, not an invalid callback', async () => {
    expect(await failure(verifyCallback(signedHeaders(), body, 'whsec_%', now))).toBeInstanceOf(TypeError);
  });
});
