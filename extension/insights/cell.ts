/** Of which cell figures are shown, as a link of an alert has it: `#/insights?team=finance&tool=pay&rule=big&tier=high`. Pure. */
import type { FigureRow } from '@countersign/shared/contracts';

const names = ['tool', 'rule', 'tier'] as const;
export type InsightsCell = Partial<Record<(typeof names)[number], string>>;

/** Reads it off the address; null where it names none. */
export function cellIn(hash: string): InsightsCell | null {
  const query = new URLSearchParams(hash.split('?')[1] ?? '');
  const given = names.flatMap((name): [string, string][] => {
    const value = query.get(name);
    return value ? [[name, value.slice(0, 200)]] : [];
  });
  return given.length === 0 ? null : Object.fromEntries(given);
}

/** The rows of that cell. */
export const rowsOf = (rows: readonly FigureRow[], cell: InsightsCell | null): readonly FigureRow[] =>
  cell === null
    ? rows
    : rows.filter((row) =>
        names.every(
          (name) => cell[name] === undefined || row[name] === undefined || row[name] === cell[name],
        ),
      );
