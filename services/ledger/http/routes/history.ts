/** Searching the log, and taking what was found elsewhere. Both are on record. */
import { type HistoryQuery, type Problem, problem } from '@countersign/shared/contracts';
import { ledgerCalls } from '@countersign/shared/http';
import type { Filter } from '../../history/filter.ts';
import type { History } from '../../history/history.ts';
import { entriesCsv, jsonLines, requestsCsv } from '../../history/print.ts';
import type { LedgerRoutes } from '../app.ts';

/** A search that takes longer is given up, ms. */
const searchWithinMs = 10_000;

const msOf = (time: string | undefined): number | undefined =>
  time === undefined ? undefined : Date.parse(time);

function filterOf({
  of: _of,
  format: _format,
  cursor: _cursor,
  limit: _limit,
  from,
  to,
  ...rest
}: HistoryQuery): Filter {
  return { ...rest, from: msOf(from), to: msOf(to) };
}

/** A search that was given up, told as what it is. */
function givenUp(error: unknown): Problem {
  if (!(error instanceof DOMException && error.name === 'TimeoutError')) throw error;
  return problem(
    'search_too_long',
    `It was given up after ${searchWithinMs / 1_000} seconds. Narrow it by time, agent or tool.`,
  );
}

/** What of a search goes on record: all but the words, which may be what somebody will want erased. */
function told({ format, cursor: _cursor, limit: _limit, q, ...rest }: HistoryQuery): Record<string, unknown> {
  return { form: format, ...rest, ...(q === undefined ? {} : { words: true }) };
}

function exported(history: History, query: HistoryQuery, signal: AbortSignal): AsyncIterable<string> {
  const filter = filterOf(query);
  if (query.of === 'entries') {
    const entries = history.eachEntry(filter, signal);
    return query.format === 'csv' ? entriesCsv(entries) : jsonLines(entries);
  }
  const requests = history.eachRequest(filter, signal);
  return query.format === 'csv' ? requestsCsv(requests) : jsonLines(requests);
}

/** Lines are short: so much goes out at once, characters. */
const most = 64 * 1024;

/** As bytes that are computed no faster than they are taken, and not at all once nobody takes them. */
function streamOf(lines: AsyncIterable<string>): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  const reading = lines[Symbol.asyncIterator]();
  return new ReadableStream({
    async pull(controller) {
      let waiting = '';
      let next = await reading.next();
      for (; next.done !== true; next = await reading.next()) {
        waiting += next.value;
        if (waiting.length >= most) break;
      }
      if (waiting !== '') controller.enqueue(encoder.encode(waiting));
      if (next.done === true) controller.close();
    },
    async cancel() {
      await reading.return?.();
    },
  });
}

/** Mounts it. */
export function historyRoutes(routes: LedgerRoutes): void {
  routes.add(ledgerCalls.history, async ({ caller, query, historyOf, onRecord, c }) => {
    const history = await historyOf(caller.workspace);
    if (history === undefined)
      return problem(
        'not_ready',
        'The history can not be searched on this machine: the process’s own log says why.',
      );
    c.header('Cache-Control', 'no-store');
    if (query.format !== 'json') {
      await onRecord.searched(caller, 'audit.exported', told(query));
      const type = query.format === 'csv' ? 'text/csv; charset=utf-8' : 'application/x-ndjson';
      c.header('Content-Disposition', `attachment; filename="history-${query.of}.${query.format}"`);
      return c.body(streamOf(exported(history, query, c.req.raw.signal)), 200, { 'Content-Type': type });
    }
    const page = { limit: query.limit, before: query.cursor };
    const signal = AbortSignal.any([c.req.raw.signal, AbortSignal.timeout(searchWithinMs)]);
    const progress = await history.progress();
    const filter = filterOf(query);
    const found = await (query.of === 'entries'
      ? history.entries(filter, page, signal)
      : history.requests(filter, page, signal)
    ).catch(givenUp);
    if ('code' in found) return found;
    const { items, next } = found;
    await onRecord.searched(caller, 'audit.read', told(query));
    return c.json({ items, ...(next === undefined ? {} : { next_cursor: next }), ...progress });
  });
}
