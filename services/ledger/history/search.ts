/** Finds entries and requests: which they are. What an entry says is read from the log itself. */
import { listValue } from '@duckdb/node-api';
import type { Engine, Row, Values } from './engine.ts';
import { type Filter, ofEntries, ofRequests, ofWholeRequests, type People, valuesOf } from './filter.ts';
import type { Texts } from './texts.ts';

/** @property size so many entries are searched, though more may come meanwhile */
export type Searched = { engine: Engine; texts: Texts; people: People; size: number };

/** At most so many; of those before (the newest first) or after a place, an index in the log. */
export type Page = { limit: number; before?: number | undefined };

/** A request as the log tells of it; people by pseudonym, times in ms, places as indexes in the log. */
export type FoundRequest = {
  request_id: string;
  agent: string | null;
  tool: string | null;
  tier: string | null;
  status: string | null;
  rules: string[];
  /** Who gave a verdict. */
  reviewers: string[];
  created_at: number;
  /** When it was decided, and by which entry; null while it is not. */
  decided_at: number | null;
  decision: number | null;
  first: number;
  last: number;
};

/** A file of words was replaced between being listed and being read. */
const isReplaced = (error: unknown): boolean =>
  error instanceof Error && /no files found|no such file/i.test(error.message);

/** Builds a statement with the words of texts as they are now; again where they change meanwhile. */
async function withTexts<T>(
  { texts, people }: Searched,
  filter: Filter,
  work: (files: readonly string[], values: Values) => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    const files = filter.q === undefined ? [] : await texts.current();
    try {
      return await work(files, valuesOf(filter, people, files));
    } catch (error) {
      if (attempt >= 5 || !isReplaced(error)) throw error;
    }
  }
}

const where = (conditions: readonly string[]): string => `WHERE ${conditions.join(' AND ')}`;

/** Which entries, the newest first, by their indexes. */
export function findEntries(
  searched: Searched,
  filter: Filter,
  { limit, before }: Page,
  signal?: AbortSignal,
): Promise<number[]> {
  return withTexts(searched, filter, async (files, values) => {
    const conditions = [...ofEntries(filter, files), 'seq < $before::BIGINT'];
    const end = BigInt(Math.min(before ?? searched.size, searched.size));
    const rows = await searched.engine.rows(
      `SELECT seq FROM entries ${where(conditions)} ORDER BY seq DESC LIMIT $limit::BIGINT`,
      { ...values, limit: BigInt(limit), before: end },
      signal,
    );
    return rows.map(({ seq }) => Number(seq));
  });
}

const having = (conditions: readonly string[]): string =>
  conditions.length === 0 ? '' : `HAVING ${conditions.join(' AND ')}`;

/** Which requests, those made last first. */
export function findRequests(
  searched: Searched,
  filter: Filter,
  { limit, before }: Page,
  signal?: AbortSignal,
): Promise<FoundRequest[]> {
  return withTexts(searched, filter, async (files, values) => {
    const whole = [...ofWholeRequests(filter), 'min(seq) < $before::BIGINT'];
    // First which ones, by what tells them apart; the rest only of those.
    const found = await searched.engine.rows(
      `SELECT request_id, min(seq) AS first FROM entries ${where(ofRequests(filter, files))}
        GROUP BY request_id ${having(whole)} ORDER BY first DESC LIMIT $limit::BIGINT`,
      { ...values, limit: BigInt(limit), before: BigInt(before ?? searched.size) },
      signal,
    );
    const oldest = found.at(-1);
    if (oldest === undefined) return [];
    const ids = listValue(found.map(({ request_id }) => String(request_id)));
    const rows = await searched.engine.rows(
      details(where(['request_id IN (SELECT unnest($ids))', 'seq >= $first::BIGINT']), ''),
      { ids, first: BigInt(Number(oldest.first)) },
      signal,
    );
    return rows.map(requestOf).toReversed();
  });
}

/** Every entry, in the log's order, some indexes at a time. */
export async function* eachEntry(
  searched: Searched,
  filter: Filter,
  signal?: AbortSignal,
): AsyncIterable<number[]> {
  const found = await withTexts(searched, filter, (files, values) =>
    begun(
      searched.engine.stream(
        `SELECT seq FROM entries ${where([...ofEntries(filter, files), 'seq < $end::BIGINT'])} ORDER BY seq`,
        { ...values, end: BigInt(searched.size) },
        signal,
      ),
    ),
  );
  for await (const rows of found) yield rows.map(({ seq }) => Number(seq));
}

/** Every request, in the order in which they were made, some at a time. */
export async function* eachRequest(
  searched: Searched,
  filter: Filter,
  signal?: AbortSignal,
): AsyncIterable<FoundRequest[]> {
  const found = await withTexts(searched, filter, (files, values) =>
    begun(
      searched.engine.stream(
        details(where(ofRequests(filter, files)), having(ofWholeRequests(filter))),
        values,
        signal,
      ),
    ),
  );
  for await (const rows of found) yield rows.map(requestOf);
}

/** The same, its first part computed: what then can fail is no longer a file that was replaced. */
async function begun<T>(rows: AsyncIterable<T>): Promise<AsyncIterable<T>> {
  const reading = rows[Symbol.asyncIterator]();
  let next = await reading.next();
  return (async function* () {
    try {
      for (; next.done !== true; next = await reading.next()) yield next.value;
    } finally {
      await reading.return?.();
    }
  })();
}

const decisions = `('${[
  'action.allowed',
  'action.denied',
  'grant.used',
  'request.approved',
  'request.rejected',
  'request.timed_out',
  'request.cancelled',
].join("', '")}')`;

const details = (where: string, having: string): string => `
  SELECT request_id, min(seq) AS first, max(seq) AS last, min(at_ms) AS created_at,
    arg_max(agent, seq) AS agent, arg_max(tool, seq) AS tool, arg_max(tier, seq) AS tier, arg_max(status, seq) AS status,
    list_sort(list_distinct(flatten(list(rules)))) AS rules,
    coalesce(list(DISTINCT actor) FILTER (type = 'verdict.given'), []) AS reviewers,
    max(seq) FILTER (type IN ${decisions}) AS decision,
    arg_max(at_ms, seq) FILTER (type IN ${decisions}) AS decided_at
  FROM entries ${where} GROUP BY request_id ${having} ORDER BY first`;

const numberOr = (value: unknown): number | null => (value === null ? null : Number(value));
const textOr = (value: unknown): string | null => (value === null ? null : String(value));
const textsIn = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : []);

function requestOf(row: Row): FoundRequest {
  return {
    request_id: String(row.request_id),
    agent: textOr(row.agent),
    tool: textOr(row.tool),
    tier: textOr(row.tier),
    status: textOr(row.status),
    rules: textsIn(row.rules),
    reviewers: textsIn(row.reviewers).toSorted(),
    created_at: Number(row.created_at),
    decided_at: numberOr(row.decided_at),
    decision: numberOr(row.decision),
    first: Number(row.first),
    last: Number(row.last),
  };
}
