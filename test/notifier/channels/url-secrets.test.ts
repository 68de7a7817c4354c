import { describe, expect, test } from 'vitest';
import { secretsOfUrl } from '../../../services/notifier/channels/url-secrets.ts';
import { responseOf } from '../../../services/notifier/record/delivery-log.ts';

describe('law 12: what a peer repeats of its own address is struck out', () => {
  const url = 'https://robot:p%40ss@hooks.example/services/T0001/c0ffee-c0ffee-c0ffee?key=abcdefgh%2B1';
  test.each([
    ['all of it', url],
    ['its path', 'no such path: /services/T0001/c0ffee-c0ffee-c0ffee?key=abcdefgh%2B1'],
    ['a token in the path', 'unknown hook c0ffee-c0ffee-c0ffee'],
    ['a token in the query', 'bad key abcdefgh%2B1'],
    ['the same as it is meant', 'bad key abcdefgh+1'],
    ['the password', 'wrong password p@ss'],
    ['the header that they become', `authorization: Basic ${Buffer.from('robot:p@ss').toString('base64')}`],
  ])('%s', (_, text) => {
    const kept = responseOf(text, secretsOfUrl(url));
    expect(kept).toContain('[redacted]');
    for (const secret of ['c0ffee', 'abcdefgh', 'p@ss', 'p%40ss', 'cm9ib3Q6'])
      expect(kept).not.toContain(secret);
  });

  test('words that are in many addresses are not', () => {
    expect(secretsOfUrl('https://hooks.example/api/v2')).not.toContain('api');
    expect(responseOf('the api is down', secretsOfUrl('https://hooks.example/api/v2'))).toBe(
      'the api is down',
    );
  });

  test('an address that says no more than where it is hides nothing of an answer', () => {
    expect(responseOf('hooks.example is closed', secretsOfUrl('https://hooks.example/'))).toBe(
      'hooks.example is closed',
    );
  });

  test('what is no address has none', () => {
    expect(secretsOfUrl('nonsense')).toEqual([]);
  });
});
