import type { JsonObject } from '@countersign/shared/contracts';
import { foldAt, type Mask, reveal, type Shown, valueAt } from '@countersign/shared/plain';
import { type ComparedRow, compareRows } from '../edit/changes.ts';
import { type LaidRow, layOut } from './lay-out.ts';
import type { Table } from './table.ts';

/** What is longer waits for a click, and an approval waits with it: a verdict is on what was shown (law 6). */
export const mostRows = 60;
export const mostCharacters = 600;
export const mostItems = 30;
export const mostTableRows = 10;

/** The lines of a payload: compared with an earlier one where there is one, otherwise laid out by kind. */
export function payloadRows(args: JsonObject, before: JsonObject | undefined, language: string): LaidRow[] {
  return before ? compareRows(args, before, language) : layOut(args, language);
}

/** Whether a value is shown in part only, until it is opened. */
export function isLong(shown: Shown, table?: Table): boolean {
  if (table) return table.rows.length > mostTableRows;
  if (shown.kind === 'text') return isLongText(shown.text);
  if (shown.kind === 'code') return shown.text.length > mostCharacters;
  return (shown.kind === 'list' || shown.kind === 'addresses') && shown.items.length > mostItems;
}

/** By what is seen of it: five thousand spaces are one mark. */
function isLongText(text: string): boolean {
  return text.length > mostCharacters && foldAt(reveal(text), mostCharacters).rest.length > 0;
}

/**
 * Whether any of it waits behind a click: lines beyond the first, or a long value that was not unfolded. What is
 * covered is so by policy's wish and is not waited for; a difference is never folded.
 */
export function isPartlyShown(
  rows: LaidRow[],
  args: JsonObject,
  mask: Mask,
  unfolded: ReadonlySet<string>,
): boolean {
  if (rows.length > mostRows) return true;
  return rows.some(
    (row) => isFoldable(row) && !unfolded.has(row.path) && !mask(row.at, valueAt(args, row.at)),
  );
}

function isFoldable(row: LaidRow & ComparedRow): boolean {
  return row.before === undefined && isLong(row.shown, row.table);
}
