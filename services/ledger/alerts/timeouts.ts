/**
 * Timeouts: whether far more requests time out than is usual for their cell, by the last 24 hours against the 28 days
 * before (`spikeOf`). Pure.
 */
import type { Tier } from '@countersign/shared/contracts';
import { addCounts, type Count, spikeOf } from '@countersign/shared/figures';
import { rulesIn } from '../insights/cell.ts';
import type { Finding } from './finding.ts';

/** How requests of a cell ended: `k` of `n` timed out. `days`: each of 24 hours, none later than `now` began. */
export type Ends = { tool: string; rules: string; tier: string; team: string; now: Count; days: Count[] };

/** The chance of a false alarm at one look, over all cells together; and the one at which an alert ends. */
const surely = 0.0002;
const perhaps = 0.05;
/** Fewer timeouts than these are no reason to call anyone, whatever is usual. */
const leastTimeouts = 5;
/** Of what almost never times out, this share is taken as usual: twice of nothing is nothing. */
const leastUsual = 0.01;

const none: Count = { k: 0, n: 0 };

function together(cells: readonly Ends[]): Pick<Ends, 'now' | 'days'> {
  const most = Math.max(0, ...cells.map(({ days }) => days.length));
  return {
    now: cells.reduce((sum, { now }) => addCounts(sum, now), none),
    days: Array.from({ length: most }, (_, at) =>
      cells.reduce((sum, { days }) => addCounts(sum, days[at] ?? none), none),
    ),
  };
}

/**
 * Each cell, and each team of several cells as a whole: where nobody is there, every cell of a team has some more and none
 * enough. Where the team's says it, its cells say nothing beside it.
 *
 * @param times at least so many times the usual share
 */
export function timeoutFindings(cells: readonly Ends[], { times }: { times: number }): Finding[] {
  const teams = [...Map.groupBy(cells, ({ team }) => team)].filter(([, those]) => those.length > 1);
  const watched = [
    ...teams.map(([team, those]) => ({ about: { team }, ends: together(those), whole: true })),
    ...cells.map(({ tool, rules, tier, team, ...ends }) => ({
      about: { tool, rules: rulesIn(rules), tier: tier as Tier, team },
      ends,
      whole: false,
    })),
  ];
  const spikes = watched.map((one) => ({ ...one, spike: spikeOf(one.ends.now, one.ends.days) }));
  // Each test more is one chance more of a false alarm (Bonferroni).
  const tests = spikes.filter(({ spike }) => spike.enough).length;
  const findings = spikes.map(({ about, ends, whole, spike }): Finding & { whole: boolean } => {
    const of = { kind: 'timeouts', about, whole } as const;
    if (!spike.enough) {
      const state = ends.now.k < leastTimeouts ? 'off' : 'between';
      return { ...of, state, figures: {} };
    }
    const { k, n, rate, low, high, usual, chance } = spike;
    const far = rate >= times * Math.max(usual.rate, leastUsual) && k >= leastTimeouts;
    const days = ends.days.filter((day) => day.n > 0).length;
    return {
      ...of,
      state:
        far && chance <= surely / tests ? 'on' : chance > perhaps || k < leastTimeouts ? 'off' : 'between',
      figures: { share: { k, n, rate, low, high }, usual: { ...usual, days }, chance },
    };
  });
  const told = new Set(
    findings.flatMap(({ whole, state, about }) => (whole && state === 'on' ? [about.team] : [])),
  );
  return findings.map(({ whole, ...finding }) =>
    !whole && told.has(finding.about.team) ? { ...finding, told: true } : finding,
  );
}
