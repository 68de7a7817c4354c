/** What a benchmark found, and the table that shows it. */

/** One line of the table. A ratio compares two things measured in the same run; `aim` says what was promised of it. */
export type Figure = { what: string; value: string; against: string; ratio?: string; aim?: string };

/** The middle value; of an even number the lower middle, so that it is one that was measured. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted[Math.floor((sorted.length - 1) / 2)];
  if (middle === undefined) throw new Error('a median of nothing');
  return middle;
}

/** A number with three significant digits and grouped thousands. */
export function short(value: number): string {
  return value.toLocaleString(
    'en-US',
    value >= 100 ? { maximumFractionDigits: 0 } : { maximumSignificantDigits: 3 },
  );
}

/** A Markdown table, its columns padded so that it also reads in a terminal. */
export function table(figures: readonly Figure[]): string {
  const rows = [
    ['what', 'measured', 'against', 'ratio', 'aim'],
    ...figures.map(({ what, value, against, ratio, aim }) => [what, value, against, ratio ?? '', aim ?? '']),
  ];
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  const [head = [], ...body] = rows;
  return [line(head), `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`, ...body.map(line)].join(
    '\n',
  );
}
