/** What a search has found so far. Pure; the reading is done by `use-results.ts`. */
import type { Trouble } from '../api/trouble.ts';
import type { Found } from './found.ts';

export type Results = {
  /** The search that these are of. */
  query: string;
  rows: Found[];
  /** Where the next page begins; undefined at the end. */
  cursor: string | undefined;
};

/** `results` is null before the first answer, and of an earlier search while another is being read. */
export type Reading = { results: Results | null; busy: boolean; trouble: Trouble | null };

export type Page = { rows: Found[]; cursor: string | undefined };

/** A page arrived: the first of its search, or one more. A request that two pages name stands where it stood first. */
export function withPage(results: Results | null, query: string, page: Page): Results {
  if (results?.query !== query) return { query, ...page };
  const known = new Set(results.rows.map(({ id }) => id));
  return {
    query,
    rows: [...results.rows, ...page.rows.filter(({ id }) => !known.has(id))],
    cursor: page.cursor,
  };
}

/** A request changed: its line changes in its place, even where it would not be found any more. Nothing moves. */
export function withChanged(results: Results, found: Found): Results {
  const at = results.rows.findIndex(({ id }) => id === found.id);
  return at === -1 ? results : { ...results, rows: results.rows.with(at, found) };
}
