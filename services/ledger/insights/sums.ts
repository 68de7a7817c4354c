/** Reads sums over a window: whole days from the days' table, the hours at both ends from the hours'. */
import type { Engine, Values } from '../history/engine.ts';
import { type Cell, dayMs, dayOf, hourMs, hourOf } from './cell.ts';
import { columns, columnsOf, counters, type Measures } from './measures.ts';
import { grains, measuresIn } from './rollups.ts';

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

/** Sums of a cell over a window: of its requests, of its reviewers' verdicts, and who they are. */
export type CellSums = Cell & { requests: Measures; verdicts: Measures; people: string[] };

/** The window that reaches from the hour of `from` to the end of the hour of `to`. */
export const inHours = (from: number, to: number): Window => ({
  from: hourOf(from),
  to: Math.max(hourOf(from), hourOf(to + hourMs - 1)),
});

/** Rows of people who gave a verdict. */
const decided = 'gave_approve + gave_edit + gave_reject > 0';

const sumsOf = (names: readonly string[]): string =>
  names.map((name) => `sum("${name}") AS "${name}"`).join(', ');
const sums = sumsOf(columns);
const ofDays = sumsOf(counters);
const ofHours = sumsOf(
  columnsOf(['arrived', 'approved', 'rejected', 'batched', 'timed_out', 'timed', 'timed_ms'], ['wait']),
);

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
    `SELECT tool, rules, tier, team, reviewer = '' AS of_requests, list(DISTINCT reviewer) FILTER (${decided}) AS people, ${sums}
      FROM (${from.sql}) WHERE true${which.sql} GROUP BY tool, rules, tier, team, of_requests`,
    { ...from.values, ...which.values },
  );
  const cells = new Map<string, CellSums>();
  for (const row of rows) {
    const { tool, rules, tier, team, of_requests, people } = row;
    const cell = { tool: textOf(tool), rules: textOf(rules), tier: textOf(tier), team: textOf(team) };
    const key = JSON.stringify(Object.values(cell));
    const there = cells.get(key) ?? { ...cell, requests: {}, verdicts: {}, people: [] };
    if (of_requests === true) there.requests = measuresIn(row);
    else {
      there.verdicts = measuresIn(row);
      there.people = Array.isArray(people) ? people.map(textOf) : [];
    }
    cells.set(key, there);
  }
  return [...cells.values()];
}

/** The same for each day or hour, cells put together: its beginning, sums, and who gave verdicts; of hours, who was there. */
export type MomentSums = { at: number; requests: Measures; verdicts: Measures; people: string[] };

/** Sums by day; the first and the last are whole days, too. */
export const daySums = (engine: Engine, { from, to }: Window, within: Within = {}): Promise<MomentSums[]> =>
  momentSums(engine, grains.days, { from: dayOf(from), to }, within, { isThere: decided, sums: ofDays });

/** Sums by hour, of a team or of all. */
export const hourSums = (engine: Engine, window: Window, team?: string): Promise<MomentSums[]> =>
  momentSums(engine, grains.loads, window, { team }, { isThere: 'true', sums: ofHours });

async function momentSums(
  engine: Engine,
  table: string,
  { from, to }: Window,
  { rule, ...within }: Within,
  { isThere, sums }: { isThere: string; sums: string },
): Promise<MomentSums[]> {
  const which = conditions(within);
  const ofRule = rule === undefined ? '' : ` AND list_contains(string_split(rules, chr(31)), $rule)`;
  const rows = await engine.rows(
    `SELECT "at", reviewer = '' AS of_requests, list(DISTINCT reviewer) FILTER (${isThere}) AS people, ${sums} FROM ${table}
      WHERE "at" >= $from::DOUBLE AND "at" < $to::DOUBLE${which.sql}${ofRule} GROUP BY "at", of_requests ORDER BY "at"`,
    { from, to, ...which.values, ...(rule === undefined ? {} : { rule }) },
  );
  const moments = new Map<number, MomentSums>();
  for (const row of rows) {
    const at = Number(row.at);
    const there = moments.get(at) ?? { at, requests: {}, verdicts: {}, people: [] };
    if (row.of_requests === true) there.requests = measuresIn(row);
    else {
      there.verdicts = measuresIn(row);
      there.people = Array.isArray(row.people) ? row.people.map(textOf) : [];
    }
    moments.set(at, there);
  }
  return [...moments.values()];
}
