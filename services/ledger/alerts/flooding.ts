/** Flooding: agents that flood control has held back (A12), by what the log says of it. Pure. */
import type { Finding } from './finding.ts';

/** That an agent was held back or paused, or that this was lifted, as sealed. Redis ms. */
export type Held = {
  agent: string;
  at: number;
  lifted: boolean;
  why?: 'asks' | 'rejections';
  paused?: boolean;
  until?: number;
};

/** For so long an agent has to ask within bounds for it to be over, ms: held back again before, it is the same flood. */
const calm = 3_600_000;

/**
 * Each agent that was held back.
 *
 * @param held in the log's order, of the last day
 * @param now Redis ms
 */
export function floodFindings(held: readonly Held[], now: number): Finding[] {
  return [...Map.groupBy(held, ({ agent }) => agent)].flatMap(([agent, all]): Finding[] => {
    const last = all.at(-1);
    const times = all.filter(({ lifted }) => !lifted);
    const newest = times.at(-1);
    if (last === undefined || newest === undefined) return [];
    const { at, why, paused, until } = newest;
    const on = !last.lifted && (now - at < calm || (until !== undefined && until > now));
    return [
      {
        kind: 'flooding',
        about: { agent },
        state: on ? 'on' : 'off',
        figures: {
          since: new Date(at).toISOString(),
          times: times.length,
          ...(why === undefined ? {} : { why }),
          ...(paused ? { paused } : {}),
          ...(until === undefined ? {} : { until: new Date(until).toISOString() }),
        },
      },
    ];
  });
}
