import type { VNode } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { useKeys } from '../surface/keys.ts';
import { say } from '../words/say.ts';
import type { Found } from './found.ts';
import { HistoryRow } from './HistoryRow.tsx';
import { recall, remember } from './recall.ts';
import type { Results } from './results.ts';
import { type RowsShown, rowsShown, topShowing } from './rows-shown.ts';

/** Pixels; `history.css` draws its lines as high. */
const rowHeight = 60;
/** The next page is asked for when so many lines are left. */
const ahead = 40;
/** Pixels in sight before anything was measured. */
const likelyHeight = 800;

type Props = { results: Results; me: string; busy: boolean; onNearEnd: () => void };

/** A line as it was drawn last: the same again is not compared again. */
type Drawn = { found: Found; row: number; current: boolean; size: number; line: VNode };

/**
 * The lines found. Only those in sight are drawn, so that thousands scroll as well as ten. Coming back from a card
 * finds the same place.
 */
export function HistoryList({ results, me, busy, onNearEnd }: Props) {
  const { query, rows } = results;
  const [before] = useState(() => recall(query));
  const list = useRef<HTMLUListElement>(null);
  const top = useRef(before?.top ?? 0);
  const opened = useRef(before?.opened ?? null);
  const latest = useRef(results);
  latest.current = results;
  const [shown, setShown] = useState<RowsShown>(() =>
    rowsShown(top.current, likelyHeight, rowHeight, rows.length),
  );
  const [active, setActive] = useState(() => rows.findIndex(({ id }) => id === opened.current));
  const [now] = useState(Date.now);

  const look = () => {
    const box = list.current?.parentElement;
    if (!box) return;
    top.current = box.scrollTop;
    const next = rowsShown(box.scrollTop, box.clientHeight, rowHeight, latest.current.rows.length);
    setShown((last) => (last.first === next.first && last.last === next.last ? last : next));
  };
  useLayoutEffect(() => {
    const box = list.current?.parentElement;
    if (!box) return;
    box.scrollTop = top.current;
    // The line that was left is where a keyboard goes on.
    linkOf(list.current, opened.current)?.focus({ preventScroll: true });
    box.addEventListener('scroll', look, { passive: true });
    const sizes = new ResizeObserver(look);
    sizes.observe(box);
    return () => {
      box.removeEventListener('scroll', look);
      sizes.disconnect();
      remember(query, { results: latest.current, top: top.current, opened: opened.current });
    };
  }, []);
  useLayoutEffect(look, [rows.length]);

  useEffect(() => {
    if (rows.length - shown.last < ahead && results.cursor !== undefined && !busy) onNearEnd();
  }, [shown.last, rows.length, results.cursor, busy]);

  const moveTo = (wanted: number) => {
    const box = list.current?.parentElement;
    const row = Math.max(0, Math.min(rows.length - 1, wanted));
    const found = rows[row];
    if (!box || !found) return;
    box.scrollTop = topShowing(row, box.scrollTop, box.clientHeight, rowHeight);
    look();
    setActive(row);
    // Drawn by then, if it was not before.
    requestAnimationFrame(() => linkOf(list.current, found.id)?.focus({ preventScroll: true }));
  };
  const firstInSight = () => Math.ceil(top.current / rowHeight);
  const step = (by: 1 | -1) => moveTo(active === -1 ? firstInSight() : active + by);
  useKeys({ j: () => step(1), k: () => step(-1), ArrowDown: () => step(1), ArrowUp: () => step(-1) });

  const wanted = Array.from({ length: shown.last - shown.first }, (_, i) => shown.first + i);
  const known = active >= 0 && active < rows.length;
  // A line with the focus stays, wherever the list is scrolled to.
  if (known && (active < shown.first || active >= shown.last)) wanted.push(active);
  const reachable = known ? active : 0;
  const size = results.cursor === undefined ? rows.length : -1;

  const last = useRef(new Map<string, Drawn>());
  const drawn = new Map<string, Drawn>();
  for (const row of wanted) {
    const found = rows[row];
    if (!found) continue;
    const current = row === reachable;
    const before = last.current.get(found.id);
    const same =
      before?.found === found && before.row === row && before.current === current && before.size === size;
    drawn.set(
      found.id,
      same ? before : { found, row, current, size, line: lineOf(found, row, current, size, me, now) },
    );
  }
  last.current = drawn;

  return (
    <ul
      ref={list}
      class="found"
      aria-label={say('history')}
      style={{ height: `${rows.length * rowHeight}px` }}
      onFocusIn={(event) => {
        const row = rows.findIndex(({ id }) => id === idOf(event.target));
        if (row !== -1) setActive(row);
      }}
      onClickCapture={(event) => {
        opened.current = idOf(event.target) ?? opened.current;
      }}
    >
      {[...drawn.values()].map(({ line }) => line)}
    </ul>
  );
}

function lineOf(found: Found, row: number, current: boolean, size: number, me: string, now: number): VNode {
  return (
    <li
      key={found.id}
      aria-setsize={size}
      aria-posinset={row + 1}
      style={{ transform: `translateY(${row * rowHeight}px)` }}
    >
      <HistoryRow found={found} me={me} now={now} current={current} />
    </li>
  );
}

/** The request of the line that something is in. */
function idOf(target: EventTarget | null): string | null {
  if (!(target instanceof Element)) return null;
  return target.closest<HTMLElement>('[data-id]')?.dataset.id ?? null;
}

function linkOf(list: HTMLElement | null, id: string | null): HTMLElement | null {
  return id === null ? null : (list?.querySelector<HTMLElement>(`[data-id="${CSS.escape(id)}"]`) ?? null);
}
