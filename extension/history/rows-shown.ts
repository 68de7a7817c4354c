/** Which lines of a long list are drawn: those in sight and some on either side. Pure. */

/** Lines drawn beyond each edge, so that a quick turn of the wheel does not show a gap. */
const beyond = 12;

export type RowsShown = { first: number; last: number };

/**
 * The first and, exclusive, the last line to draw.
 *
 * @param top pixels scrolled
 * @param height pixels in sight
 */
export function rowsShown(top: number, height: number, rowHeight: number, count: number): RowsShown {
  const first = Math.max(0, Math.floor(top / rowHeight) - beyond);
  const last = Math.min(count, Math.ceil((top + height) / rowHeight) + beyond);
  return { first: Math.min(first, last), last };
}

/** How far to scroll so that a line is in sight as a whole; the same place where it is. */
export function topShowing(row: number, top: number, height: number, rowHeight: number): number {
  const start = row * rowHeight;
  if (start < top) return start;
  return start + rowHeight > top + height ? start + rowHeight - height : top;
}
