import type { JsonObject } from '@countersign/shared/contracts';
import { type PayloadRow, rowsOf, type Shown } from '@countersign/shared/plain';

/** A line of the payload with what stood there before, where that differs. */
export type ComparedRow = PayloadRow & { before?: Shown | null; gone?: boolean };

/**
 * The payload compared with an earlier one, line by line: `before` is the earlier value, null where there was none;
 * a line that is no longer there comes last, with `gone`.
 */
export function compareRows(
  args: JsonObject,
  before: JsonObject | undefined,
  language: string,
): ComparedRow[] {
  const rows = rowsOf(args, language);
  if (!before) return rows;
  const earlier = new Map(rowsOf(before, language).map((row) => [row.path, row]));
  const compared: ComparedRow[] = rows.map((row) => {
    const old = earlier.get(row.path);
    earlier.delete(row.path);
    if (!old) return { ...row, before: null };
    return JSON.stringify(old.shown) === JSON.stringify(row.shown) ? row : { ...row, before: old.shown };
  });
  for (const old of earlier.values()) compared.push({ ...old, before: old.shown, gone: true });
  return compared;
}
