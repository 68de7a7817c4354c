import { matchesGlob, parseDuration } from '@countersign/shared/policy';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { closestName } from '../../shared/policy/closest-name.ts';
import { cpuMs } from '../support/cpu.ts';

describe('a name pattern', () => {
  test.each([
    ['orders.refund', 'orders.refund', true],
    ['orders.refund', 'orders.refunds', false],
    ['orders.refund', 'Orders.refund', false],
    ['orders.*', 'orders.refund', true],
    ['orders.*', 'orders.', true],
    ['orders.*', 'orders', false],
    ['orders.*', 'orders.line.delete', true],
    ['*', '', true],
    ['', '', true],
    ['', 'a', false],
    ['*.delete', 'crm.contact.delete', true],
    ['*delete*', 'mass_delete_all', true],
    ['a*b*c', 'a-b-b-c', true],
    ['a*b*c', 'a-c-b', false],
    ['a.c', 'abc', false],
    ['a?c', 'abc', false],
    ['**', 'anything', true],
  ])('%s against %s: %s', (pattern, name, expected) => {
    expect(matchesGlob(pattern, name)).toBe(expected);
  });

  test('means the same as the regular expression it stands for', () => {
    const part = fc.constantFrom('a', 'b', '.', '*');
    const text = fc.array(fc.constantFrom('a', 'b', '.'), { maxLength: 8 }).map((parts) => parts.join(''));
    fc.assert(
      fc.property(fc.array(part, { maxLength: 8 }), text, (parts, name) => {
        const regex = new RegExp(
          `^${parts.map((char) => (char === '*' ? '.*' : char === '.' ? '\\.' : char)).join('')}$`,
        );
        expect(matchesGlob(parts.join(''), name)).toBe(regex.test(name));
      }),
    );
  });

  test('can not be made to hang', () => {
    expect(cpuMs(() => matchesGlob(`${'*a'.repeat(100)}b`, 'a'.repeat(5_000)))).toBeLessThan(500);
  });
});

test.each([
  ['500ms', 500],
  ['10s', 10_000],
  ['10m', 600_000],
  ['1.5h', 5_400_000],
  ['2d', 172_800_000],
  ['10 m', 600_000],
  ['600', 600_000],
  [600, 600_000],
  [0.5, 500],
  [0, 0],
  ['366d', 31_622_400_000],
  ['never', null],
  ['367d', undefined],
  ['-5s', undefined],
  [-5, undefined],
  ['', undefined],
  ['5w', undefined],
  ['1h30m', undefined],
  ['1e3s', undefined],
  [Number.NaN, undefined],
  [Number.POSITIVE_INFINITY, undefined],
  [1e21, undefined],
])('the duration %s is %s ms', (written, expected) => {
  expect(parseDuration(written)).toBe(expected);
});

test('a misspelt name finds its neighbour, and a different word none', () => {
  const known = ['tools', 'tiers', 'rules', 'on_rejection', 'tier'];
  expect(closestName('tols', known)).toBe('tools');
  expect(closestName('Rules', known)).toBe('rules');
  expect(closestName('teir', known)).toBe('tier');
  expect(closestName('on_rejections', known)).toBe('on_rejection');
  expect(closestName('model', known)).toBeUndefined();
  expect(closestName('on_reject', known)).toBe('on_rejection');
  expect(closestName('x', ['a', 'or'])).toBeUndefined();
});
