/**
 * Reads sums over a window: whole days from the days' table, the hours at both ends from the hours'. Each answer has one
 * row for each line that is shown and no column that is not, so that it costs what it shows.
 */
import type { Engine, Row, Values } from '../history/engine.ts';
import { type Cell, dayMs, dayOf, hourMs, hourOf } from './cell.ts';
import { allTeams } from './count.ts';
import {
  canaryCounters,
  columns,
  columnsOf,
  columnsOfRequests,
  columnsOfReviewers,
  type Measures,
} from './measures.ts';
import { grains, loadCounters, measuresIn } from './rollups.ts';

/** Redis ms; `to` is not in it. Whole hours. */
export type Window = { from: number; to: number };

/** What the sums are of: each given member must hold. `rule` is one of the rules that asked. */
export type Within = {
  tool?: string | undefined;
  rule?: string | undefined;
  tier?: string | undefined;
  team?: string | undefined;
  reviewer?: string | undefined;
};

/** Sums over a window: of requests, and of reviewers' verdicts. */
export type Sums = { requests: Measures; verdicts: Measures };

/** Sums of a cell over a window, and who gave verdicts. */
export type CellSums = Cell & Sums & { people: string[] };

/** The window that reaches from the hour of `from` to the end of the hour of `to`. */
export const inHours = (from: number, to: number): Window => ({
  from: hourOf(from),
  to: Math.max(hourOf(from), hourOf(to + hourMs - 1)),
});

/** Rows of people who gave a verdict. */
const decided = 'gave_approve + gave_edit + gave_reject > 0';

/** Canaries stand in rows of requests and in rows of whoever answered them: once is enough, unless it is about somebody. */
const sumsOf = (names: readonly string[], ofOne = false): string =>
  names
    .map((name) => {
      const twice = (canaryCounters as readonly string[]).includes(name) && !ofOne;
      return `sum("${name}")${twice ? " FILTER (reviewer = '')" : ''} AS "${name}"`;
    })
    .join(', ');

const sumsIn = (row: Row): Sums => ({
  requests: measuresIn(row, columnsOfRequests),
  verdicts: measuresIn(row, columnsOfReviewers),
});

function source({ from, to }: Window): { sql: string; values: Values } {
  const first = dayOf(from + dayMs - 1);
  const last = dayOf(to);
  if (first >= last)
    return {
      sql: `SELECT * FROM ${grains.hours} WHERE "at" >= $from::DOUBLE AND "at" < $to::DOUBLE`,
      values: { from, to },
    };
  const sql = `SELECT * FROM ${grains.days} WHERE "at" >= $first::DOUBLE AND "at" < $last::DOUBLE
    UNION ALL SELECT * FROM ${grains.hours} WHERE "at" >= $from::DOUBLE AND "at" < $first::DOUBLE
    UNION ALL SELECT * FROM ${grains.hours} WHERE "at" >= $last::DOUBLE AND "at" < $to::DOUBLE`;
  return { sql, values: { from, first, last, to } };
}

function conditions({ rule: _rule, ...within }: Within): { sql: string; values: Values } {
  const given = Object.entries(within).filter(([, value]) => value !== undefined);
  const sql = given.map(([name]) => ` AND "${name}" = $is_${name}`).join('');
  return { sql, values: Object.fromEntries(given.map(([name, value]) => [`is_${name}`, value ?? null])) };
}

const textOf = (value: unknown): string => String(value ?? '');

/** The sums of each cell. What a rule is asked for is left to the caller: rules are in it as they are kept. */
export async function cellSums(engine: Engine, window: Window, within: Within = {}): Promise<CellSums[]> {
  const from = source(window);
  const which = conditions(within);
  const rows = await engine.rows(
    `SELECT tool, rules, tier, team, list(DISTINCT reviewer) FILTER (${decided}) AS people,
        ${sumsOf(columns, within.reviewer !== undefined)}
      FROM (${from.sql}) WHERE true${which.sql} GROUP BY tool, rules, tier, team`,
    { ...from.values, ...which.values },
  );
  return rows.map((row) => ({
    ...{ tool: textOf(row.tool), rules: textOf(row.rules), tier: textOf(row.tier), team: textOf(row.team) },
    people: Array.isArray(row.people) ? row.people.map(textOf) : [],
    ...sumsIn(row),
  }));
}

/** Sums of a day from its beginning, and how many people gave verdicts on it. */
export type DaySums = Sums & { at: number; people: number };

const shownOfDays = sumsOf(
  columnsOf(
    [
      ...(['arrived', 'approved', 'edited', 'rejected', 'batched', 'timed_out', 'cancelled'] as const),
      ...(['read_early', 'fast_early', 'read_late', 'fast_late'] as const),
      ...canaryCounters,
    ],
    [],
  ),
);

/** Sums by day, cells put together; the first and the last are whole days, too. */
export async function daySums(
  engine: Engine,
  { from, to }: Window,
  { rule, ...within }: Within = {},
): Promise<DaySums[]> {
  const which = conditions(within);
  const ofRule = rule === undefined ? '' : ` AND list_contains(string_split(rules, chr(31)), $rule)`;
  const rows = await engine.rows(
    `SELECT "at", count(DISTINCT reviewer) FILTER (${decided}) AS people, ${shownOfDays} FROM ${grains.days}
      WHERE "at" >= $from::DOUBLE AND "at" < $to::DOUBLE${which.sql}${ofRule} GROUP BY "at" ORDER BY "at"`,
    { from: dayOf(from), to, ...which.values, ...(rule === undefined ? {} : { rule }) },
  );
  return rows.map((row) => ({ at: Number(row.at), people: Number(row.people), ...sumsIn(row) }));
}

/** How many people of a team, or of all, gave a verdict. */
export async function peopleIn(engine: Engine, window: Window, team?: string): Promise<number> {
  const from = source(window);
  const which = conditions({ team });
  const [row] = await engine.rows(
    `SELECT count(DISTINCT reviewer) FILTER (${decided}) AS people FROM (${from.sql}) WHERE true${which.sql}`,
    { ...from.values, ...which.values },
  );
  return Number(row?.people ?? 0);
}

/** What an hour came to, from its beginning; `waits` bucket by bucket, `people` those who opened or decided something. */
export type HourSums = { at: number; people: number; waits: number[] } & Record<
  (typeof loadCounters)[number],
  number
>;

const waits = columnsOf([], ['wait']);
const shownOfHours = ['people', ...loadCounters, ...waits].map((name) => `"${name}"`).join(', ');

/** Sums by hour, of a team or of all. */
export async function hourSums(
  engine: Engine,
  { from, to }: Window,
  team: string = allTeams,
): Promise<HourSums[]> {
  const hours = await engine.columns(
    `SELECT "at", ${shownOfHours} FROM ${grains.loads}
      WHERE "at" >= $from::DOUBLE AND "at" < $to::DOUBLE AND team = $team ORDER BY "at"`,
    { from, to, team },
  );
  const numberAt = (name: string, row: number): number => Number(hours[name]?.[row] ?? 0);
  return (hours.at ?? []).map((at, row) => ({
    at: Number(at),
    people: numberAt('people', row),
    waits: waits.map((name) => numberAt(name, row)),
    arrived: numberAt('arrived', row),
    approved: numberAt('approved', row),
    rejected: numberAt('rejected', row),
    batched: numberAt('batched', row),
    timed_out: numberAt('timed_out', row),
    timed: numberAt('timed', row),
    timed_ms: numberAt('timed_ms', row),
  }));
}
