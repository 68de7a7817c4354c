import { inert } from './inert.ts';

/** A cell that is longer is cut, and ends in an ellipsis. */
const longest = 40;

/** Rows under a head, each column as wide as its widest cell; what is in a cell is inert. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const shown = [head, ...rows].map((row) => row.map((cell) => cut(Array.from(inert(cell)))));
  const widths = head.map((_, at) => Math.max(...shown.map((row) => row[at]?.length ?? 0)));
  return shown.map((row) =>
    row
      .map((cell, at) => cell.join('') + ' '.repeat((widths[at] ?? 0) - cell.length))
      .join('  ')
      .trimEnd(),
  );
}

const cut = (characters: string[]): string[] =>
  characters.length <= longest ? characters : [...characters.slice(0, longest - 1), '…'];
