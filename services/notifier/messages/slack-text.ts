/** Text of others for plain text in Slack: one line stays one line, and nothing of it can pass for words of ours. */
import type { Json } from '@countersign/shared/contracts';
import { type At, isDisguised, type Mask, revealedLine } from '@countersign/shared/plain';

/** What stands for a value that is covered. */
export const covered = '••••••••';

/** Characters of a text in a block: Slack takes 3,000, https://docs.slack.dev/reference/block-kit/blocks/section-block */
export const longestText = 2_900;

/** Lines that were cut to what a block takes, and whether any were left out. */
export type Fitted = { text: string; whole: boolean };

/** As many whole lines as fit. */
export function fitted(lines: readonly string[], most: number = longestText): Fitted {
  const all = lines.join('\n');
  if (all.length <= most) return { text: all, whole: true };
  const cut = all.slice(0, most - 2);
  const end = cut.lastIndexOf('\n');
  return { text: `${end > 0 ? cut.slice(0, end) : wholeCharacters(cut)}\n…`, whole: false };
}

/** One line of at most so many characters. */
export function line(text: string, most: number): string {
  const shown = revealedLine(text).trim();
  return shown.length <= most ? shown : `${wholeCharacters(shown.slice(0, most - 1))}…`;
}

/** Several lines, each behind a bar, so that none passes for one of ours. */
export function quoted(text: string): string[] {
  return text
    .replaceAll('\r\n', '\n')
    .split('\n')
    .map((part) => `│ ${revealedLine(part)}`);
}

/** A value inside a sentence of ours: it can not close its quotation marks and go on as if it were us. */
export function inWords(value: string): string {
  const shown = revealedLine(value).replaceAll(/[“”]/g, '"');
  // Numbers and sums of money have nothing to say but themselves.
  return /^[\p{Sc}\d.,\s-]{1,30}$/u.test(shown) ? shown : `“${shown}”`;
}

/**
 * A value as lines of `path: JSON`, one for each value in it, so that any two values that differ read differently. Texts
 * of several lines stand below their path, behind bars.
 */
export function valueLines(value: Json, mask: Mask): string[] {
  return below(value, [], '', mask);
}

function below(value: Json, at: At, path: string, mask: Mask): string[] {
  if (at.length > 0 && mask(at, value)) return [`${path}: ${covered}`];
  if (typeof value === 'object' && value !== null && !isPlainList(value)) {
    const entries = Object.entries(value);
    if (entries.length > 0) {
      return entries.flatMap(([key, inner]) => {
        const step = Array.isArray(value) ? `[${key}]` : stepOf(key, path === '');
        return below(inner, [...at, key], path + step, mask);
      });
    }
  }
  if (typeof value === 'string' && /\S\r?\n/.test(value)) return [`${path}:`, ...quoted(value)];
  return [`${path}: ${revealedLine(JSON.stringify(value))}`];
}

/** A key that reads as a name stands as it is; any other is JSON, so that no key passes for a path or a value. */
function stepOf(key: string, first: boolean): string {
  if (!/^[A-Za-z_][\w-]{0,79}$/.test(key)) return `[${revealedLine(JSON.stringify(key))}]`;
  return first ? key : `.${key}`;
}

function isPlainList(value: object): boolean {
  return Array.isArray(value) && value.every((item) => typeof item !== 'object' || item === null);
}

/**
 * Whether Slack shows text exactly as it is: nothing in it is disguised, nothing is what Slack reads as an escaped
 * character (https://docs.slack.dev/messaging/formatting-message-text#escaping).
 */
export function isExact(value: Json): boolean {
  const text = JSON.stringify(value);
  return !/&(?:amp|lt|gt);/.test(text) && textsOf(value).every((part) => !isDisguised(part));
}

function textsOf(value: Json): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => [key, ...textsOf(inner)]);
}

/** Does not end in half of a surrogate pair. */
function wholeCharacters(text: string): string {
  return /[\uD800-\uDBFF]$/.test(text) ? text.slice(0, -1) : text;
}
