/** `audit search`: what the sealed log holds, as a table to look at, or all of it as a file to take along. */
import {
  type AuditEntry,
  HistoryPage,
  type HistoryQuery,
  type HistoryRequest,
} from '@countersign/shared/contracts';
import { type ExitCode, exitCode } from '../exit-code.ts';
import { call } from '../server/call.ts';
import type { Connection } from '../server/connection.ts';
import { table } from '../terminal/table.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { exportHistory } from './export-history.ts';
import { fail } from './review.ts';

/** So many entries may be sealed and not searched without a word: some always are, this search's own for one. */
const justSealed = 256;

/** What is looked for: the members of the contract's query that say so. Times are ms since 1970. */
export type SearchFilter = {
  of: HistoryQuery['of'];
  status?: string;
  tier?: string;
  agent?: string;
  tool?: string;
  rule?: string;
  reviewer?: string;
  group?: string;
  type?: string;
  request?: string;
  words?: string;
  since?: number;
  until?: number;
};

export type SearchOptions = SearchFilter & {
  format: 'table' | 'jsonl' | 'csv';
  /** How many rows of a table, the newest; what is exported is everything. */
  limit: number;
  /** Where an earlier table ended. */
  cursor?: number;
  /** A file for what is exported, in place of the screen. */
  output?: string;
};

/** The most that the server gives at once. */
const pageSize = 500;

/** Searches. With the format `jsonl` or `csv` it is an export: everything that is found, the oldest first. */
export async function searchHistory(
  options: SearchOptions,
  connection: Connection,
  terminal: Terminal,
): Promise<ExitCode> {
  const { format, output } = options;
  if (format !== 'table') {
    const query = queryOf(options);
    query.set('format', format);
    return exportHistory({ query, format, ...(output !== undefined && { output }) }, connection, terminal);
  }
  if (output !== undefined) {
    terminal.err('--output is for what is exported: give --format jsonl or csv as well.');
    return exitCode.usage;
  }
  return showTable(options, connection, terminal);
}

async function showTable(
  options: SearchOptions,
  connection: Connection,
  terminal: Terminal,
): Promise<ExitCode> {
  const { limit } = options;
  const items: HistoryPage['items'] = [];
  let { cursor } = options;
  let page: HistoryPage;
  do {
    const query = queryOf(options);
    query.set('limit', String(Math.min(limit - items.length, pageSize)));
    if (cursor !== undefined) query.set('cursor', String(cursor));
    const answer = await call(connection, 'GET', `/v1/audit/history?${query}`, HistoryPage);
    if (!answer.ok) return fail(answer, terminal);
    page = answer.value;
    items.push(...page.items);
    cursor = page.next_cursor;
  } while (cursor !== undefined && items.length < limit);

  if (items.length === 0) terminal.err('Nothing in the log is like that.');
  else {
    const requests = items.flatMap((item) => ('entries' in item ? [item] : []));
    const entries = items.flatMap((item) => ('entries' in item ? [] : [item]));
    for (const line of options.of === 'entries' ? entryTable(entries) : requestTable(requests))
      terminal.out(line);
  }
  if (cursor !== undefined)
    terminal.err(`Older ones are there: --cursor ${cursor} goes on, --limit shows more.`);
  if (page.sealed - page.searched > justSealed)
    terminal.err(`${page.searched} of ${page.sealed} entries are searched so far: ask again in a moment.`);
  return exitCode.done;
}

/** What the server is asked for, but for the page. */
function queryOf(filter: SearchFilter): URLSearchParams {
  const { of, status, tier, agent, tool, rule, reviewer, group, type, request, words, since, until } = filter;
  const timeOf = (at: number | undefined) => (at === undefined ? undefined : new Date(at).toISOString());
  const given = {
    ...{ of, status, tier, agent, tool, rule, reviewer, group, type },
    request_id: request,
    q: words,
    from: timeOf(since),
    to: timeOf(until),
  };
  const set = Object.entries(given).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]));
  return new URLSearchParams(set);
}

/** `2026-11-21 08:15:04`, UTC. */
const moment = (time: string): string => time.slice(0, 19).replace('T', ' ');

function requestTable(items: readonly HistoryRequest[]): string[] {
  const rows = items.map((item) => [
    moment(item.created_at),
    item.status ?? '',
    item.tier ?? '',
    item.tool ?? '',
    item.agent ?? '',
    item.reviewers.map((one) => item.names[one] ?? one).join(' '),
    item.rules.join(' '),
    item.request_id,
  ]);
  return table(['MADE (UTC)', 'STATUS', 'TIER', 'TOOL', 'AGENT', 'REVIEWERS', 'RULES', 'REQUEST'], rows);
}

function entryTable(items: readonly Omit<AuditEntry, 'texts'>[]): string[] {
  const text = (value: unknown): string => (typeof value === 'string' ? value : '');
  const rows = items.map(({ index, entry, names }) => {
    const { actor } = entry;
    const id = typeof actor === 'object' && actor !== null && 'id' in actor ? text(actor.id) : '';
    const who = names[id] ?? id;
    const at = moment(new Date(entry.at).toISOString());
    return [String(index), at, entry.type, who, text(entry.tool), text(entry.status), text(entry.request_id)];
  });
  return table(['ENTRY', 'AT (UTC)', 'TYPE', 'BY', 'TOOL', 'STATUS', 'REQUEST'], rows);
}
