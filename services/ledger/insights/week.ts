/** Load over the last seven days, team by team, for programs that watch gauges. */
import { loadOf } from '@countersign/shared/figures';
import type { Engine } from '../history/engine.ts';
import { dayMs, hourMs, hourOf } from './cell.ts';
import { allTeams } from './count.ts';
import { grains } from './rollups.ts';

const week = 7 * dayMs;

/** `hours` that were watched; `busy` once they are a week, to the percent: it is about a team's load, and no verdict shows in it. */
export type WeekOfTeam = {
  team: string;
  hours: number;
  arrivals: number;
  reviewerHours: number;
  busy?: number;
};

/** The week before `now` (Redis ms), whole hours, of each team in which something happened; of all of them as `all`. */
export async function weekOfTeams(engine: Engine, now: number): Promise<WeekOfTeam[]> {
  const to = hourOf(now) + hourMs;
  const values = { from: to - week, to };
  const [rows, before] = await Promise.all([
    engine.rows(
      `SELECT team, sum(arrived) AS arrivals, sum(people) AS people, sum(timed) AS timed, sum(timed_ms) AS timed_ms,
          min("at") AS first
        FROM ${grains.loads} WHERE "at" >= $from::DOUBLE AND "at" < $to::DOUBLE GROUP BY team ORDER BY team`,
      values,
    ),
    engine.rows(`SELECT 1 FROM ${grains.loads} WHERE "at" < $from::DOUBLE LIMIT 1`, { from: values.from }),
  ]);
  // What was not watched does not count; a quiet Monday of a log that was there does.
  const first = before.length > 0 ? values.from : Math.min(to, ...rows.map((row) => Number(row.first)));
  const hours = Math.round((to - first) / hourMs);
  return rows.map((row) => {
    const [arrivals, reviewerHours, timed] = [Number(row.arrivals), Number(row.people), Number(row.timed)];
    const load = loadOf({
      // What a verdict takes is not known where nobody's was timed.
      hours: timed === 0 ? 0 : hours,
      arrivals,
      handlingMs: Number(row.timed_ms) / Math.max(1, timed),
      reviewerHours,
    });
    const name = String(row.team);
    return {
      team: name === allTeams ? 'all' : name,
      hours,
      arrivals,
      reviewerHours,
      ...(load.enough && Number.isFinite(load.busy) ? { busy: Math.round(100 * load.busy) / 100 } : {}),
    };
  });
}
