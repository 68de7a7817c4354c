import { describe, expect, test } from 'vitest';
import { isSigned } from '../../../services/intake/slack/signature.ts';

/** The example of Slack's documentation on verifying requests. */
const secret = '8f742231b10e8888abcd99yyyzzz85a5';
const timestamp = '1531420618';
const body = Buffer.from(
  'token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c',
);
const signature = 'v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503';
const now = Number(timestamp) * 1_000;
const signed = { body, timestamp, signature };

describe('Slack’s signature', () => {
  test('of the documentation’s example is genuine', () => {
    expect(isSigned(signed, secret, now)).toBe(true);
  });

  test('holds for five minutes, whichever clock is ahead', () => {
    for (const seconds of [-300, 300]) expect(isSigned(signed, secret, now + seconds * 1_000)).toBe(true);
    for (const seconds of [-301, 301]) expect(isSigned(signed, secret, now + seconds * 1_000)).toBe(false);
  });

  test.each([
    ['under another secret', signed, 'another'],
    ['under no secret', signed, ''],
    ['of another body', { ...signed, body: Buffer.concat([body, Buffer.from('&')]) }, secret],
    ['of another time', { ...signed, timestamp: '1531420619' }, secret],
    ['without a time', { ...signed, timestamp: undefined }, secret],
    ['of a time that is none', { ...signed, timestamp: 'NaN' }, secret],
    ['of none', { ...signed, signature: undefined }, secret],
    ['of another version', { ...signed, signature: signature.replace('v0', 'v1') }, secret],
    ['cut short', { ...signed, signature: signature.slice(0, -2) }, secret],
    ['in capitals', { ...signed, signature: signature.toUpperCase() }, secret],
    ['with more after it', { ...signed, signature: `${signature}00` }, secret],
  ])('%s is refused', (_, given, key) => {
    expect(isSigned(given, key, now)).toBe(false);
  });
});
