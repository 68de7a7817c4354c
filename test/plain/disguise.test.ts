import { foldAt, isDisguised, type Piece, reveal, revealedLine } from '@countersign/shared/plain';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

const marks = (text: string) =>
  reveal(text).flatMap((piece) => (piece.kind === 'mark' ? [[piece.code, piece.count]] : []));

describe('what an agent wrote can not disguise itself', () => {
  test.each([
    ['a right-to-left override', 'pay\u202Edrawkcab', 'U+202E'],
    ['an isolate', 'a\u2066b', 'U+2066'],
    ['an Arabic letter mark', 'a\u061Cb', 'U+061C'],
    ['a zero-width space', 'pay\u200Bpal', 'U+200B'],
    ['a zero-width joiner outside an emoji', 'pay\u200Dpal', 'U+200D'],
    ['a word joiner', 'a\u2060b', 'U+2060'],
    ['a byte order mark', '\uFEFFa', 'U+FEFF'],
    ['a soft hyphen', 'a\u00ADb', 'U+00AD'],
    ['a grapheme joiner', 'a\u034Fb', 'U+034F'],
    ['a Hangul filler', 'a\u3164b', 'U+3164'],
    ['a blank Braille pattern', 'a\u2800b', 'U+2800'],
    ['a tag character', 'a\u{E0041}b', 'U+E0041'],
    ['a variation selector', 'a\uFE01b', 'U+FE01'],
    ['a terminal escape', '\u001B[31mred', 'U+001B'],
    ['a C1 control', 'a\u009Bb', 'U+009B'],
    ['a null', 'a\u0000b', 'U+0000'],
    ['a line separator', 'a\u2028b', 'U+2028'],
    ['a private-use character', 'a\uE000b', 'U+E000'],
    ['a lone carriage return', 'hidden\rshown', 'U+000D'],
  ])('%s becomes a mark', (_, text, code) => {
    expect(marks(text)).toEqual([[code, 1]]);
  });

  test('a run of one invisible character is one counted mark', () => {
    expect(marks(`a${'\u200B'.repeat(5_000)}b`)).toEqual([['U+200B', 5_000]]);
  });

  test('a run of different ones is one mark too, so that marks push nothing out of sight either', () => {
    expect(marks('\u200B\u200C'.repeat(2_500))).toEqual([['U+200B…', 5_000]]);
  });

  test('a run of spaces of any kind is counted instead of drawn', () => {
    expect(reveal(`a${' \u00A0\u2003\u3000'.repeat(1_250)}b`)).toEqual([
      { kind: 'text', text: 'a' },
      { kind: 'space', count: 5_000 },
      { kind: 'text', text: 'b' },
    ]);
  });

  test('a run of empty lines is counted, whatever spaces stand between', () => {
    expect(reveal(`a${'\n \t'.repeat(400)}b`)).toEqual([
      { kind: 'text', text: 'a' },
      { kind: 'lines', count: 400 },
      { kind: 'text', text: 'b' },
    ]);
  });

  test('stacked combining marks are cut to what writing needs', () => {
    expect(marks(`a${'\u0301'.repeat(50)}`)).toEqual([['U+0301', 47]]);
  });

  test.each([
    ['раypal', 'mixed'],
    ['Αmazon', 'mixed'],
    ['𝐀𝐩𝐩𝐫𝐨𝐯𝐞𝐝', 'styled'],
    ['ＡＢＣ', 'styled'],
    ['anna@аcme.com', 'mixed'],
    ['анна@пример.рф', 'address'],
    ['bücher.example', 'address'],
    ['раура', 'alike'],
    ['ΑΝΝΑ', 'alike'],
    ['acme.com∕evil.example', 'address'],
    ['acme․com', 'address'],
    ['pɑypal', 'styled'],
    ['ᴀᴘᴘʀᴏᴠᴇᴅ', 'styled'],
    ['Ⅿax', 'styled'],
    ['ℋello', 'styled'],
  ])('%s is flagged as a look-alike (%s)', (text, why) => {
    expect(reveal(text)).toEqual([{ kind: 'lookalike', text, why }]);
  });

  test.each([
    'Refund €2,400.00 to Anna Smith.',
    'Größe 5 µm, naïve café, Łódź',
    'Привет, как дела?',
    'Сор и сорт, а также кот',
    'Ελληνικά και ΑΝΝΑ',
    '10 Ω, 5 µm, 1⁄2, ŋ',
    '使用API：完成',
    '你好，世界',
    'שלום עולם',
    'family 👨‍👩‍👧, heart ❤️, thumbs 👍🏽, key 1️⃣',
    'first line\nsecond line\n\n\tindented',
    'windows\r\nlines',
    '<b onclick=alert(1)>bold</b> & *stars* <@U123>',
  ])('ordinary writing stays as it is: %j', (text) => {
    expect(isDisguised(text)).toBe(false);
    expect(reveal(text)).toEqual([{ kind: 'text', text: text.replaceAll('\r\n', '\n') }]);
  });

  test('every character is either shown, named or counted', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const count = (value: string) => [...value].length;
        const total = reveal(text).reduce(
          (sum, piece) =>
            sum + (piece.kind === 'text' || piece.kind === 'lookalike' ? count(piece.text) : piece.count),
          0,
        );
        // Lines of blanks are counted as lines, so a piece of them may stand for more characters than it says.
        const spaced = reveal(text).some((piece) => piece.kind === 'lines');
        if (!spaced) expect(total).toBe(count(text.replaceAll('\r\n', '\n')));
      }),
    );
  });

  test('folding long text cuts no mark and no character in two, and loses nothing', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', maxLength: 60 }),
        fc.integer({ min: 1, max: 40 }),
        (text, limit) => {
          const { head, rest } = foldAt(reveal(text), limit);
          const written = (pieces: Piece[]) =>
            pieces.map((piece) => ('text' in piece ? piece.text : `${piece.kind}${piece.count}`)).join('');
          expect(written(head) + written(rest)).toBe(written(reveal(text)));
          expect([...head, ...rest].every((piece) => !('text' in piece) || piece.text.isWellFormed())).toBe(
            true,
          );
        },
      ),
    );
  });

  test('one line of plain text names what it can not show', () => {
    expect(revealedLine('a\u202Eb\n\nc')).toBe('a[U+202E]b c');
  });
});
