/**
 * The tables of the sums, beside the history's entries and written in the same transaction: so that what insights cost
 * does not grow with history. An hour of a cell for the ends of a window, a day of a cell for what lies between them; and
 * for load an hour of a team, and of all teams, with how many people were there: who they were stands in `duties`, so that
 * they are counted once when they come, and not whenever somebody asks.
 */
import { DOUBLE, VARCHAR } from '@duckdb/node-api';
import type { Engine, Row, Session } from '../history/engine.ts';
import { dayOf, type Place } from './cell.ts';
import type { Added } from './count.ts';
import { allTeams } from './count.ts';
import { addTo, type Counter, columns, columnsOf, type Measures } from './measures.ts';
import { type Kept, type Memory, openMemory } from './memory.ts';

export const grains = {
  hours: 'rollup_hours',
  days: 'rollup_days',
  loads: 'rollup_loads',
  duties: 'rollup_duties',
} as const;

/** What load is made of. */
export const loadCounters = [
  'arrived',
  'approved',
  'rejected',
  'batched',
  'timed_out',
  'timed',
  'timed_ms',
] as const satisfies readonly Counter[];

const names = ['tool', 'rules', 'tier', 'team', 'reviewer'] as const;
const keys = ['at', ...names];
type Grain = keyof typeof grains;

/** What each grain counts. */
const measured: Record<Grain, readonly string[]> = {
  hours: columns,
  days: columns,
  // `people` is not added up, but counted from `duties`.
  loads: ['people', ...columnsOf(loadCounters, ['wait'])],
  duties: [],
};

const declared = (counted: readonly string[]): string =>
  [
    '"at" DOUBLE',
    ...names.map((name) => `"${name}" VARCHAR`),
    ...counted.map((name) => `"${name}" DOUBLE`),
  ].join(', ');

const everyGrain = Object.keys(grains) as Grain[];

/** What makes the tables. */
export const createRollups: readonly string[] = [
  ...everyGrain.map((grain) => `CREATE TABLE IF NOT EXISTS ${grains[grain]} (${declared(measured[grain])})`),
  'CREATE TABLE IF NOT EXISTS remembered (kind VARCHAR, key VARCHAR, value VARCHAR)',
];

/** An hour of a team and of all teams. What policy decided alone asked no team. */
const teamHours = ({ at, team }: Place, reviewer: string): Place[] =>
  (team === '' ? [] : [team, allTeams]).map((one) => ({
    ...{ at, team: one, reviewer },
    ...{ tool: '', rules: '', tier: '' },
  }));

/** The places of the same in another grain. */
const placesIn: Record<Grain, (place: Place) => Place[]> = {
  hours: (place) => [place],
  days: (place) => [{ ...place, at: dayOf(place.at) }],
  loads: (place) => teamHours(place, ''),
  duties: (place) => (place.reviewer === '' ? [] : teamHours(place, place.reviewer)),
};

const keyOf = (place: Place): string => JSON.stringify([place.at, ...names.map((name) => place[name])]);

function inGrain(added: Added, grain: Grain): Added {
  const sums = new Map<string, Added[number]>();
  for (const { place: finest, measures } of added)
    for (const place of placesIn[grain](finest)) {
      const there = sums.get(keyOf(place));
      if (there === undefined) sums.set(keyOf(place), { place, measures: { ...measures } });
      else addTo(there.measures, measures);
    }
  return [...sums.values()];
}

const same = keys.map((name) => `t."${name}" = d."${name}"`).join(' AND ');

async function add({ run, append }: Session, grain: Grain, added: Added): Promise<void> {
  if (added.length === 0) return;
  const [table, counted] = [grains[grain], measured[grain]];
  await run(`CREATE OR REPLACE TEMP TABLE added (${declared(counted)})`);
  await append('added', {
    types: [DOUBLE, ...names.map(() => VARCHAR), ...counted.map(() => DOUBLE)],
    columns: [
      added.map(({ place }) => place.at),
      ...names.map((name) => added.map(({ place }) => place[name])),
      ...counted.map((name) => added.map(({ measures }) => measures[name] ?? 0)),
    ],
  });
  const first = Math.min(...added.map(({ place }) => place.at));
  const sums = counted.map((name) => `"${name}" = t."${name}" + d."${name}"`).join(', ');
  const listed = [...keys, ...counted].map((name) => `"${name}"`).join(', ');
  if (counted.length > 0)
    await run(`UPDATE ${table} t SET ${sums} FROM added d WHERE t."at" >= $first AND ${same}`, { first });
  await run(
    `INSERT INTO ${table} SELECT ${listed} FROM added d
      WHERE NOT EXISTS (SELECT 1 FROM ${table} t WHERE t."at" >= $first AND ${same})`,
    { first },
  );
}

/** Counts who was there in the hours that something was added to. */
async function countPeople({ run }: Session, added: Added): Promise<void> {
  if (added.length === 0) return;
  const first = Math.min(...added.map(({ place }) => place.at));
  await run(
    `UPDATE ${grains.loads} t SET people = d.people
      FROM (SELECT "at", team, count(*) AS people FROM ${grains.duties} WHERE "at" >= $first GROUP BY "at", team) d
      WHERE t."at" >= $first AND t."at" = d."at" AND t.team = d.team AND t.people <> d.people`,
    { first },
  );
}

/** Writes what was added, and what was remembered or forgotten. Part of the caller's transaction. */
export async function writeRollups(
  session: Session,
  added: Added,
  { set, gone }: ReturnType<Memory['changes']>,
): Promise<void> {
  for (const grain of everyGrain) await add(session, grain, inGrain(added, grain));
  await countPeople(session, added);
  const kept = [VARCHAR, VARCHAR];
  if (gone.length > 0) {
    await session.run('CREATE OR REPLACE TEMP TABLE gone (kind VARCHAR, key VARCHAR)');
    await session.append('gone', {
      types: kept,
      columns: [gone.map(({ kind }) => kind), gone.map(({ key }) => key)],
    });
    await session.run(
      'DELETE FROM remembered USING gone WHERE remembered.kind = gone.kind AND remembered.key = gone.key',
    );
  }
  if (set.length > 0)
    await session.append('remembered', {
      types: [...kept, VARCHAR],
      columns: [set.map(({ kind }) => kind), set.map(({ key }) => key), set.map(({ value }) => value)],
    });
}

/** What was remembered, cards by their place in the log. */
export async function readMemory(engine: Engine): Promise<Memory> {
  const rows = await engine.rows('SELECT kind, key, value FROM remembered ORDER BY kind, length(key), key');
  return openMemory(rows as Row[] as Kept[]);
}

/** The sums in a row of an answer, of those of these columns that it has. */
export const measuresIn = (row: Row, counted: readonly string[]): Measures =>
  Object.fromEntries(counted.filter((name) => name in row).map((name) => [name, Number(row[name] ?? 0)]));
