import { mainMoney, maskOf, tailOf, titleOf, titleText } from '@countersign/shared/plain';
import { describe, expect, test } from 'vitest';
import { sampleRequest } from '../extension/sample.ts';

const { card: _, ...untitled } = sampleRequest();

describe('what is covered', () => {
  const mask = maskOf(untitled);

  test.each([
    'password',
    'db_password',
    'clientSecret',
    'api-key',
    'apiKey',
    'access_token',
    'card_number',
    'iban',
    'SSN',
    'cvv',
  ])('by default: %s', (key) => {
    expect(mask([key], 'x1')).toBe(true);
    expect(mask(['login', key, 'value'], 'x1')).toBe(true);
  });

  test.each(['note', 'amount', 'company', 'passenger', 'tokenizer', 'pinned', 'spanish', 'expansion'])(
    'not %s',
    (key) => {
      expect(mask([key], 'x1')).toBe(false);
    },
  );

  test('a token is a text: a count of them stays in sight', () => {
    expect(mask(['max_tokens'], 500)).toBe(false);
    expect(mask(['token'], 'abc')).toBe(true);
  });

  test('nothing is covered where nothing is', () => {
    expect([mask(['password'], ''), mask(['password'], null), mask(['password'], undefined)]).toEqual([
      false,
      false,
      false,
    ]);
  });

  test('a private key or a signed token is, whatever it is called', () => {
    expect(mask(['note'], '-----BEGIN RSA PRIVATE KEY-----\nMIIE')).toBe(true);
    expect(mask(['note'], 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.x')).toBe(true);
  });

  test('so is a list that has one in it', () => {
    expect(mask(['notes'], ['x', 'AKIAABCDEFGHIJKLMNOP'])).toBe(true);
    expect(mask(['notes'], ['x', 'y'])).toBe(false);
  });

  test('what policy puts on the card is not, nor an account that is to be confirmed; a secret to confirm is', () => {
    const request = sampleRequest({
      card: { title: [{ path: 'ssn', value: '1' }] },
      friction: { kind: 'retype', paths: ['iban', 'pin'] },
    });
    expect(['ssn', 'iban', 'pin'].map((key) => maskOf(request)([key], 'x1'))).toEqual([false, false, true]);
    const listed = { ...request, tool_facts: { mask: ['iban'] } };
    expect(maskOf(listed)(['iban'], 'DE1')).toBe(true);
  });

  test('policy’s own list is the whole of it, and covers what is below a path', () => {
    const own = maskOf({ ...untitled, tool_facts: { mask: ['person.address'] } });
    expect(own(['person', 'address', 'city'], 'Bonn')).toBe(true);
    expect(own(['person'], 'x')).toBe(false);
    expect(own(['password'], 'x')).toBe(false);
    expect(maskOf({ ...untitled, tool_facts: { mask: [] } })(['password'], 'x')).toBe(false);
  });

  test('of a card or an account the last four tell which', () => {
    expect(tailOf(['card_number'], '4111 1111 1111 1234')).toBe('1234');
    expect(tailOf(['iban'], 'DE02120300000000202051')).toBe('2051');
    expect(tailOf(['password'], 'correcthorsebattery')).toBe('');
  });
});

describe('the sentence and the button', () => {
  test('hold no covered value, and show it when it was asked for', () => {
    const request = sampleRequest({ tool_facts: { mask: ['email', 'amount'] } });
    expect(titleText(titleOf(request, 'en'))).toBe('Refund •••••••• to ••••••••');
    expect(titleText(titleOf(request, 'en', new Set(['email'])))).toBe('Refund •••••••• to a.smith@acme.com');
    expect(mainMoney(request, 'en')).toBeUndefined();
  });

  test('hold nothing that lies in a value and is covered there, until it was asked for', () => {
    const customer = { name: 'Ann', password: 'hunter2' };
    const request = sampleRequest({
      args: { customer },
      card: { title: [{ text: 'Add ' }, { path: 'customer', value: JSON.stringify(customer) }] },
    });
    expect(titleText(titleOf(request, 'en'))).toBe('Add ••••••••');
    expect(titleText(titleOf(request, 'en', new Set(['customer.password'])))).toContain('hunter2');
    const listed = sampleRequest({
      args: { iban: ['DE1', 'DE2'] },
      card: { title: [{ path: 'iban', value: 'DE1, DE2' }] },
    });
    expect(titleText(titleOf(listed, 'en'))).toBe('DE1, DE2');
  });

  test('where policy has no template, a secret is no part of the sentence', () => {
    const request = { ...untitled, tool: 'vault.store', args: { name: 'prod', password: 'hunter2' } };
    expect(titleText(titleOf(request, 'en'))).toBe('Store: name prod');
  });
});
