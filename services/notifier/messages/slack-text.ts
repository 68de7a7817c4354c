/** Text of others for plain text in Slack: one line stays one line, and nothing of it can pass for words of ours. */
import type { Json } from '@countersign/shared/contracts';
import type { At, Mask } from '@countersign/shared/plain';
import { onOneLine } from './letter.ts';
import { covered } from './letter-values.ts';

/** Characters of a text in a block: Slack takes 3,000, https://docs.slack.dev/reference/block-kit/blocks/section-block */
const longestText = 2_900;

/** Lines as they are shown, and whether they show exactly what there is, all of it. */
export type Shown = { text: string; exact: boolean };

/**
 * Lines, each with its disguises taken off, as many as fit. What is shown is exact where no line had to be changed or
 * left out, and where Slack would not change it either: it reads some characters as escaped ones
 * (https://docs.slack.dev/messaging/formatting-message-text#escaping).
 */
export function shownLines(raw: readonly string[], most: number = longestText): Shown {
  const lines = raw.map(onOneLine);
  const { text, whole } = fitted(lines, most);
  const same = lines.every((line, at) => line === raw[at] && !/&(?:amp|lt|gt);/.test(line));
  return { text, exact: whole && same };
}

function fitted(lines: readonly string[], most: number): { text: string; whole: boolean } {
  const all = lines.join('\n');
  if (all.length <= most) return { text: all, whole: true };
  const cut = all.slice(0, most - 2);
  const end = cut.lastIndexOf('\n');
  return { text: `${end > 0 ? cut.slice(0, end) : cut.replace(/[\uD800-\uDBFF]$/, '')}\n…`, whole: false };
}

/** Several lines, each behind a bar, so that none passes for one of ours. */
export function quoted(text: string): string[] {
  return text.split('\n').map((part) => (part === '' ? '│' : `│ ${part}`));
}

/**
 * A value as lines of `path: JSON`, one for each value in it, so that any two values that differ have different lines.
 * Texts of several lines stand below their path, behind bars.
 */
export function valueLines(value: Json, mask: Mask): string[] {
  return below(value, [], '', mask);
}

function below(value: Json, at: At, path: string, mask: Mask): string[] {
  if (at.length > 0 && mask(at, value)) return [`${path}: ${covered}`];
  if (typeof value === 'object' && value !== null && !isPlainList(value)) {
    return Object.entries(value).length === 0 && at.length > 0
      ? [`${path}: ${JSON.stringify(value)}`]
      : Object.entries(value).flatMap(([key, inner]) => {
          const step = Array.isArray(value) ? `[${key}]` : stepOf(key, path === '');
          return below(inner, [...at, key], path + step, mask);
        });
  }
  if (typeof value === 'string' && /\S\r?\n/.test(value)) return [`${path}:`, ...quoted(value)];
  return [`${path}: ${JSON.stringify(value)}`];
}

/** A key that reads as a name stands as it is; any other is JSON, so that no key passes for a path or a value. */
function stepOf(key: string, first: boolean): string {
  if (!/^[A-Za-z_][\w-]{0,79}$/.test(key)) return `[${JSON.stringify(key)}]`;
  return first ? key : `.${key}`;
}

function isPlainList(value: object): boolean {
  return Array.isArray(value) && value.every((item) => typeof item !== 'object' || item === null);
}
