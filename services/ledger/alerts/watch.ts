/** Reads what alerts are judged by: sums of bounded windows, and what the log says of agents that were held back. */
import type { Tier } from '@countersign/shared/contracts';
import type { Count } from '@countersign/shared/figures';
import type { Alerts } from '@countersign/shared/policy';
import type { Engine } from '../history/engine.ts';
import type { History } from '../history/history.ts';
import { dayMs, hourMs, rulesIn } from '../insights/cell.ts';
import { allTeams } from '../insights/count.ts';
import { type Charts, chartsIn, isAlarmed } from '../insights/drift.ts';
import { catchesOf } from '../insights/estimates.ts';
import { loadIn } from '../insights/load.ts';
import { addTo, type Measures, valueIn } from '../insights/measures.ts';
import { grains } from '../insights/rollups.ts';
import { type CellSums, cellSums, hourSums, inHours } from '../insights/sums.ts';
import { approvalFindings } from './always-approved.ts';
import { type Catches, catchFindings } from './catch-rate.ts';
import type { Finding } from './finding.ts';
import { floodFindings, type Held } from './flooding.ts';
import { loadFindings } from './load.ts';
import { type Ends, timeoutFindings } from './timeouts.ts';

/** The past that timeouts are compared with, and the window of the other figures, days. */
const before = 28;
const month = 30 * dayMs;
const week = 7 * dayMs;
/** Teams whose load is looked at, the busiest first. */
const mostTeams = 20;

/** How requests ended, by cell: the last 24 hours, and each 24 before. */
export async function endsIn(engine: Engine, now: number): Promise<Ends[]> {
  const { to } = inHours(now, now + 1);
  const rows = await engine.rows(
    `SELECT tool, rules, tier, team, CAST(floor(($to::DOUBLE - "at" - 1) / ${dayMs}) AS INTEGER) AS day,
        sum(timed_out) AS k, sum(timed_out + approved + rejected + batched) AS n
      FROM ${grains.hours} WHERE "at" >= $from::DOUBLE AND "at" < $to::DOUBLE AND reviewer = ''
      GROUP BY tool, rules, tier, team, day ORDER BY tool, rules, tier, team, day`,
    { from: to - (before + 1) * dayMs, to },
  );
  const cells = new Map<string, Ends>();
  for (const row of rows) {
    const text = (name: string): string => String(row[name] ?? '');
    const cell = { tool: text('tool'), rules: text('rules'), tier: text('tier'), team: text('team') };
    const key = JSON.stringify(Object.values(cell));
    const ends = cells.get(key) ?? {
      ...cell,
      now: { k: 0, n: 0 },
      days: Array.from({ length: before }, () => ({ k: 0, n: 0 })),
    };
    const count: Count = { k: Number(row.k ?? 0), n: Number(row.n ?? 0) };
    const day = Number(row.day);
    if (day === 0) ends.now = count;
    else if (day >= 1) ends.days[day - 1] = count;
    cells.set(key, ends);
  }
  return [...cells.values()];
}

type OfTeam = { people: Set<string>; requests: Measures };

/** What the cells of each team come to, and of all of them under `allTeams`. */
function byTeam(cells: readonly CellSums[]): Map<string, OfTeam> {
  const teams = new Map<string, OfTeam>();
  for (const { team, people, requests } of cells) {
    for (const name of [team, allTeams]) {
      const there = teams.get(name) ?? { people: new Set<string>(), requests: {} };
      for (const person of people) there.people.add(person);
      addTo(there.requests, requests);
      teams.set(name, there);
    }
  }
  return teams;
}

/** Canaries that were caught, of those that were answered. */
function caughtIn(sums: Measures): Count {
  const rate = catchesOf(sums, 1);
  return rate.enough ? { k: rate.k, n: rate.n } : { k: 0, n: 0 };
}

/** Every chart that has ever raised its alarm: of cells that are in use, of teams, of all of them. */
async function catchesIn(
  engine: Engine,
  { teams, ofCell }: Charts,
  cells: readonly CellSums[],
  now: number,
): Promise<Catches[]> {
  const sums = byTeam(cells);
  const charts = [
    ...cells.map((cell) => {
      const { tool, rules, tier, team, people, requests } = cell;
      const about = { tool, rules: rulesIn(rules), tier: tier as Tier, team };
      return {
        about,
        drift: ofCell(cell),
        people: people.length,
        requests,
        within: { tool, tier, team },
        rules,
      };
    }),
    ...[...teams].map(([team, drift]) => {
      const { people, requests } = sums.get(team) ?? { people: new Set(), requests: {} };
      const within = team === allTeams ? {} : { team };
      return { about: within, drift, people: people.size, requests, within, rules: undefined };
    }),
  ];
  return Promise.all(
    charts.flatMap(({ about, drift, people, requests, within, rules }) => {
      if (drift === undefined) return [];
      const after = async (): Promise<Count> => {
        // Of an old alarm all of the window came after it.
        if (drift.last_alarm === null || drift.last_alarm < now - month) return caughtIn(requests);
        const since: Measures = {};
        // From the hour after the alarm's: what it rested on is not what came after it.
        const later = await cellSums(engine, inHours(drift.last_alarm + hourMs, now), within);
        for (const cell of later)
          if (rules === undefined || cell.rules === rules) addTo(since, cell.requests);
        return caughtIn(since);
      };
      return [after().then((since) => ({ about, drift, people, caught: caughtIn(requests), since }))];
    }),
  );
}

async function loadsIn(engine: Engine, teams: ReadonlyMap<string, OfTeam>, now: number) {
  const window = inHours(now - week, now);
  const busiest = [...teams]
    .filter(([team]) => team !== allTeams)
    .sort(([, one], [, other]) => valueIn(other.requests, 'arrived') - valueIn(one.requests, 'arrived'))
    .slice(0, mostTeams);
  return Promise.all(
    busiest.map(async ([team]) => {
      const moments = await hourSums(engine, window, team);
      const timed = moments.reduce((sum, hour) => sum + hour.timed, 0);
      return { team, load: loadIn(moments, window), timed };
    }),
  );
}

async function heldIn(history: History, now: number): Promise<Held[]> {
  const held: Held[] = [];
  for (const type of ['agent.throttled', 'throttle.lifted', 'freeze.lifted']) {
    for await (const { entry } of history.eachEntry({ type, from: now - dayMs })) {
      const { at, data = {} } = entry;
      const agent = type !== 'freeze.lifted' ? entry.agent : data.scope === 'agent' ? data.match : undefined;
      if (typeof agent !== 'string') continue;
      const until = typeof data.until === 'string' ? Date.parse(data.until) : undefined;
      held.push({
        agent,
        at,
        lifted: type !== 'agent.throttled',
        ...(data.why === 'asks' || data.why === 'rejections' ? { why: data.why } : {}),
        ...(data.paused === true ? { paused: true } : {}),
        ...(until === undefined ? {} : { until }),
      });
    }
  }
  return held.sort((one, other) => one.at - other.at);
}

/** Looks at everything that policy wants looked at. @param now Redis ms */
export async function findAll(history: History, alerts: Alerts, now: number): Promise<Finding[]> {
  const { timeouts, catch_rate, always_approved, flooding, load } = alerts;
  const held = flooding === null ? [] : floodFindings(await heldIn(history, now), now);
  const counted = await history.insights(async ({ engine, memory }) => {
    const cells = await cellSums(engine, inHours(now - month, now));
    const charts = chartsIn(memory);
    const drifting = (cell: CellSums): boolean =>
      isAlarmed([charts.ofCell(cell), charts.teams.get(cell.team)], now - month);
    return [
      timeouts === null ? [] : timeoutFindings(await endsIn(engine, now), timeouts),
      catch_rate === null ? [] : catchFindings(await catchesIn(engine, charts, cells, now), now),
      always_approved === null ? [] : approvalFindings(cells, { ...always_approved, drifting }),
      load === null ? [] : loadFindings(await loadsIn(engine, byTeam(cells), now), load),
    ];
  });
  return [...counted.flat(), ...held];
}
