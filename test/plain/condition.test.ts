import { coveredIn, fillIn, maskOf, noMask } from '@countersign/shared/plain';
import { describe, expect, test } from 'vitest';

const named = (condition: string, values: Record<string, unknown>) =>
  fillIn(condition, values).flatMap((piece) => ('text' in piece ? [] : [piece]));

describe('a condition with the values that it saw', () => {
  test('has each beside its name, and leaves what stands in quotes alone', () => {
    const values = { 'param.amount': 2400, 'context.is_admin': false };
    const pieces = fillIn('param.amount > 50 and "param.amount" != context.is_admin', values);
    expect(pieces.map((piece) => ('text' in piece ? piece.text : `${piece.name} (${piece.value})`))).toEqual([
      'param.amount (2400)',
      ' > 50 and "param.amount" != ',
      'context.is_admin (false)',
    ]);
  });

  test('says of each value where it stands, and gives the value itself', () => {
    const values = {
      'param.items[0].price': 5,
      'param["card number"]': '4111',
      'context.user.name': 'ann',
      agent: 'a',
    };
    const condition =
      'param.items[0].price > 1 and param["card number"] != context.user.name and agent == "x"';
    expect(named(condition, values)).toMatchObject([
      { of: 'param', at: ['items', '0', 'price'], raw: 5 },
      { of: 'param', at: ['card number'], raw: '4111' },
      { of: 'context', at: ['user', 'name'], raw: 'ann' },
      { of: 'call', at: [], raw: 'a' },
    ]);
  });

  test('cuts a long value, and leaves it whole where there is room for it', () => {
    const note = 'x'.repeat(300);
    expect(named('param.note', { 'param.note': note })[0]?.value).toHaveLength(80);
    expect(fillIn('param.note', { 'param.note': note }, Number.POSITIVE_INFINITY)).toMatchObject([
      { value: JSON.stringify(note) },
    ]);
  });
});

describe('what is covered in a value', () => {
  const mask = maskOf({ friction: { kind: 'none', paths: [] }, tool_facts: {} });

  test('is judged by the value, not by its name or its text', () => {
    expect(coveredIn(mask, ['note'], 'AKIAABCDEFGHIJKLMNOP')).toEqual([['note']]);
    expect(coveredIn(mask, ['max_tokens'], 900)).toEqual([]);
  });

  test('is said for whatever lies in it', () => {
    const customer = { name: 'Ann', login: { password: 'hunter2' }, keys: [{ api_key: 'k' }] };
    expect(coveredIn(mask, ['customer'], customer)).toEqual([
      ['customer', 'login', 'password'],
      ['customer', 'keys', '0', 'api_key'],
    ]);
    expect(coveredIn(noMask, ['customer'], customer)).toEqual([]);
  });
});
