/** The figures of the oversight table, by tool × rule × tier × team over a window. Pure. */
import {
  type Estimate,
  type FigureRow,
  type Figures,
  type InsightsBy,
  Tier,
} from '@countersign/shared/contracts';
import { LEAST } from '@countersign/shared/figures';
import { anyone, namedPeople, rulesIn } from './cell.ts';
import { allTeams } from './count.ts';
import { type Charts, driftOf, isAlarmed } from './drift.ts';
import {
  approvalOf,
  catchesOf,
  countsOf,
  isNearlyAll,
  leastPeople,
  repeatsOf,
  sessionDriftOf,
  spreadOf,
  timeoutsOf,
  tooFastOf,
  unlessFew,
} from './estimates.ts';
import { addTo, type Measures, valueIn } from './measures.ts';
import { readingOf } from './reading.ts';
import type { CellSums, Window } from './sums.ts';

const mostRows = 1_000;

type Group = {
  about: Partial<Record<InsightsBy, string>>;
  requests: Measures;
  verdicts: Measures;
  people: Set<string>;
  cells: Set<CellSums>;
};

/** The rules under which a cell counts: each that asked, or, where none has a name, policy's default. */
const rulesOf = ({ rules }: CellSums): string[] => {
  const names = rulesIn(rules);
  return names.length === 0 ? [''] : names;
};

function grouped(cells: readonly CellSums[], by: readonly InsightsBy[], rule: string | undefined): Group[] {
  const groups = new Map<string, Group>();
  for (const cell of cells) {
    const rules = rulesOf(cell);
    if (rule !== undefined && !rules.includes(rule)) continue;
    // A cell is put under each rule only where rules are told apart: elsewhere it would count twice.
    const under = by.includes('rule') ? (rule === undefined ? rules : [rule]) : [undefined];
    for (const one of under) {
      const all = { tool: cell.tool, rule: one, tier: cell.tier, team: cell.team };
      const about = Object.fromEntries(by.map((name) => [name, all[name]])) as Group['about'];
      const key = JSON.stringify(about);
      const group = groups.get(key) ?? {
        about,
        requests: {},
        verdicts: {},
        people: new Set<string>(),
        cells: new Set<CellSums>(),
      };
      addTo(group.requests, cell.requests);
      addTo(group.verdicts, cell.verdicts);
      for (const person of cell.people) group.people.add(person);
      group.cells.add(cell);
      groups.set(key, group);
    }
  }
  return [...groups.values()];
}

const isGroup = (team: string): boolean => team !== anyone && team !== namedPeople && !team.includes(' + ');

/** Where the requests behind a row are found. @param search the call that finds them */
export function linksOf(
  about: { tool?: string; rule?: string; tier?: string; team?: string; reviewer?: string },
  { from, to }: Window,
  search = '/v1/audit/history',
): Record<string, string> {
  const { tool, rule, tier, team, reviewer } = about;
  const address = (status?: string): string => {
    const query = new URLSearchParams({
      from: new Date(from).toISOString(),
      to: new Date(to).toISOString(),
      ...(tool ? { tool } : {}),
      ...(rule ? { rule } : {}),
      ...(tier ? { tier } : {}),
      ...(team && isGroup(team) ? { group: team } : {}),
      ...(reviewer ? { reviewer } : {}),
      ...(status ? { status } : {}),
    });
    return `${search}?${query}`;
  };
  const statuses = ['approved', 'rejected', 'timed_out'];
  return Object.fromEntries([['requests', address()], ...statuses.map((one) => [one, address(one)])]);
}

/** Whether anything of it asked for a human. */
const isAsked = ({ requests, verdicts }: Group): boolean => {
  const { arrived, decided, batched, timed_out, cancelled } = countsOf(requests);
  return (
    arrived + decided + batched + timed_out + cancelled + valueIn(requests, 'unanswered') > 0 ||
    catchesOf(requests, 1).n > 0 ||
    valueIn(verdicts, 'gave_approve') + valueIn(verdicts, 'gave_reject') + valueIn(verdicts, 'gave_edit') > 0
  );
};

/**
 * What the other requests of a row's team come to, of those that are counted here; of all teams where teams are not told
 * apart. Nothing where fewer than five people answered those: even a comparison with them would be about persons.
 */
function elsewhereOf({ about, cells }: Group, all: readonly CellSums[]): Measures {
  const sums: Measures = {};
  const people = new Set<string>();
  for (const cell of all) {
    if (cells.has(cell) || (about.team !== undefined && about.team !== cell.team)) continue;
    addTo(sums, cell.requests);
    for (const person of cell.people) people.add(person);
  }
  return people.size < leastPeople ? {} : sums;
}

function rowOf(
  group: Group,
  window: Window,
  beside: { charts: Charts; cells: readonly CellSums[] },
): FigureRow {
  const { about, requests, verdicts, people } = group;
  const { rule, tier, ...names } = about;
  const known = Tier.safeParse(tier);
  const few = people.size < leastPeople;
  const charts = [...group.cells].map(beside.charts.ofCell);
  // A habit that sets in everywhere shows in the team's chart while a cell's has too few.
  const drifting = isAlarmed([...charts, beside.charts.teams.get(about.team ?? allTeams)], window.from);
  const unless = <T>(figure: () => T) => unlessFew(people.size, figure);
  return {
    ...names,
    ...(rule === undefined ? {} : { rule: rule === '' ? null : rule }),
    ...(known.success ? { tier: known.data } : {}),
    people: few ? null : people.size,
    requests: countsOf(requests),
    approval: approvalOf(requests),
    nearly_all: isNearlyAll(requests),
    reading: readingOf(
      { requests, verdicts, people: people.size },
      { drifting, elsewhere: () => elsewhereOf(group, beside.cells) },
    ),
    timeouts: timeoutsOf(requests),
    repeats: repeatsOf(requests),
    wait: spreadOf(requests, 'wait'),
    time: unless(() => spreadOf(verdicts, 'time')),
    pace: unless(() => spreadOf(verdicts, 'pace')),
    too_fast: unless(() => tooFastOf(verdicts)),
    session_drift: unless(() => sessionDriftOf(verdicts)),
    catches: unless((): Estimate => catchesOf(requests, LEAST.catchTeam)),
    canaries: few
      ? null
      : {
          planted: catchesOf(requests, 1).n + valueIn(requests, 'unanswered'),
          unanswered: valueIn(requests, 'unanswered'),
          plain: catchesOf(requests, LEAST.catchTeam, ['plain']),
          buried: catchesOf(requests, LEAST.catchTeam, ['buried']),
        },
    drift: unless(() => driftOf(charts)),
    links: linksOf(about, window),
  };
}

/** People who gave verdicts, by team, and in all under `allTeams`. */
function peopleByTeam(cells: readonly CellSums[]): Map<string, Set<string>> {
  const teams = new Map<string, Set<string>>();
  for (const { team, people } of cells)
    for (const key of [team, allTeams]) teams.set(key, new Set([...(teams.get(key) ?? []), ...people]));
  return teams;
}

/** The figures of these cells. */
export function figuresOf(
  cells: readonly CellSums[],
  charts: Charts,
  { window, by, rule }: { window: Window; by: InsightsBy[]; rule?: string | undefined },
): Omit<Figures, 'searched' | 'sealed'> {
  const groups = grouped(cells, by, rule).filter(isAsked);
  groups.sort((a, b) => valueIn(b.requests, 'arrived') - valueIn(a.requests, 'arrived'));
  const teams = peopleByTeam(cells);
  const total = (counter: 'allowed' | 'denied' | 'granted'): number =>
    cells.reduce((sum, { requests }) => sum + valueIn(requests, counter), 0);
  return {
    window: { from: new Date(window.from).toISOString(), to: new Date(window.to).toISOString() },
    by,
    rows: groups.slice(0, mostRows).map((group) => rowOf(group, window, { charts, cells })),
    left_out: Math.max(0, groups.length - mostRows),
    drift: Object.fromEntries(
      [...charts.teams].map(([team, chart]) => [
        team === allTeams ? 'all' : team,
        unlessFew(teams.get(team)?.size ?? 0, () => driftOf([chart])),
      ]),
    ),
    policy: { allowed: total('allowed'), denied: total('denied'), granted: total('granted') },
  };
}
