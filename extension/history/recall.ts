/** Where the reader was in a search: kept in this page's memory, so that Back returns to the very line. */
import type { Results } from './results.ts';

export type Recalled = {
  results: Results;
  /** Pixels from the top of the list. */
  top: number;
  /** The request that was opened from it. */
  opened: string | null;
};

/** As many searches as a person goes back through. */
const most = 8;
const recalled = new Map<string, Recalled>();

export function recall(query: string): Recalled | undefined {
  return recalled.get(query);
}

/** Keeps it; of more than a few, the one that was left longest ago goes. */
export function remember(query: string, place: Recalled): void {
  recalled.delete(query);
  recalled.set(query, place);
  const [oldest] = recalled.keys();
  if (recalled.size > most && oldest !== undefined) recalled.delete(oldest);
}
