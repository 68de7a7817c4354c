import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { useKeys } from '../surface/keys.ts';
import { say } from '../words/say.ts';
import { HistoryRow } from './HistoryRow.tsx';
import { recall, remember } from './recall.ts';
import type { Results } from './results.ts';
import { rowsShown, topShowing } from './rows-shown.ts';

/** Pixels; `history.css` draws its lines as high. */
export const rowHeight = 60;
/** The next page is asked for when so many lines are left. */
const ahead = 40;

type Props = { results: Results; me: string; busy: boolean; onNearEnd: () => void };

/**
 * The lines found. Only those in sight are drawn, so that thousands scroll as well as ten. Coming back from a card
 * finds the same place.
 */
export function HistoryList({ results, me, busy, onNearEnd }: Props) {
  const { query, rows } = results;
  const list = useRef<HTMLUListElement>(null);
  const box = useRef<HTMLElement | null>(null);
  const [view, setView] = useState({ top: recall(query)?.top ?? 0, height: 800 });
  const [active, setActive] = useState(() => rows.findIndex(({ id }) => id === recall(query)?.opened));
  const opened = useRef<string | null>(recall(query)?.opened ?? null);
  const now = Date.now();

  useLayoutEffect(() => {
    const element = list.current?.parentElement;
    if (!element) return;
    box.current = element;
    element.scrollTop = recall(query)?.top ?? 0;
    // The line that was left is where a keyboard goes on.
    element
      .querySelector<HTMLElement>(`[data-id="${CSS.escape(opened.current ?? '')}"]`)
      ?.focus({ preventScroll: true });
    const look = () => setView({ top: element.scrollTop, height: element.clientHeight });
    look();
    element.addEventListener('scroll', look, { passive: true });
    const sizes = new ResizeObserver(look);
    sizes.observe(element);
    return () => {
      element.removeEventListener('scroll', look);
      sizes.disconnect();
    };
  }, []);

  useEffect(() => {
    remember(query, { results, top: view.top, opened: opened.current });
  }, [results, view.top]);

  const { first, last } = rowsShown(view.top, view.height, rowHeight, rows.length);
  useEffect(() => {
    if (rows.length - last < ahead && results.cursor !== undefined && !busy) onNearEnd();
  }, [last, rows.length, results.cursor, busy]);

  const moveTo = (row: number) => {
    const element = box.current;
    if (!element || rows.length === 0) return;
    const to = Math.max(0, Math.min(rows.length - 1, row));
    element.scrollTop = topShowing(to, element.scrollTop, element.clientHeight, rowHeight);
    setView({ top: element.scrollTop, height: element.clientHeight });
    setActive(to);
    // The line is drawn by then, if it was not before.
    requestAnimationFrame(() =>
      list.current?.querySelector<HTMLElement>(`[data-row="${to}"] a`)?.focus({ preventScroll: true }),
    );
  };
  const step = (by: number) =>
    moveTo(active === -1 ? first + (by > 0 ? beyondSight(first, view.top) : 0) : active + by);
  useKeys({ j: () => step(1), k: () => step(-1), ArrowDown: () => step(1), ArrowUp: () => step(-1) });

  const shown = Array.from({ length: last - first }, (_, i) => first + i);
  // A line with the focus stays, wherever the list is scrolled to.
  if (active >= 0 && active < rows.length && (active < first || active >= last)) shown.push(active);
  const reachable = active >= 0 && active < rows.length ? active : 0;
  return (
    <ul
      ref={list}
      class="found"
      aria-label={say('history')}
      style={{ height: `${rows.length * rowHeight}px` }}
    >
      {shown.map((row) => {
        const found = rows[row];
        if (!found) return null;
        return (
          <li
            key={found.id}
            data-row={row}
            aria-setsize={results.cursor === undefined ? rows.length : -1}
            aria-posinset={row + 1}
            style={{ transform: `translateY(${row * rowHeight}px)` }}
          >
            <HistoryRow
              found={found}
              me={me}
              now={now}
              current={row === reachable}
              onFocus={() => setActive(row)}
              onOpen={() => {
                opened.current = found.id;
                remember(query, { results, top: box.current?.scrollTop ?? 0, opened: found.id });
              }}
            />
          </li>
        );
      })}
    </ul>
  );
}

/** How many of the drawn lines lie above those in sight. */
function beyondSight(first: number, top: number): number {
  return Math.ceil(top / rowHeight) - first;
}
