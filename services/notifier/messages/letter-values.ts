/** Values as a letter lists them: arguments, and what the agent gave as context. */
import type { Json, JsonObject } from '@countersign/shared/contracts';
import {
  type At,
  type Mask,
  maskOf,
  type PayloadRow,
  rowAt,
  rowsOf,
  type Shown,
  tailOf,
  valueAt,
} from '@countersign/shared/plain';
import type { Line } from './letter.ts';

/** English, until letters speak others. */
export const language = 'en';

/** What stands for a value that is covered. */
export const covered = '••••••••';

/** More than this makes a mail that nobody reads and that clients cut off: the card has all of it. */
const mostLines = 60;

function textOf(shown: Shown): string {
  switch (shown.kind) {
    case 'text':
    case 'number':
    case 'money':
    case 'code':
    case 'link':
      return shown.text;
    case 'date':
      return shown.raw;
    case 'addresses':
    case 'list':
      return shown.items.join(', ');
    case 'flag':
      return shown.on ? 'yes' : 'no';
    case 'nothing':
      return { null: 'none', text: 'empty text', list: 'empty list', object: 'empty' }[shown.what];
  }
}

/** What stood at a place before an edit: covered by what it was, since what came after it may be blank. */
function wasAt(before: JsonObject, at: At, mask: Mask): string {
  const value = valueAt(before, at);
  if (value === undefined) return 'not there';
  return mask(at, value) ? covered : textOf(rowAt(before, at, language).shown);
}

/** Values one a line, covered ones covered; beside each what it was before an edit, and what the edit took away. */
export function linesOf(
  values: JsonObject,
  mask: Mask,
  before?: JsonObject,
): { lines: Line[]; more?: string } {
  const rows = rowsOf(values, language);
  const changed = ({ at }: PayloadRow) =>
    before !== undefined && JSON.stringify(valueAt(before, at)) !== JSON.stringify(valueAt(values, at));
  const lines = rows.map((row): Line => {
    const { at, labels, shown } = row;
    const name = labels.join(' › ');
    const value = valueAt(values, at);
    const line = { name, value: mask(at, value) ? `${covered} ${tailOf(at, value)}`.trim() : textOf(shown) };
    return before !== undefined && changed(row) ? { ...line, was: wasAt(before, at, mask) } : line;
  });
  const gone = (before === undefined ? [] : rowsOf(before, language)).filter(
    ({ at }) => valueAt(values, at) === undefined,
  );
  for (const { at, labels } of gone)
    lines.push({ name: labels.join(' › '), value: 'removed', was: wasAt(before ?? {}, at, mask) });
  const left = lines.length - mostLines;
  return left > 0 ? { lines: lines.slice(0, mostLines), more: `${left} more on the card.` } : { lines };
}

/** What looks like a secret, where no list of policy's says what is one. */
const looksSecret = maskOf({ friction: { kind: 'none', paths: [] }, tool_facts: {} });

/** Policy's list is of arguments: what looks like a secret in the context is covered in any case. */
export const contextMask =
  (mask: Mask): Mask =>
  (at, value) =>
    mask(at, value) || looksSecret(at, value);

/** A value whose shape is the agent's own, as text. */
export const plainValue = (value: Json): string =>
  typeof value === 'string' ? value : JSON.stringify(value);
