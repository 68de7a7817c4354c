import { describe, expect, test } from 'vitest';
import { eventCutter } from '../../extension/api/event-stream.ts';
import { deviceName } from '../../extension/connect/device.ts';
import { originPattern, readPairingLink } from '../../extension/connect/pairing-link.ts';
import { hashOf, readPlace } from '../../extension/surface/route.ts';

describe('the event stream', () => {
  test('is cut into the same events wherever the chunks end', () => {
    const text =
      ': hello\n\nid: 7-0\nevent: request.created\ndata: {"a":\ndata: 1}\n\nid: 8-0\r\ndata: x\r\n\r\n';
    const whole = eventCutter()(text);
    expect(whole).toEqual([
      { id: '7-0', event: 'request.created', data: '{"a":\n1}' },
      { id: '8-0', event: '', data: 'x' },
    ]);
    for (let cutAt = 1; cutAt < text.length; cutAt += 1) {
      const cut = eventCutter();
      expect([...cut(text.slice(0, cutAt)), ...cut(text.slice(cutAt))]).toEqual(whole);
    }
  });
});

describe('a pairing link', () => {
  test.each([
    ['http://127.0.0.1:4780/#pair=ABCDE-FGHJK', '', 'http://127.0.0.1:4780', 'ABCDE-FGHJK'],
    ['127.0.0.1:4780', 'X', 'http://127.0.0.1:4780', 'X'],
    ['localhost:4780/', 'X', 'http://localhost:4780', 'X'],
    ['approve.acme.com', 'X', 'https://approve.acme.com', 'X'],
    ['https://approve.acme.com/some/path?x#pair=A', 'B', 'https://approve.acme.com', 'B'],
    ['', '', '', ''],
  ])('%j and code %j', (address, code, server, read) => {
    expect(readPairingLink(address, code)).toEqual({ server, code: read });
  });

  test.each(['javascript:alert(1)', 'ftp://x', 'http://', 'https://user:secret@acme.com', 'a b c'])(
    '%j is no address',
    (address) => {
      expect(readPairingLink(address)).toBeNull();
    },
  );

  test('asks for the one server’s origin and no other', () => {
    expect(originPattern('http://127.0.0.1:4780')).toBe('http://127.0.0.1/*');
    expect(originPattern('https://approve.acme.com')).toBe('https://approve.acme.com/*');
  });
});

describe('a place', () => {
  test.each([
    '',
    '#/',
    '#/request/req_1',
    '#/request/req_1/edit',
    '#/request/a%2Fb/reject',
    '#/settings',
    '#/history',
    '#/history?status=approved&tool=a.b&from=2026-11-01&q=a%3F%2Fb+c',
  ])('%j reads back', (hash) => {
    expect(hashOf(readPlace(hash))).toBe(hash);
  });

  test('that is not known is the queue or the card, never an error', () => {
    expect(readPlace('#/nowhere')).toEqual({ kind: 'queue' });
    expect(readPlace('#/history?status=open&from=someday&tier=')).toEqual({ kind: 'history', filters: {} });
    expect(readPlace('#/request/x/approve')).toEqual({ kind: 'request', id: 'x', step: 'look' });
    expect(readPlace('#/request/%E0%A4%A')).toMatchObject({ kind: 'request' });
  });
});

test('a browser is listed under a name that a person knows', () => {
  expect(deviceName('Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/156.0 Safari/537.36')).toBe(
    'Chrome on Linux',
  );
  expect(
    deviceName('Mozilla/5.0 (Macintosh; Intel Mac OS X 14.0; rv:140.0) Gecko/20100101 Firefox/140.0'),
  ).toBe('Firefox on macOS');
});
