/**
 * What a reviewer has done with a batch on this surface: which rows are chosen, opened, decided. The rows themselves
 * never change while it is open: what comes later belongs to the next one. Pure.
 */
import { sumOf } from '@countersign/shared/card';
import type { Batch, BatchRow, RequestView } from '@countersign/shared/contracts';
import type { Trouble } from '../api/trouble.ts';

/** What became of a row: the server's answer to this surface, or that someone or something else was first. */
export type Fate =
  | { kind: 'decided'; request: RequestView }
  | { kind: 'refused'; trouble: Trouble }
  | { kind: 'gone'; request: RequestView };

export type Marks = {
  chosen: ReadonlySet<string>;
  /** Opened, as the server knows. */
  opened: ReadonlySet<string>;
  fates: ReadonlyMap<string, Fate>;
};

/** A batch as it is first shown: nothing is chosen. */
export function freshMarks({ rows }: Pick<Batch, 'rows'>): Marks {
  const opened = rows.filter((row) => row.opened).map(({ id }) => id);
  return { chosen: new Set(), opened: new Set(opened), fates: new Map() };
}

/** Chooses a row, or lets it go. A row that can take no verdict stays as it is. */
export function toggle(marks: Marks, id: string): Marks {
  if (!isUndecided(marks, id)) return marks;
  const chosen = new Set(marks.chosen);
  if (!chosen.delete(id)) chosen.add(id);
  return { ...marks, chosen };
}

/** Chooses every row that can take a verdict; none where all of them are chosen. */
export function toggleAll(marks: Marks, { rows }: Pick<Batch, 'rows'>): Marks {
  const ids = rows.map(({ id }) => id).filter((id) => isUndecided(marks, id));
  return { ...marks, chosen: new Set(ids.every((id) => marks.chosen.has(id)) ? [] : ids) };
}

export function noteOpened(marks: Marks, id: string): Marks {
  return { ...marks, opened: new Set([...marks.opened, id]) };
}

/** A row's fate. One that ends it takes it out of the choice. */
export function noteFate(marks: Marks, id: string, fate: Fate): Marks {
  const next = { ...marks, fates: new Map([...marks.fates, [id, fate]]) };
  if (isUndecided(next, id)) return next;
  return { ...next, chosen: new Set([...marks.chosen].filter((chosen) => chosen !== id)) };
}

/**
 * A row's request was read again. It is gone when someone else or time was first; a version that nobody has seen here
 * is gone as well.
 */
export function noteRead(marks: Marks, row: BatchRow, request: RequestView): Marks {
  if (!isUndecided(marks, row.id)) return marks;
  const same = request.version === row.version && request.args_digest === row.args_digest;
  if (same && request.status === 'pending' && request.verdicts.length === 0) return marks;
  return noteFate(marks, row.id, { kind: 'gone', request });
}

/** Refusals after which the same verdict may well be taken. */
const passing: ReadonlySet<Trouble['code']> = new Set([
  'confirmation_missing',
  'unreachable',
  'unavailable',
  'not_ready',
  'too_busy',
  'rate_limited',
  'internal',
]);

/** Whether a row can still take a verdict here. */
export function isUndecided({ fates }: Marks, id: string): boolean {
  const fate = fates.get(id);
  return fate === undefined || (fate.kind === 'refused' && passing.has(fate.trouble.code));
}

/** Rows that have to be opened before anything is approved. */
export function stillToOpen({ rows }: Pick<Batch, 'rows'>, marks: Marks): string[] {
  return rows.filter((row) => row.must_open && !marks.opened.has(row.id)).map(({ id }) => id);
}

export type ChosenSum = { path: string; currency?: string; total: number };

/** What the chosen rows add up to, for each amount. */
export function chosenSums({ rows, amounts }: Pick<Batch, 'rows' | 'amounts'>, marks: Marks): ChosenSum[] {
  return amounts.map(({ path, currency, each }) => ({
    path,
    ...(currency === undefined ? {} : { currency }),
    total: sumOf(each.filter((_, index) => marks.chosen.has(rows[index]?.id ?? ''))),
  }));
}
