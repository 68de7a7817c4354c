/** The history's pure parts: filters, pages, lines in sight, times. */
import { Status, Tier } from '@countersign/shared/contracts';
import { describe, expect, test } from 'vitest';
import { tiers } from '../../extension/api/guard.ts';
import { queryOf, readFilters, searchOf, statuses } from '../../extension/history/filters.ts';
import { foundOf } from '../../extension/history/found.ts';
import { withChanged, withPage } from '../../extension/history/results.ts';
import { rowsShown, topShowing } from '../../extension/history/rows-shown.ts';
import { whenText } from '../../extension/history/when.ts';
import { sampleRequest } from './sample.ts';

const found = (id: string) => foundOf(sampleRequest({ id }), 'en');

describe('filters', () => {
  test('read back as they were written, in one order', () => {
    const query = 'status=approved&tool=a.b&tier=high&from=2026-11-01&q=a+b%26c';
    expect(queryOf(readFilters(query))).toBe(query);
    expect(queryOf(readFilters(query.split('&').toReversed().join('&')))).toBe(query);
  });

  test('offer every status and tier that the contract knows', () => {
    expect(statuses).toEqual(Status.options);
    expect(tiers).toEqual(Tier.options);
  });

  test('that nobody could have set are left out', () => {
    expect(readFilters('status=open&tier=&from=2026-13-01&to=today&cursor=x&q=')).toEqual({});
    expect(readFilters(`q=${'x'.repeat(300)}`).q).toHaveLength(200);
  });

  test('by day reach from its first to its last moment where the reader is', () => {
    const { from = '', to = '', q } = searchOf({ from: '2026-11-20', to: '2026-11-20', q: 'x' });
    expect(Date.parse(to) - Date.parse(from)).toBe(86_400_000 - 1);
    expect(new Date(from).getHours()).toBe(0);
    expect(q).toBe('x');
  });
});

describe('pages', () => {
  test('follow each other, and name each request once', () => {
    const first = withPage(null, 'q=x', { rows: [found('a'), found('b')], cursor: '1' });
    const second = withPage(first, 'q=x', { rows: [found('b'), found('c')], cursor: undefined });
    expect(second.rows.map(({ id }) => id)).toEqual(['a', 'b', 'c']);
    expect(second.cursor).toBeUndefined();
  });

  test('of another search begin anew', () => {
    const first = withPage(null, 'q=x', { rows: [found('a')], cursor: '1' });
    expect(
      withPage(first, 'q=y', { rows: [found('b')], cursor: undefined }).rows.map(({ id }) => id),
    ).toEqual(['b']);
  });

  test('change a line in its place', () => {
    const results = withPage(null, '', { rows: [found('a'), found('b')], cursor: undefined });
    const changed = foundOf(sampleRequest({ id: 'a', status: 'approved', decided_by: 'ann, bo' }), 'en');
    expect(withChanged(results, changed).rows.map(({ id, status, by }) => [id, status, by])).toEqual([
      ['a', 'approved', ['ann', 'bo']],
      ['b', 'pending', []],
    ]);
    expect(withChanged(results, found('elsewhere'))).toBe(results);
  });
});

describe('lines', () => {
  test('in sight are always drawn, whatever the place, and never more than a few blocks', () => {
    for (let top = 0; top < 5_000 * 60; top += 997) {
      const { first, last } = rowsShown(top, 700, 60, 5_000);
      expect(first * 60).toBeLessThanOrEqual(top);
      expect(last === 5_000 || last * 60 >= top + 700).toBe(true);
      expect(last - first).toBeLessThan(48);
    }
    expect(rowsShown(0, 700, 60, 3)).toEqual({ first: 0, last: 3 });
    expect(rowsShown(90_000, 700, 60, 3)).toEqual({ first: 3, last: 3 });
  });

  test('are scrolled to only as far as it takes', () => {
    expect(topShowing(5, 0, 600, 60)).toBe(0);
    expect(topShowing(12, 0, 600, 60)).toBe(180);
    expect(topShowing(2, 600, 600, 60)).toBe(120);
  });
});

test('times are as brief as is plain', () => {
  const now = new Date(2026, 10, 21, 15, 0).getTime();
  const at = (...parts: [number, number, number, number, number]) =>
    whenText(new Date(...parts).getTime(), now, 'en-GB');
  expect(at(2026, 10, 21, 9, 5)).toBe('09:05');
  expect(at(2026, 10, 20, 9, 5)).toMatch(/^20 Nov/);
  expect(at(2025, 10, 20, 9, 5)).toBe('20 Nov 2025');
});
