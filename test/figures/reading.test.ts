import {
  countWords,
  isTooFast,
  leastReadingMs,
  novelWords,
  signatureOf,
  totalWords,
  wordsOf,
} from '@countersign/shared/figures';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

describe('words', () => {
  test('are counted as a person reads them', () => {
    expect(wordsOf('Refund 1,240.50 EUR to ann@example.com — it’s late!')).toEqual([
      'refund',
      '1,240.50',
      'eur',
      'to',
      'ann@example.com',
      'it’s',
      'late',
    ]);
    expect(wordsOf('mia_li_3668')).toEqual(['mia_li_3668']);
    expect(wordsOf('Zurück nach Čačak, élève')).toHaveLength(4);
    expect(wordsOf(' … {} [] — ')).toEqual([]);
  });

  test('are counted in scripts that put no space between them', () => {
    expect(wordsOf('退款给客户')).toEqual(['退款', '给客', '户']);
    expect(wordsOf('คืนเงินให้ลูกค้า').length).toBeGreaterThan(2);
  });

  test('in a text of any size and kind they are counted in time that grows with it', () => {
    const long = '_-.:/'.repeat(50_000) + 'a.'.repeat(100_000);
    expect(wordsOf(long)).toHaveLength(1);
  });
});

describe('words that are new', () => {
  const card = (text: string) => countWords([text]);

  test('are all of them to somebody who saw no such card, and none when it is the same', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 30 }), (words) => {
        const counts = card(words.join(' '));
        expect(totalWords(counts)).toBe(words.length);
        expect(novelWords(counts)).toBe(words.length);
        expect(novelWords(counts, counts)).toBe(0);
      }),
    );
  });

  test('are those that stand here more often than on the card before', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'e')),
        fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'e')),
        (now, before) => {
          // The reference strikes out one word after the other.
          const left = [...before];
          const novel = now.filter((word) => {
            const at = left.indexOf(word);
            if (at >= 0) left.splice(at, 1);
            return at < 0;
          });
          expect(novelWords(card(now.join(' ')), card(before.join(' ')))).toBe(novel.length);
        },
      ),
    );
  });
});

describe('time to read', () => {
  test('is at least a minute for 300 new words, and less than half of that is too fast', () => {
    expect(leastReadingMs(300)).toBe(60_000);
    expect(isTooFast(29_999, 300)).toBe(true);
    expect(isTooFast(30_000, 300)).toBe(false);
  });

  test('is none where nothing is new, so that nothing can be too fast', () => {
    expect(isTooFast(0, 0)).toBe(false);
  });
});

describe('near-identical requests', () => {
  const refund = (amount: number, order: string, note: string) =>
    signatureOf('orders.refund', { amount, order, note });

  test('differ in numbers, dates and identifiers', () => {
    expect(refund(12, 'ord_77', 'Sent on 2026-03-01 to ann@example.com')).toBe(
      refund(2400, 'ord_9', 'sent on 2026-11-30 to bo@example.com'),
    );
  });

  test('do not differ in tool, names, words, or in what is true', () => {
    const base = signatureOf('a', { to: 'ann', urgent: false });
    expect(signatureOf('b', { to: 'ann', urgent: false })).not.toBe(base);
    expect(signatureOf('a', { cc: 'ann', urgent: false })).not.toBe(base);
    expect(signatureOf('a', { to: 'bo', urgent: false })).not.toBe(base);
    expect(signatureOf('a', { to: 'ann', urgent: true })).not.toBe(base);
  });

  test('are so whatever the order of names, and however many items of a kind a list has', () => {
    expect(signatureOf('a', { x: 1, y: 'z' })).toBe(signatureOf('a', { y: 'z', x: 2 }));
    expect(signatureOf('a', { ids: ['a1', 'b2', 'c3'] })).toBe(signatureOf('a', { ids: ['d4'] }));
    expect(signatureOf('a', { ids: ['a1', 'all'] })).not.toBe(signatureOf('a', { ids: ['d4'] }));
  });

  test('are told apart by what stands where, not by what all words together are', () => {
    expect(signatureOf('a', { x: 'p q', y: '' })).not.toBe(signatureOf('a', { x: 'p', y: 'q' }));
  });
});
