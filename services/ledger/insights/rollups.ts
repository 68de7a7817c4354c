/**
 * The tables of the sums, beside the history's entries and written in the same transaction: so that what insights cost
 * does not grow with history. Three grains: an hour of a cell for the ends of a window, a day of a cell for what lies
 * between them, an hour of a team for load.
 */
import { DOUBLE, type DuckDBType, VARCHAR } from '@duckdb/node-api';
import type { Engine, Row, Session } from '../history/engine.ts';
import { dayOf, type Place } from './cell.ts';
import type { Added } from './count.ts';
import { addTo, columns, type Measures } from './measures.ts';
import { type Kept, type Memory, openMemory } from './memory.ts';

export const grains = {
  hours: 'rollup_hours',
  days: 'rollup_days',
  loads: 'rollup_loads',
} as const;

const names = ['tool', 'rules', 'tier', 'team', 'reviewer'] as const;
const keys = ['at', ...names];

const all: readonly string[] = [...keys, ...columns];
const types: readonly DuckDBType[] = all.map((name) =>
  (names as readonly string[]).includes(name) ? VARCHAR : DOUBLE,
);
const declared = all.map((name, at) => `"${name}" ${types[at]}`).join(', ');

/** What makes the tables. */
export const createRollups: readonly string[] = [
  ...Object.values(grains).map((table) => `CREATE TABLE IF NOT EXISTS ${table} (${declared})`),
  'CREATE TABLE IF NOT EXISTS remembered (kind VARCHAR, key VARCHAR, value VARCHAR)',
];

/** The place of the same in another grain. */
const placeIn: Record<keyof typeof grains, (place: Place) => Place> = {
  hours: (place) => place,
  days: (place) => ({ ...place, at: dayOf(place.at) }),
  loads: ({ at, team, reviewer }) => ({ at, team, reviewer, tool: '', rules: '', tier: '' }),
};

const keyOf = (place: Place): string => JSON.stringify([place.at, ...names.map((name) => place[name])]);

function inGrain(added: Added, of: (place: Place) => Place): Added {
  const sums = new Map<string, Added[number]>();
  for (const { place, measures } of added) {
    const there = sums.get(keyOf(of(place)));
    if (there === undefined) sums.set(keyOf(of(place)), { place: of(place), measures: { ...measures } });
    else addTo(there.measures, measures);
  }
  return [...sums.values()];
}

const same = keys.map((name) => `t."${name}" = d."${name}"`).join(' AND ');
const listed = all.map((name) => `"${name}"`).join(', ');
const sums = columns.map((name) => `"${name}" = t."${name}" + d."${name}"`).join(', ');

async function add({ run, append }: Session, table: string, added: Added): Promise<void> {
  if (added.length === 0) return;
  await run(`CREATE OR REPLACE TEMP TABLE added (${declared})`);
  await append('added', {
    types,
    columns: [
      added.map(({ place }) => place.at),
      ...names.map((name) => added.map(({ place }) => place[name])),
      ...columns.map((name) => added.map(({ measures }) => measures[name] ?? 0)),
    ],
  });
  const first = Math.min(...added.map(({ place }) => place.at));
  await run(`UPDATE ${table} t SET ${sums} FROM added d WHERE t."at" >= $first AND ${same}`, { first });
  await run(
    `INSERT INTO ${table} SELECT ${listed} FROM added d
      WHERE NOT EXISTS (SELECT 1 FROM ${table} t WHERE t."at" >= $first AND ${same})`,
    { first },
  );
}

/** Writes what was added, and what was remembered or forgotten. Part of the caller's transaction. */
export async function writeRollups(
  session: Session,
  added: Added,
  { set, gone }: ReturnType<Memory['changes']>,
): Promise<void> {
  for (const grain of Object.keys(grains) as (keyof typeof grains)[])
    await add(session, grains[grain], inGrain(added, placeIn[grain]));
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

/** The sums in a row of an answer. */
export const measuresIn = (row: Row): Measures =>
  Object.fromEntries(columns.filter((name) => name in row).map((name) => [name, Number(row[name] ?? 0)]));
