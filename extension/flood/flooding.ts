import type { Row } from '../keep/items.ts';

/** This many requests of one agent are more than anyone reads with care. */
const many = 10;

/**
 * The agent of which most waits, where that is too much; null where none asks too much.
 *
 * @param rows the part of the queue that is known, so that `waiting` may be too small and never too large
 */
export function floodingAgent(rows: readonly Row[]): { agent: string; waiting: number } | null {
  const counts = new Map<string, number>();
  for (const { agent } of rows) counts.set(agent, (counts.get(agent) ?? 0) + 1);
  const [most] = [...counts].sort(([, a], [, b]) => b - a);
  // A name with a star in it would stop other agents as well.
  if (most === undefined || most[1] < many || most[0].includes('*')) return null;
  return { agent: most[0], waiting: most[1] };
}
