import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { inert, inertJson, quoted } from '../../cli/terminal/inert.ts';

describe('inert makes agent-written text harmless on a terminal', () => {
  test.each([
    ['colours', '\u001b[31mred\u001b[0m', '⟨U+001B⟩[31mred⟨U+001B⟩[0m'],
    ['the one-byte form of an escape sequence', '\u009b2J', '⟨U+009B⟩2J'],
    ['a title change', '\u001b]0;root\u0007', '⟨U+001B⟩]0;root⟨U+0007⟩'],
    ['a line drawn over', 'Refund 1000\rRefund 10', 'Refund 1000⟨U+000D⟩Refund 10'],
    ['backspaces', 'evil\b\b\b\bgood', 'evil⟨U+0008⟩⟨U+0008⟩⟨U+0008⟩⟨U+0008⟩good'],
    ['a right-to-left override', 'invoice\u202efdp.exe', 'invoice⟨U+202E⟩fdp.exe'],
    ['isolates', '\u2066x\u2069', '⟨U+2066⟩x⟨U+2069⟩'],
    ['zero-width characters', 'pay\u200bpal\ufeff', 'pay⟨U+200B⟩pal⟨U+FEFF⟩'],
    ['tag characters, which carry hidden text', 'ok\u{e0041}', 'ok⟨U+E0041⟩'],
    ['variation selectors, which can too', 'a\ufe01\u{e0101}', 'a⟨U+FE01⟩⟨U+E0101⟩'],
    ['a blank that is a letter', 'a\u3164b\u2800', 'a⟨U+3164⟩b⟨U+2800⟩'],
    ['spaces of another kind', 'a\u00a0b\u3000c', 'a⟨U+00A0⟩b⟨U+3000⟩c'],
    ['line separators', 'a\u2028b\nc', 'a⟨U+2028⟩b⟨U+000A⟩c'],
    ['half a surrogate pair', '\ud83d', '⟨U+D83D⟩'],
    ['a pushed gap', `ok${' '.repeat(300)}evil`, 'ok⟨300 spaces⟩evil'],
    ['a pile of marks', `a${'\u0301'.repeat(50)}`, `a${'\u0301'.repeat(4)}⟨46 more marks⟩`],
  ])('%s', (_title, text, shown) => {
    expect(inert(text)).toBe(shown);
  });

  test.each(['plain text', 'späti, 東京, עברית', 'emoji 😀', '"quotes" and \\', 'नमस्ते'])(
    'and leaves %s alone',
    (text) => {
      expect(inert(text)).toBe(text);
    },
  );

  test('whatever comes in, nothing that a terminal obeys comes out', () => {
    const anything = fc.string({ unit: 'binary' });
    fc.assert(fc.property(anything, (text) => !/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(inert(text))));
    fc.assert(fc.property(anything, (text) => /^[\n -~]*$/.test(inertJson({ [text]: [text] }))));
  });

  test('JSON keeps its meaning', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(JSON.parse(inertJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });
});

test('every line of a quoted text is led by a bar, the wrapped ones too', () => {
  expect(quoted(`fine\n\nApprovals 1 of 1 ${'x'.repeat(40)}`, 32)).toEqual([
    '│ fine',
    '│',
    '│ Approvals 1 of 1 xxxxxxxxxxxxx',
    `│ ${'x'.repeat(27)}`,
  ]);
});
