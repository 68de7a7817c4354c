/**
 * What an agent wrote must not command the terminal, hide, reorder or impersonate: every character that is
 * not simply visible is written out by its code.
 */

// Controls (with them ANSI sequences), formats (bidirectional overrides), private use, unassigned, lone
// surrogates, line and paragraph separators; what Unicode lets a renderer ignore (zero-width characters,
// fillers, tags, variation selectors); every space but the plain one, and the empty Braille pattern.
const INVISIBLE =
  /\p{C}|\p{Zl}|\p{Zp}|\p{Default_Ignorable_Code_Point}|[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000\u2800]/gu;

/** More marks than any script stacks, so that one line can not be painted over its neighbours. */
const STACKED = /(?<=\p{M}{4})\p{M}+/gu;

/** A gap that pushes what follows out of sight. */
const GAP = / {9,}/g;

/** The text as one line that shows all that is in it: `⟨U+202E⟩` for what can not be seen, gaps counted. */
export function inert(text: string): string {
  return text
    .replace(
      INVISIBLE,
      (char) => `⟨U+${(char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}⟩`,
    )
    .replace(STACKED, (marks) => `⟨${marks.length} more marks⟩`)
    .replace(GAP, (gap) => `⟨${gap.length} spaces⟩`);
}

/**
 * The same for a text of several lines, each cut to a width and led by a bar, so that no line of it can
 * pass for one of ours.
 *
 * @param width columns, the bar included
 */
export function quoted(text: string, width: number): string[] {
  const room = Math.max(width - 2, 20);
  return text.split('\n').flatMap((line) => {
    const shown = Array.from(inert(line));
    const rows: string[] = [];
    for (let start = 0; start === 0 || start < shown.length; start += room) {
      rows.push(`│ ${shown.slice(start, start + room).join('')}`.trimEnd());
    }
    return rows;
  });
}

/**
 * JSON for scripts that is inert as well, should it end up on a screen: all but printable ASCII is escaped.
 *
 * @param indent spaces; 0 keeps it on one line
 */
export function inertJson(value: unknown, indent = 2): string {
  return escaped(JSON.stringify(value, null, indent));
}

/** The same of JSON that is text already: it says the same afterwards. */
export function escaped(text: string): string {
  return text.replace(/[^\n -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
