/**
 * Whether misses of canaries have become more frequent: a chart (CUSUM) for each cell, for each team and for all teams,
 * each of them over all time. Pure.
 *
 * Every canary is in one cell, so telling cells apart costs no false alarms: there is one in some 215 canaries, wherever
 * they fall. What it costs is time, since each chart sees its own canaries only; that is why there are those of teams,
 * too, which see a habit that sets in everywhere sooner than any cell of theirs (docs/oversight.md).
 */
import type { Drift } from '@countersign/shared/contracts';
import { CATCH_DRIFT, LEAST, stepCusum } from '@countersign/shared/figures';
import type { z } from 'zod';
import { type Cell, cellKey } from './cell.ts';
import type { DriftState, Memory } from './memory.ts';

const unmoved: DriftState = { sum: 0, n: 0, alarms: 0, last_alarm: null };

/** A chart after one canary more, which was decided then (Redis ms). */
export function chartAfter(chart: DriftState | undefined, caught: boolean, at: number): DriftState {
  const { sum: before, n, alarms, last_alarm } = chart ?? unmoved;
  const { sum, alarm } = stepCusum(before, !caught, CATCH_DRIFT);
  return { sum, n: n + 1, alarms: alarms + (alarm ? 1 : 0), last_alarm: alarm ? at : last_alarm };
}

/** The charts as they stand: of teams by name, of all under `allTeams`. */
export type Charts = {
  teams: ReadonlyMap<string, DriftState>;
  ofCell: (cell: Cell) => DriftState | undefined;
};

export const chartsIn = (memory: Pick<Memory, 'all' | 'get'>): Charts => ({
  teams: new Map(memory.all('drift')),
  ofCell: (cell) => memory.get('cell_drift', cellKey(cell)),
});

/** Whether one of them has raised its alarm since then. */
export const isAlarmed = (charts: readonly (DriftState | undefined)[], since: number): boolean =>
  charts.some((chart) => chart?.last_alarm != null && chart.last_alarm >= since);

/**
 * What may be said of some cells: of one, its chart; of several, the highest sum, and what all of them have seen. An alarm
 * is said whenever it comes, since it rests on four misses at least; that there is none is said from 20 canaries in one
 * chart on, which with 40% missed would have raised it four times in five. Before that it is too few to say.
 */
export function driftOf(charts: readonly (DriftState | undefined)[]): z.infer<typeof Drift> {
  const known = charts.filter((chart) => chart !== undefined);
  const most = Math.max(0, ...known.map(({ n }) => n));
  const alarms = known.reduce((all, chart) => all + chart.alarms, 0);
  if (alarms === 0 && most < LEAST.catchTeam) return { enough: false, n: most, needed: LEAST.catchTeam };
  const last = Math.max(...known.map(({ last_alarm }) => last_alarm ?? Number.NEGATIVE_INFINITY));
  return {
    enough: true,
    n: known.reduce((all, { n }) => all + n, 0),
    sum: Math.max(0, ...known.map(({ sum }) => sum)),
    alarms,
    last_alarm: alarms === 0 ? null : new Date(last).toISOString(),
  };
}
