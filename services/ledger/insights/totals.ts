/**
 * Sums over all time, for programs that watch counters (docs/insights.md, Prometheus): by few names, since each makes a
 * series, and none of them a person's. They only grow, across restarts too.
 */
import type { Added } from './count.ts';
import { type Counter, columnsOf, type Measures } from './measures.ts';
import type { Memory } from './memory.ts';

/** So many tools have series of their own: those that were asked for first. Agents choose what they ask for. */
const mostTools = 100;
/** All the others. No tool is called so. */
export const otherTools = '(other)';

/** What has one total. `team` is `''` where nobody was asked. */
export type TotalOf = { tool: string; tier: string; team: string };

/** Of requests, what is certain when it is counted: what has arrived is taken back where it was a canary. */
const totalled: readonly string[] = columnsOf(
  [
    ...(['approved', 'edited', 'rejected', 'batched', 'timed_out', 'cancelled', 'waited_ms'] as const),
    ...(['allowed', 'denied', 'granted'] as const),
  ] satisfies Counter[],
  ['wait'],
);

const keyOf = ({ tool, tier, team }: TotalOf): string => JSON.stringify([tool, tier, team]);

function toolOf(tool: string, memory: Memory): string {
  if (memory.get('tool', tool) !== undefined) return tool;
  if (memory.size('tool') >= mostTools) return otherTools;
  memory.set('tool', tool, true);
  return tool;
}

/** Adds what entries have added. */
export function addToTotals(added: Added, memory: Memory): void {
  for (const { place, measures } of added) {
    if (place.reviewer !== '') continue;
    const tool = toolOf(place.tool, memory);
    const key = keyOf({ ...place, tool });
    const before = memory.get('total', key);
    const next: Measures = { ...before };
    let changed = before === undefined;
    for (const name of totalled) {
      const more = measures[name] ?? 0;
      if (more === 0) continue;
      next[name] = (next[name] ?? 0) + more;
      changed = true;
    }
    if (changed) memory.set('total', key, next);
  }
}

/** All of them. */
export function* totalsIn(memory: Pick<Memory, 'all'>): Iterable<TotalOf & { sums: Measures }> {
  for (const [key, sums] of memory.all('total')) {
    const [tool = '', tier = '', team = ''] = JSON.parse(key) as string[];
    yield { tool, tier, team, sums };
  }
}
