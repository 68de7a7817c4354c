import { describe, expect, test } from 'vitest';
import { unlinked, withoutLinks } from '../../../services/notifier/messages/unlinked.ts';

describe('an address that somebody else wrote', () => {
  test.each([
    ['https://evil.example/app/#/request/req_1', 'hxxps://evil[.]example/app/#/request/req_1'],
    ['1https://localhost/x', '1hxxps://localhost/x'],
    ['ftp://10.0.0.1/x', 'ftp[:]//10[.]0[.]0[.]1/x'],
    ['10.0.0.1:8080', '10[.]0[.]0[.]1:8080'],
    ['www.evil.example, and evil.example/app', 'www[.]evil[.]example, and evil[.]example/app'],
    ['evil。example', 'evil[.]example'],
    ['evil.xn--p1ai', 'evil[.]xn--p1ai'],
    ['evil.example@other', 'evil[.]example@other'],
    ['ann@evil.example/app', 'ann@evil[.]example/app'],
    [`${'a.'.repeat(50)}example`, `${'a.'.repeat(20)}${'a[.]'.repeat(30)}example`],
  ])('can not be followed: %s', (text, shown) => {
    expect(unlinked(text)).toBe(shown);
  });

  test.each(['ann.smith@example.com: paid', 'v1.2.3', '10.0.0.1', 'e.g. 2.400,00', 'orders.process_refund'])(
    'and what is none stays as it is: %s',
    (text) => {
      expect(unlinked(text)).toBe(text);
    },
  );

  test('is looked for in values, and not in our own words', () => {
    expect(withoutLinks(['See param.amount: ', { value: 'evil.example' }])).toEqual([
      'See param.amount: ',
      { value: 'evil[.]example' },
    ]);
  });
});
