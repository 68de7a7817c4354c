import type { Row } from '../keep/items.ts';

type Known = { rows: Row[]; total: number };

/** Tiers that may interrupt a person at work. The others wait in the queue. */
const interrupting: ReadonlySet<Row['tier']> = new Set(['high', 'critical']);

/**
 * The rows worth interrupting for: new, and of a tier that interrupts. Only when the queue grew: a person who has
 * just decided something is not rewarded with a pop-up about the rest.
 */
export function newcomers(before: Known | null, after: Known): Row[] {
  if (before && after.total <= before.total) return [];
  const known = new Set(before?.rows.map((row) => row.id));
  return after.rows.filter((row) => !known.has(row.id) && interrupting.has(row.tier));
}
