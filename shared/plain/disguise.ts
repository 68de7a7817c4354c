/**
 * Takes the disguises off text that an agent wrote. Nothing is removed and nothing is trusted: what would be
 * invisible becomes a named mark, what would push other words out of sight is counted, and letters that only look
 * like others are flagged. The pieces are rendered as text, never as markup.
 *
 * Sources: Unicode TR 36 and TR 39 (security), TR 9 (bidirectional controls).
 */
export type Piece =
  | { kind: 'text'; text: string }
  /** Characters that show nothing, or act on their neighbours. `code` is like `U+202E`, or `U+202E…` for several. */
  | { kind: 'mark'; code: string; count: number }
  /** A run of spaces too long to be meant. */
  | { kind: 'space'; count: number }
  /** A run of empty lines too long to be meant. */
  | { kind: 'lines'; count: number }
  /** A word whose letters pretend to be others. */
  | { kind: 'lookalike'; text: string; why: 'mixed' | 'styled' | 'address' | 'alike' };

/** Spaces and line breaks up to this many in a row are ordinary writing. */
const fewSpaces = 8;
const fewLines = 3;
/** Combining marks up to this many on one letter are ordinary writing. */
const fewMarks = 3;

// \p{Cf}: formats, bidi controls, zero-width, tags; \p{Cc}: controls but tab and newline; \p{Co}, \p{Cs}: private
// use and lone surrogates; then the letters that are blank (Hangul fillers, Braille blank, Khmer inherent vowels),
// the grapheme joiner, line and paragraph separators and the variation selectors.
const silent =
  /\p{Cf}|\p{Co}|\p{Cs}|(?![\t\n])\p{Cc}|\p{Variation_Selector}|\u034F|\u115F|\u1160|\u17B4|\u17B5|\u2028|\u2029|\u2800|\u3164|\uFFA0/u;
const space = /[\p{Zs}\t]/u;
const combining = /\p{M}/u;
const pictograph = /\p{Extended_Pictographic}|\p{Emoji_Modifier}|\u{20E3}/u;
// The last ones look like a dot, a colon or a slash and are none: `acme.com\u2215evil.example`.
const word = /[\p{L}\p{M}\p{N}@.:/_\u2024\u2044\u2215\u2236\u29F8\uA789\uFF0E\uFF0F\uFF1A-]/u;
const falseMarks = /[\u2024\u2044\u2215\u2236\u29F8\uA789\uFF0E\uFF0F\uFF1A]/u;
// Variants of plain letters: mathematical, full-width, enclosed, small capitals and phonetic ones, Roman numerals.
const styled =
  /[\u{1D400}-\u{1D7FF}\u{FF10}-\u{FF19}\u{FF20}-\u{FF3A}\u{FF41}-\u{FF5A}\u{249C}-\u{24E9}\u{1F130}-\u{1F189}\u{1D00}-\u{1D25}\u{2160}-\u{2188}\u{2102}\u{210A}-\u{2115}\u{2119}-\u{211D}\u{2124}\u{2128}\u{212C}-\u{2138}\u{2145}-\u{2149}]/u;
const phonetic = /[\u{250}-\u{2AF}]/u;
// Cyrillic and Greek letters that are drawn like Latin ones (TR 39 confusables).
const latinTwins = /^[авекмнорстухАВЕКМНОРСТУХЅѕІіЈјԚԛԜԝҮүһΑΒΕΖΗΙΚΜΝΟΡΤΥΧαγικνορτυχ]+$/u;

/** Cuts text into what may be shown as it is and what has to be shown for what it is. */
export function reveal(text: string): Piece[] {
  const characters = [...text.replaceAll('\r\n', '\n')];
  const pieces: Piece[] = [];
  let plain = '';
  const flush = () => {
    if (plain !== '') pieces.push(...words(plain));
    plain = '';
  };

  for (let i = 0; i < characters.length; ) {
    const character = characters[i] ?? '';
    if (isEmojiGlue(characters, i)) {
      plain += character;
      i += 1;
      continue;
    }
    if (silent.test(character)) {
      const count = run(characters, i, (other) => silent.test(other));
      const alike = run(characters, i, (other) => other === character) === count;
      flush();
      pieces.push({ kind: 'mark', code: alike ? codeOf(character) : `${codeOf(character)}…`, count });
      i += count;
      continue;
    }
    if (character === '\n') {
      const count = run(characters, i, (other) => other === '\n' || space.test(other));
      const lines = characters.slice(i, i + count).filter((other) => other === '\n').length;
      if (lines > fewLines) {
        flush();
        pieces.push({ kind: 'lines', count: lines });
        i += count;
        continue;
      }
    }
    if (space.test(character)) {
      const count = run(characters, i, (other) => space.test(other));
      if (count > fewSpaces) {
        flush();
        pieces.push({ kind: 'space', count });
        i += count;
        continue;
      }
    }
    if (combining.test(character)) {
      const count = run(characters, i, (other) => combining.test(other));
      if (count > fewMarks) {
        plain += characters.slice(i, i + fewMarks).join('');
        flush();
        pieces.push({ kind: 'mark', code: codeOf(character), count: count - fewMarks });
        i += count;
        continue;
      }
    }
    plain += character;
    i += 1;
  }
  flush();
  return pieces;
}

/**
 * Divides pieces after about `limit` visible characters, so that long text can be folded without cutting a mark in two.
 */
export function foldAt(pieces: Piece[], limit: number): { head: Piece[]; rest: Piece[] } {
  const head: Piece[] = [];
  let left = limit;
  for (const [i, piece] of pieces.entries()) {
    const size = piece.kind === 'text' || piece.kind === 'lookalike' ? piece.text.length : 10;
    if (size <= left || (head.length === 0 && piece.kind !== 'text')) {
      head.push(piece);
      left -= size;
      continue;
    }
    if (piece.kind !== 'text') return { head, rest: pieces.slice(i) };
    const cut = cutBefore(piece.text, left);
    if (cut > 0) head.push({ kind: 'text', text: piece.text.slice(0, cut) });
    return { head, rest: [{ kind: 'text', text: piece.text.slice(cut) }, ...pieces.slice(i + 1)] };
  }
  return { head, rest: [] };
}

/** The nearest place at or before `at` that does not part a surrogate pair. */
function cutBefore(text: string, at: number): number {
  if (at <= 0) return 0;
  return /[\uD800-\uDBFF]/.test(text.charAt(at - 1)) ? at - 1 : at;
}

/** Whether text holds anything that `reveal` would not show as it is. */
export function isDisguised(text: string): boolean {
  return reveal(text).some((piece) => piece.kind !== 'text');
}

/** One line of plain text for places that take no markup (titles, notifications): marks become `[U+202E]`. */
export function revealedLine(text: string): string {
  return reveal(text)
    .map((piece) => {
      if (piece.kind === 'mark') return `[${piece.code}]`;
      if (piece.kind === 'space' || piece.kind === 'lines') return ' … ';
      return piece.text;
    })
    .join('')
    .replaceAll(/\s+/g, ' ');
}

function run(characters: string[], from: number, belongs: (character: string) => boolean): number {
  let end = from;
  while (end < characters.length && belongs(characters[end] ?? '')) end += 1;
  return end - from;
}

function codeOf(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
}

/** Joiners and selectors inside an emoji ("family", "red heart") are how it is written, not a disguise. */
function isEmojiGlue(characters: string[], i: number): boolean {
  const character = characters[i];
  const before = characters[i - 1] ?? '';
  if (character === '\u{FE0F}') return pictograph.test(before) || /[\d#*]/.test(before);
  if (character !== '\u{200D}') return false;
  const after = characters[i + 1] ?? '';
  return (pictograph.test(before) || before === '\u{FE0F}') && pictograph.test(after);
}

/** Splits ordinary text at words whose letters pretend. */
function words(text: string): Piece[] {
  const pieces: Piece[] = [];
  let plain = '';
  // Where a text has letters that only that alphabet draws, its readers read it as such.
  const foreign = /[\p{Script=Cyrillic}\p{Script=Greek}]/u.test(text) && !isOwnAlphabet(text);
  for (const token of tokens(text)) {
    const why = pretends(token) ?? (foreign && isTwin(token) ? 'alike' : undefined);
    if (why === undefined) {
      plain += token;
      continue;
    }
    if (plain !== '') pieces.push({ kind: 'text', text: plain });
    plain = '';
    pieces.push({ kind: 'lookalike', text: token, why });
  }
  if (plain !== '') pieces.push({ kind: 'text', text: plain });
  return pieces;
}

function* tokens(text: string): Generator<string> {
  let token = '';
  let inWord = false;
  for (const character of text) {
    const belongs = word.test(character);
    if (token !== '' && belongs !== inWord) {
      yield token;
      token = '';
    }
    inWord = belongs;
    token += character;
  }
  if (token !== '') yield token;
}

function pretends(token: string): Extract<Piece, { kind: 'lookalike' }>['why'] | undefined {
  if (/^[\p{ASCII}]*$/u.test(token)) return undefined;
  if (styled.test(token)) return 'styled';
  const ascii = /[A-Za-z]/.test(token);
  // Phonetic writing has its own letters; between plain ones they pass for them.
  if (ascii && phonetic.test(token)) return 'styled';
  const latin = /\p{Script=Latin}/u.test(token);
  const other =
    /[\p{Script=Cyrillic}\p{Script=Greek}\p{Script=Armenian}\p{Script=Cherokee}\p{Script=Coptic}\p{Script=Lisu}\p{Script=Deseret}]/u.test(
      token,
    );
  // µ, Ω and the like stand alone in units; only letters inside one word disguise it.
  if (latin && other && /\p{L}{2}/u.test(token)) return 'mixed';
  const eastAsian = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/u.test(token);
  if (ascii && !eastAsian && falseMarks.test(token)) return 'address';
  if (/@|:\/\/|\p{L}\.\p{L}{2,}$/u.test(token) && /(?!\p{ASCII})\p{L}/u.test(token)) return 'address';
  return undefined;
}

/** Whether Cyrillic or Greek letters stand here that could not be taken for Latin ones. */
function isOwnAlphabet(text: string): boolean {
  const letters = text.match(/[\p{Script=Cyrillic}\p{Script=Greek}]/gu) ?? [];
  return letters.some((letter) => !latinTwins.test(letter) && !/[µΩμ]/u.test(letter));
}

/** A word of another alphabet in which every letter is drawn like one of ours: "раура". */
function isTwin(token: string): boolean {
  const letters = token.replaceAll(/[^\p{L}]/gu, '');
  return letters.length >= 3 && latinTwins.test(letters);
}
