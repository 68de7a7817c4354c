/**
 * What a mail says, before it is plain text or HTML: both are drawn from this one, so that neither leaves out what the
 * other has. Every text in it may be an agent's; whoever draws it makes disguises visible and lets nothing act.
 */
import type { Tier } from '@countersign/shared/contracts';
import { foldAt, type Piece, reveal } from '@countersign/shared/plain';

/** A piece of a sentence: our own words, or a value of the call, which is shown as one. */
export type Part = string | { value: string; missing?: true };

/** One value by its name, and what it was where an edit changed it. */
export type Line = { name: string; value: string; was?: string };

export type Block =
  /** Values, one a line; `more` says what was left out. `ours`: we wrote them, and their addresses may be followed. */
  | { kind: 'lines'; title: string; lines: Line[]; more?: string; ours?: true }
  /** What policy knows; `warns` stands out. */
  | { kind: 'facts'; facts: { name: string; value: string; warns: boolean }[] }
  /** The agent's own words, in a box that nobody takes for ours. */
  | { kind: 'said'; title: string; said: { name?: string; text: string }[] }
  /** Our own sentences, with values in them. */
  | { kind: 'notes'; title: string; notes: Part[][] }
  /** Something to mind. */
  | { kind: 'warning'; text: string }
  /** Requests, one a row. */
  | { kind: 'rows'; title: string; rows: Row[]; more?: string };

/** A request among others. */
export type Row = { tier: Tier; sentence: Part[]; about: string; link?: string };

export type Letter = {
  /** Absent where it is about several. */
  tier?: Tier;
  /** Who asks, and how long it may wait: the line above the sentence. */
  above: string[];
  /** How it ended, or why this comes again. */
  status?: { text: string; tone: 'good' | 'bad' | 'calm' };
  sentence: Part[];
  below: string[];
  /** The only way to decide: a page. `quiet` where there is nothing to do on it. */
  link?: { text: string; href: string; note: string; quiet?: true };
  blocks: Block[];
  /** Why it came, and how it is known. */
  foot: string[];
};

const lookalikes = {
  mixed: 'mixed alphabets',
  styled: 'drawn letters',
  address: 'not plain letters',
  alike: 'looks like other letters',
} as const;

/** What is said in place of a disguise, or beside it; undefined for text that is what it looks like. */
export function remarkOn(piece: Piece): string | undefined {
  switch (piece.kind) {
    case 'text':
      return undefined;
    case 'mark':
      return piece.count === 1 ? piece.code : `${piece.code} ×${piece.count}`;
    case 'space':
      return `${piece.count} spaces`;
    case 'lines':
      return `${piece.count} line breaks`;
    case 'lookalike':
      return lookalikes[piece.why];
  }
}

/** Of one text a mail holds no more than so many visible characters: the card has the rest. */
const longest = 2_000;

/** A text in pieces, its end cut off where it is long, which is said. */
export function piecesOf(text: string): Piece[] {
  const { head, rest } = foldAt(reveal(text), longest);
  if (rest.length === 0) return head;
  return [...head, { kind: 'text', text: `… (cut: the card has all ${text.length} characters)` }];
}

/** Text with its disguises taken off, in brackets; its own line breaks stay. */
export function plainly(text: string): string {
  return piecesOf(text)
    .map((piece) => {
      const remark = remarkOn(piece);
      const shown = piece.kind === 'text' || piece.kind === 'lookalike' ? piece.text : '';
      return remark === undefined ? shown : `${shown}[${remark}]`;
    })
    .join('');
}

/** The same as one line. */
export const onOneLine = (text: string): string => plainly(text).replaceAll(/\s+/g, ' ').trim();

/** A sentence as one line, its values set apart by quotation marks; no value can end its own quotation. */
export function sentenceText(parts: readonly Part[]): string {
  return parts
    .map((part) => {
      if (typeof part === 'string') return onOneLine(` ${part} `) === '' ? ' ' : spaced(part);
      if (part.missing) return '(missing)';
      const value = onOneLine(part.value);
      // Numbers and sums of money have nothing to say but themselves.
      const bare = /^(?:[\p{Sc}\d.,\s-]{1,30}|true|false|null)$/u.test(value);
      return bare ? value : `“${value.replaceAll(/[“”]/g, '"')}”`;
    })
    .join('')
    .trim();
}

/** One line that keeps the space at its ends: it stands between values. */
function spaced(part: string): string {
  const line = onOneLine(part);
  return `${/^\s/.test(part) ? ' ' : ''}${line}${/\s$/.test(part) ? ' ' : ''}`;
}

/** No more than so many characters, cut between characters and never inside a remark's brackets. */
export function cut(text: string, most: number): string {
  const characters = [...text];
  if (characters.length <= most) return text;
  const kept = characters.slice(0, most - 1).join('');
  return `${kept.replace(/\[[^\]]{0,30}$/, '')}…`;
}

const mostInSubject = 200;

/** `[high] Refund €80.00 to “ann@example.com”`: one line, at most 200 characters. */
export function subjectOf(prefix: string, sentence: readonly Part[]): string {
  return cut(`${prefix} ${sentenceText(sentence)}`, mostInSubject);
}
