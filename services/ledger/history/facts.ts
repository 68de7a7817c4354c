/** An entry as a row of the history: what can be asked for, and nothing that could ever have to be erased. Pure. */
import { BIGINT, type DuckDBType, type DuckDBValue, LIST, listValue, VARCHAR } from '@duckdb/node-api';
import type { Entry } from '../sealing/entry.ts';
import type { Rows } from './engine.ts';
import { wordsOfEntry } from './words.ts';

type Column = { name: string; type: DuckDBType; of: (entry: Entry) => DuckDBValue };

/** The log's pseudonyms: see sealing/names.ts. */
const pseudonym = /^p_[\w-]{22}$/;

/** The pseudonyms that an entry uses, each once. */
export function pseudonymsIn({ actor, data }: Entry): string[] {
  const found = new Set<string>();
  const look = (value: unknown): void => {
    if (typeof value === 'string' && pseudonym.test(value)) found.add(value);
    else if (typeof value === 'object' && value !== null)
      for (const member of Object.values(value)) look(member);
  };
  look(actor.id);
  look(data);
  return [...found];
}

const stringsIn = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];

const text = (name: string, of: (entry: Entry) => string | undefined): Column => ({
  name,
  type: VARCHAR,
  of: (entry) => of(entry) ?? null,
});
const list = (name: string, of: (entry: Entry) => string[]): Column => ({
  name,
  type: LIST(VARCHAR),
  of: (entry) => listValue(of(entry)),
});
const whole = (name: string, of: (entry: Entry) => number): Column => ({
  name,
  type: BIGINT,
  of: (entry) => BigInt(of(entry)),
});

const columns: readonly Column[] = [
  whole('seq', ({ seq }) => seq),
  // Redis ms.
  whole('at_ms', ({ at }) => at),
  text('type', ({ type }) => type),
  text('actor_kind', ({ actor }) => actor.kind),
  // Of a person, the pseudonym.
  text('actor', ({ actor }) => actor.id),
  text('request_id', ({ request_id }) => request_id),
  text('agent', ({ agent }) => agent),
  text('tool', ({ tool }) => tool),
  text('tier', ({ tier }) => tier),
  text('status', ({ status }) => status),
  list('rules', ({ data }) => stringsIn(data?.rules)),
  // Groups by name where they were asked; by pseudonym, and people with them, where they were told or may decide since.
  list('asked', ({ data }) => [data?.groups, data?.notify, data?.reviewers].flatMap(stringsIn)),
  text('words', wordsOfEntry),
];

/** What makes the table. */
export const createEntries = `CREATE TABLE IF NOT EXISTS entries (${columns.map(({ name, type }) => `"${name}" ${type}`).join(', ')})`;

/** Its rows for these entries. */
export const rowsOf = (entries: readonly Entry[]): Rows => ({
  types: columns.map(({ type }) => type),
  columns: columns.map(({ of }) => entries.map(of)),
});
