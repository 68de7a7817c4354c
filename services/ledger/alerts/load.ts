/** Load: whether more arrives than the reviewers on duty can read, by a week of it (`loadOf`). Pure. */
import type { LoadFigures } from '@countersign/shared/contracts';
import type { Finding } from './finding.ts';

/** The load of a team, or of all (`undefined`), over the last week; and how many verdicts the handling time rests on. */
export type TeamLoad = { team: string | undefined; load: LoadFigures['load']; timed: number };

/** Arrivals, and verdicts of which it is known what they took, without which nothing is said. */
const least = 30;
/** So far below the bound the load must fall for the alert to end. */
const slack = 0.1;
/** The standard normal quantile that leaves 2.5% on each side. */
const z = 1.96;

/**
 * Each team, and all together where there is but one. Arrivals vary by their square root (Poisson), and the load with
 * them: an alert is raised where even the lower end of that is above the bound.
 */
export function loadFindings(teams: readonly TeamLoad[], { above }: { above: number }): Finding[] {
  return teams.map(({ team, load, timed }): Finding => {
    const about = team === undefined ? {} : { team };
    if (!load.enough) return { kind: 'load', about, state: 'off', figures: {} };
    const { hours, arrivals_an_hour, on_duty, busy } = load;
    const arrivals = Math.round(arrivals_an_hour * hours);
    if (arrivals < least || timed < least) return { kind: 'load', about, state: 'off', figures: {} };
    const reach = z / Math.sqrt(arrivals);
    const [low, high] = busy === null ? [null, null] : [busy * (1 - reach), busy * (1 + reach)];
    const state =
      low === null || low > above ? 'on' : busy !== null && busy < above - slack ? 'off' : 'between';
    return {
      kind: 'load',
      about,
      state,
      figures: { busy: { rate: busy, low, high }, arrivals, hours, on_duty },
    };
  });
}
