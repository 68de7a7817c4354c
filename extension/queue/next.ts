import type { Later, Row } from '../keep/items.ts';

/** The row to go on with: the first after `current`, then from the top, that is not put off. Undefined when all are. */
export function nextToLookAt(
  rows: readonly Row[],
  current: string | undefined,
  later: Later,
  now: number,
): Row | undefined {
  const at = rows.findIndex(({ id }) => id === current);
  const around = [...rows.slice(at + 1), ...rows.slice(0, Math.max(0, at))];
  return around.find(({ id }) => (later[id] ?? 0) <= now);
}
