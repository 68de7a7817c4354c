/** What a reviewer has done with a batch, and what its table is made of. Pure, without a browser. */
import type { Batch, BatchRow, RequestView } from '@countersign/shared/contracts';
import { describe, expect, test } from 'vitest';
import {
  chosenSums,
  type Fate,
  freshMarks,
  isUndecided,
  noteFate,
  noteOpened,
  noteRead,
  stillToOpen,
  toggle,
  toggleAll,
} from '../../extension/batch/marks.ts';
import { argsOf, atOf, described, labelsOf, sumText } from '../../extension/batch/table.ts';
import { sampleRequest } from './sample.ts';

const row = (id: string, part: Partial<BatchRow> = {}): BatchRow => ({
  id,
  version: 1,
  args_digest: `sha256:${id}-1`,
  values: [id],
  expires_at: null,
  must_open: false,
  opened: false,
  ...part,
});
const rows = [row('a', { must_open: true }), row('b'), row('c', { opened: true, must_open: true })];
const batch: Pick<Batch, 'rows' | 'amounts'> = {
  rows,
  amounts: [{ path: '/amount', currency: 'EUR', each: [0.1, 0.2, 5], total: 5.3 }],
};
const request = (id: string, part: Partial<RequestView> = {}) => sampleRequest({ id, ...part });
const refused = (code: 'stale' | 'unreachable' | 'confirmation_missing'): Fate => ({
  kind: 'refused',
  trouble: { code, detail: '', extra: {} },
});

describe('choosing rows', () => {
  test('nothing is chosen to begin with; each row is chosen and let go by itself', () => {
    const fresh = freshMarks(batch);
    expect([...fresh.chosen]).toEqual([]);
    expect([...toggle(fresh, 'b').chosen]).toEqual(['b']);
    expect([...toggle(toggle(fresh, 'b'), 'b').chosen]).toEqual([]);
  });

  test('all of them at once, and none again; never one that is over', () => {
    const marks = noteFate(freshMarks(batch), 'b', refused('stale'));
    const all = toggleAll(marks, batch);
    expect([...all.chosen]).toEqual(['a', 'c']);
    expect([...toggleAll(all, batch).chosen]).toEqual([]);
    expect(toggle(marks, 'b')).toBe(marks);
  });

  test('the chosen rows are summed, exactly', () => {
    const marks = toggle(toggle(freshMarks(batch), 'a'), 'b');
    expect(chosenSums(batch, marks)).toEqual([{ path: '/amount', currency: 'EUR', total: 0.3 }]);
    expect(chosenSums(batch, freshMarks(batch))[0]?.total).toBe(0);
  });
});

test('the rows that the server named have to be opened, unless they have been', () => {
  const marks = freshMarks(batch);
  expect(stillToOpen(batch, marks)).toEqual(['a']);
  expect(stillToOpen(batch, noteOpened(marks, 'a'))).toEqual([]);
});

describe('what becomes of a row', () => {
  const chosen = toggleAll(freshMarks(batch), batch);

  test('a decided one leaves the choice; one that was refused for now stays in it', () => {
    const decided = noteFate(chosen, 'a', { kind: 'decided', request: request('a', { status: 'approved' }) });
    expect([...decided.chosen]).toEqual(['b', 'c']);
    for (const code of ['unreachable', 'confirmation_missing'] as const) {
      const again = noteFate(chosen, 'a', refused(code));
      expect(isUndecided(again, 'a')).toBe(true);
      expect([...again.chosen]).toEqual(['a', 'b', 'c']);
    }
    expect(isUndecided(noteFate(chosen, 'a', refused('stale')), 'a')).toBe(false);
  });

  test('one that is read again as it was shown stays; one that someone else decided, or that changed, is gone', () => {
    const [first = row('a')] = rows;
    expect(noteRead(chosen, first, request('a'))).toBe(chosen);
    for (const part of [{ status: 'rejected' as const }, { version: 2 }, { args_digest: 'sha256:other' }]) {
      const marks = noteRead(chosen, first, request('a', part));
      expect(marks.fates.get('a')?.kind).toBe('gone');
      expect([...marks.chosen]).toEqual(['b', 'c']);
    }
  });

  test('what this surface decided is not overwritten by a later reading', () => {
    const decided = noteFate(chosen, 'a', { kind: 'decided', request: request('a', { status: 'approved' }) });
    expect(noteRead(decided, rows[0] ?? row('a'), request('a', { status: 'approved' }))).toBe(decided);
  });
});

describe('the table', () => {
  test('a JSON Pointer is a place, with a name for people', () => {
    expect(atOf('/a~1b/~0/0')).toEqual(['a/b', '~', '0']);
    expect(labelsOf('/customer/orderId')).toEqual(['Customer', 'Order id']);
  });

  test('a row’s arguments come together from what is common and what is its own', () => {
    const parts = {
      common: [
        { path: '/price/currency', value: 'EUR' },
        { path: '/tags', value: ['x'] },
      ],
      columns: ['/price/amount', '/__proto__'],
    };
    const args = argsOf(parts, row('a', { values: [5, 'mine'] }));
    expect(JSON.stringify(args)).toBe(
      '{"price":{"currency":"EUR","amount":5},"tags":["x"],"__proto__":"mine"}',
    );
    expect({}).not.toHaveProperty('mine');
  });

  test('what policy or its own name keeps secret is covered, as on a card', () => {
    const covered = (mask?: string[]) => {
      const shown = described({ tool: 't', ...(mask ? { mask } : {}) }, {}, undefined, 'en');
      return ['/note', '/password'].filter((path) => shown.mask(atOf(path), 'x'));
    };
    expect(covered()).toEqual(['/password']);
    expect(covered(['note'])).toEqual(['/note']);
  });

  test('sums are written as money where the currency is one, and never rounded', () => {
    expect(sumText(30, 'EUR', 'en')).toBe('€30.00');
    expect(sumText(24.995, 'EUR', 'en')).toBe('€24.995');
    expect(sumText(1200, 'JPY', 'en')).toBe('¥1,200');
    expect(sumText(5, 'POINTS', 'en')).toBe('5 POINTS');
    expect(sumText(1234.5, undefined, 'en')).toBe('1,234.5');
  });
});
