import { fallbackTitle, mainMoney, moneyAt, titleOf, titleText, withArgs } from '@countersign/shared/plain';
import { describe, expect, test } from 'vitest';
import { sampleRequest } from '../extension/sample.ts';

const title = (part: Parameters<typeof sampleRequest>[0] = {}) =>
  titleText(titleOf(sampleRequest(part), 'en'));

describe('the sentence on a card', () => {
  test('follows the policy’s template, an amount and its currency reading as one sum', () => {
    expect(title()).toBe('Refund €2,400.00 to a.smith@acme.com');
  });

  test('marks each value with the path that it came from', () => {
    expect(
      titleOf(sampleRequest(), 'en').flatMap((segment) => ('path' in segment ? [segment.path] : [])),
    ).toEqual(['amount', 'email']);
  });

  test('keeps a missing value visible as missing', () => {
    const card = { title: [{ text: 'Send to ' }, { path: 'to', value: '?', missing: true }] };
    expect(titleOf(sampleRequest({ card }), 'en')[1]).toEqual({ path: 'to', value: '?', missing: true });
  });

  test('is made from tool and arguments where policy has no template', () => {
    const { card: _, ...request } = sampleRequest({
      args: { amount: 12.5, currency: 'USD', user_id: 'u1', note: 'x' },
    });
    expect(titleText(titleOf(request, 'en'))).toBe('Process refund: amount $12.50, user id u1');
  });

  test('looks one object further in for what tells', () => {
    expect(titleText(fallbackTitle('crm.update_note', { customer: { name: 'Anna' } }, 'en'))).toBe(
      'Update note: customer name Anna',
    );
  });

  test.each<[string, Parameters<typeof fallbackTitle>[1], string]>([
    [
      'email.send',
      { to: ['a@x.io', 'b@x.io'], subject: 'Hi', body: 'x'.repeat(80) },
      'Send email: to a@x.io, b@x.io, subject Hi',
    ],
    [
      'billing.create_invoice',
      { subtotal: 9, tax: 1, total: 10, customer: 'Acme' },
      'Create invoice: total 10, customer Acme',
    ],
    ['mcp__shell__run', { command: 'ls -l', cwd: '/srv' }, 'Run shell: command ls -l'],
    ['db.run', { sql: '-- reads one row\nDROP TABLE t', database: 'shop' }, 'Run db: database shop'],
    ['crm.update', { id: 'c_1', before: { name: 'a' }, after: { name: 'b' } }, 'Update crm: id c_1'],
    ['notes.add', { 'approved by policy': 'x', n: 1 }, 'Add notes: n 1'],
  ])('made from %s says what matters', (tool, args, expected) => {
    expect(titleText(fallbackTitle(tool, args, 'en'))).toBe(expected);
  });

  test('cuts a value that would push the payload away', () => {
    const card = { title: [{ text: 'Mail ' }, { path: 'email', value: 'x'.repeat(5_000) }] };
    expect(titleText(titleOf(sampleRequest({ card }), 'en'))).toBe(`Mail ${'x'.repeat(79)}…`);
  });

  test('names the tool alone where the arguments tell nothing', () => {
    expect(titleText(fallbackTitle('cacheClear', {}, 'en'))).toBe('Cache clear');
  });

  test('never takes the agent’s own words', () => {
    const { card: _, ...request } = sampleRequest({ preview: { summary: 'HARMLESS' }, reason: 'HARMLESS' });
    expect(titleText(titleOf(request, 'en'))).not.toContain('HARMLESS');
  });

  test('reads with the edited values while an edit is made', () => {
    const request = sampleRequest();
    const edited = withArgs(request, { ...request.args, amount: 129 });
    expect(titleText(titleOf(edited, 'en'))).toBe('Refund €129.00 to a.smith@acme.com');
    expect(mainMoney(edited, 'en')).toBe('€129');
  });
});

describe('money', () => {
  const text = (args: Parameters<typeof moneyAt>[0], ...at: string[]) => moneyAt(args, at, 'en')?.text;

  test('has the currency beside it', () => {
    expect(text({ price: 9.5, currency: 'eur' }, 'price')).toBe('€9.50');
    expect(text({ fee: '3.00', fee_currency: 'GBP', currency: 'EUR' }, 'fee')).toBe('£3.00');
    expect(text({ total: { value: 7, currency: 'JPY' } }, 'total', 'value')).toBe('¥7');
    expect(text({ currency: 'USD', items: [{ price: 5 }] }, 'items', '0', 'price')).toBe('$5.00');
  });

  test('is a plain number where no currency is known: none is invented', () => {
    expect(text({ amount: 2400 }, 'amount')).toBe('2,400');
    expect(text({ amount: 2400, currency: 'XQQ' }, 'amount')).toBe('2,400');
  });

  test('is never rounded', () => {
    expect(text({ amount: 0.12345, currency: 'EUR' }, 'amount')).toBe('€0.12345');
    expect(text({ amount: 1e-7, currency: 'EUR' }, 'amount')).toBe('€0.0000001');
  });

  test('is not seen in what only resembles it', () => {
    expect(text({ value: 7 }, 'value')).toBeUndefined();
    expect(text({ amount_cents: 2400, currency: 'EUR' }, 'amount_cents')).toBeUndefined();
    expect(text({ amount: 'a lot', currency: 'EUR' }, 'amount')).toBeUndefined();
    expect(text({ amount: '1,000', currency: 'EUR' }, 'amount')).toBeUndefined();
  });

  test('is named on the button only when there is no doubt which sum is meant', () => {
    const { card: _, ...plain } = sampleRequest({ args: { amount: 1, fee: 2, currency: 'EUR' } });
    expect(mainMoney(plain, 'en')).toBeUndefined();
    expect(mainMoney(sampleRequest(), 'en')).toBe('€2,400');
  });
});
