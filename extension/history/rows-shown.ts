/** Which lines of a long list are drawn: those in sight and some on either side. Pure. */

/** Lines come and go in blocks, so that most steps of a scroll draw nothing. */
const block = 8;

export type RowsShown = { first: number; last: number };

/**
 * The first and, exclusive, the last line to draw: at least a block beyond each edge, so that a quick turn of the wheel
 * does not show a gap.
 *
 * @param top pixels scrolled
 * @param height pixels in sight
 */
export function rowsShown(top: number, height: number, rowHeight: number, count: number): RowsShown {
  const before = Math.floor(top / rowHeight / block) - 1;
  const after = Math.ceil((top + height) / rowHeight / block) + 1;
  const last = Math.min(count, after * block);
  return { first: Math.min(Math.max(0, before * block), last), last };
}

/** How far to scroll so that a line is in sight as a whole; the same place where it is. */
export function topShowing(row: number, top: number, height: number, rowHeight: number): number {
  const start = row * rowHeight;
  if (start < top) return start;
  return start + rowHeight > top + height ? start + rowHeight - height : top;
}
