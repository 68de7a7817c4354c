/**
 * Which waiting requests may be looked at together. Pure: what waits and what was approved before, to batches. Whatever
 * is not plainly alike and plainly harmless stays a single review.
 */
import type { Json, JsonObject, LeftOutReason } from '@countersign/shared/contracts';
import type { BatchCaps, Terms } from '@countersign/shared/policy';
import { type Amount, amountsOf } from './amounts.ts';
import { type Cell, cellsOf, shapeOf } from './cells.ts';
import { destinationsOf } from './destinations.ts';
import { standOut } from './outliers.ts';

/** A waiting request as far as likeness goes. `caps: null`: policy never puts it together with others. */
export type Candidate = {
  id: string;
  version: number;
  args_digest: string;
  agent: string;
  tool: string;
  rules: string[];
  policy_digest: string;
  terms: Terms;
  reversible: boolean;
  caps: BatchCaps | null;
  args: JsonObject;
};

/** A call that people approved earlier: its destinations are known. */
export type Approved = Pick<Candidate, 'agent' | 'tool' | 'args'>;

export type LeftOut = { id: string; why: LeftOutReason; path?: string };

/** Rows that may be decided together, in the order in which they came. */
export type Group = {
  ids: string[];
  /** Places whose values are equal in all rows, and those whose are not; together all of the arguments. */
  common: { path: string; value: Json }[];
  columns: string[];
  /** Each row's values, one for each column. */
  values: Json[][];
  amounts: { path: string; currency?: string; each: number[] }[];
  left_out: LeftOut[];
};

/** Fewer are read as fast one by one. */
export const fewestRows = 3;
/** More differing values in a row are not read, but looked at. */
const mostColumns = 6;
/** A longer value, in characters, belongs on a card. */
const longText = 160;

/** A candidate taken apart. */
type Row = { id: string; candidate: Candidate; cells: Map<string, Cell>; amounts: Amount[] };

/**
 * Groups candidates that are low, reversible and without friction; of one agent, tool, policy, rules, terms, currency and
 * shape of arguments; without a destination that `approved` does not have; within policy's caps; with nothing that
 * stands out. A group that is too large becomes several. Who is left out is told with the first of its group.
 */
export function groupAlike(candidates: readonly Candidate[], approved: readonly Approved[]): Group[] {
  const known = new Set(
    approved.flatMap((call) => destinationsOf(cellsOf(call.args)).map(({ to }) => contact(call, to))),
  );
  const alike = new Map<string, Row[]>();
  for (const candidate of candidates) {
    const { terms, reversible, caps } = candidate;
    if (terms.tier !== 'low' || terms.friction.kind !== 'none' || !reversible || caps === null) continue;
    const cells = cellsOf(candidate.args);
    const row = {
      id: candidate.id,
      candidate,
      cells: new Map(cells.map((cell) => [cell.path, cell])),
      amounts: amountsOf(cells),
    };
    const key = likeness(row);
    alike.set(key, [...(alike.get(key) ?? []), row]);
  }
  return [...alike.values()].flatMap((rows) => batchesOf(rows, known));
}

const contact = ({ agent, tool }: Approved, to: string): string => JSON.stringify([agent, tool, to]);

function likeness({ candidate, cells, amounts }: Row): string {
  const { agent, tool, rules, policy_digest, terms, caps } = candidate;
  const currencies = amounts.map(({ path, currency }) => [path, currency]);
  return JSON.stringify([
    agent,
    tool,
    rules,
    policy_digest,
    terms,
    caps,
    shapeOf([...cells.values()]),
    currencies,
  ]);
}

function batchesOf(rows: Row[], known: ReadonlySet<string>): Group[] {
  const left_out: LeftOut[] = [];
  let kept = rows.filter((row) => keep(row, left_out, unfit(row, known)));
  kept = kept.filter((row) => keep(row, left_out, tooLong(row, differing(kept))));
  // Without the farthest, others may stand out from the rest.
  for (let before = -1; before !== kept.length; ) {
    before = kept.length;
    const odd = oddOnes(kept);
    kept = kept.filter((row) => keep(row, left_out, odd.get(row.id)));
  }
  const [first, ...others] = inChunks(kept).flatMap((chunk) => {
    const columns = differing(chunk);
    return chunk.length >= fewestRows && columns.length <= mostColumns ? [groupOf(chunk, columns)] : [];
  });
  return first === undefined ? [] : [{ ...first, left_out }, ...others];
}

type Objection = Omit<LeftOut, 'id'> | undefined;

function keep({ id }: Row, left_out: LeftOut[], objection: Objection): boolean {
  if (objection !== undefined) left_out.push({ id, ...objection });
  return objection === undefined;
}

/** What speaks against a row, whatever the others are. */
function unfit({ candidate, cells, amounts }: Row, known: ReadonlySet<string>): Objection {
  const stranger = destinationsOf([...cells.values()]).find(({ to }) => !known.has(contact(candidate, to)));
  if (stranger !== undefined) return { why: 'new_recipient', path: stranger.path };
  const { each, sum } = candidate.caps ?? { each: 0, sum: 0 };
  const large = amounts.find(({ value }) => !(Math.abs(value) <= Math.min(each, sum)));
  return large === undefined ? undefined : { why: 'over_cap', path: large.path };
}

/** Places at which these rows are not all equal. */
function differing(rows: readonly Row[]): string[] {
  const [first] = rows;
  return [...(first?.cells.keys() ?? [])].filter(
    (path) => new Set(rows.map(({ cells }) => JSON.stringify(cells.get(path)?.value))).size > 1,
  );
}

function tooLong({ cells }: Row, columns: string[]): Objection {
  const path = columns.find((column) => {
    const value = cells.get(column)?.value;
    return (typeof value === 'string' ? value : JSON.stringify(value ?? null)).length > longText;
  });
  return path === undefined ? undefined : { why: 'long_text', path };
}

function oddOnes(rows: readonly Row[]): Map<string, Objection> {
  const odd = new Map<string, Objection>();
  for (const path of differing(rows)) {
    const column = rows.flatMap(({ cells }) => cells.get(path) ?? []);
    standOut(column).forEach((why, index) => {
      const id = rows[index]?.id;
      if (why !== undefined && id !== undefined && !odd.has(id)) odd.set(id, { why, path });
    });
  }
  return odd;
}

/** Rows as they come, as many together as the caps allow. */
function inChunks(rows: readonly Row[]): Row[][] {
  const chunks: Row[][] = [];
  let chunk: Row[] = [];
  let sums = new Map<string, number>();
  for (const row of rows) {
    const { rows: most, sum } = row.candidate.caps ?? { rows: 0, sum: 0 };
    const full = chunk.length === most;
    if (full || row.amounts.some(({ path, value }) => (sums.get(path) ?? 0) + Math.abs(value) > sum)) {
      chunks.push(chunk);
      chunk = [];
      sums = new Map();
    }
    chunk.push(row);
    for (const { path, value } of row.amounts) sums.set(path, (sums.get(path) ?? 0) + Math.abs(value));
  }
  return [...chunks, chunk];
}

function groupOf(rows: readonly Row[], columns: string[]): Group {
  const [first] = rows;
  const at = ({ cells }: Row, path: string): Json => cells.get(path)?.value ?? null;
  return {
    ids: rows.map(({ id }) => id),
    common: [...(first?.cells.values() ?? [])]
      .filter(({ path }) => !columns.includes(path))
      .map(({ path, value }) => ({ path, value })),
    columns,
    values: rows.map((row) => columns.map((path) => at(row, path))),
    amounts: (first?.amounts ?? []).map(({ value: _own, ...amount }) => ({
      ...amount,
      each: rows.map(({ amounts }) => amounts.find(({ path }) => path === amount.path)?.value ?? 0),
    })),
    left_out: [],
  };
}
