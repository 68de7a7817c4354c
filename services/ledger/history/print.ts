/** What was found as text, a piece at a time: JSON Lines for programs, CSV for tables. Pure. */
import type { FoundEntry, NamedRequest } from './found.ts';

/**
 * One cell, RFC 4180. What a spreadsheet would take for a formula gets an apostrophe before it: agents choose some of
 * these words.
 */
function cell(value: string | number | null | undefined): string {
  if (typeof value === 'number') return String(value);
  const text = value ?? '';
  const inert = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(inert) ? `"${inert.replaceAll('"', '""')}"` : inert;
}

export const line = (cells: readonly (string | number | null | undefined)[]): string =>
  `${cells.map(cell).join(',')}\r\n`;

/** A line for each, in JSON. */
export async function* jsonLines(items: AsyncIterable<FoundEntry | NamedRequest>): AsyncIterable<string> {
  for await (const item of items) yield `${JSON.stringify(item)}\n`;
}

const entryHead = [
  'index',
  'at',
  'type',
  'request_id',
  'agent',
  'tool',
  'tier',
  'status',
  'actor_kind',
  'actor',
  'actor_name',
  'data',
];

/** A line for each entry, after one that names the columns. `data` is JSON; `actor_name` is empty where it was erased. */
export async function* entriesCsv(items: AsyncIterable<FoundEntry>): AsyncIterable<string> {
  yield line(entryHead);
  for await (const { index, entry, names } of items) {
    const { type, at, actor, request_id, agent, tool, tier, status, data } = entry;
    const name = actor.kind === 'person' ? names[actor.id] : undefined;
    const about = [request_id, agent, tool, tier, status];
    yield line([
      index,
      new Date(at).toISOString(),
      type,
      ...about,
      actor.kind,
      actor.id,
      name,
      data && JSON.stringify(data),
    ]);
  }
}

const requestHead = [
  'request_id',
  'agent',
  'tool',
  'tier',
  'status',
  'rules',
  'reviewers',
  'reviewer_names',
  'created_at',
  'decided_at',
  'first_entry',
  'decision_entry',
  'last_entry',
];

/** A line for each request, after one that names the columns. What is several is parted by spaces. */
export async function* requestsCsv(items: AsyncIterable<NamedRequest>): AsyncIterable<string> {
  yield line(requestHead);
  for await (const { names, ...request } of items) {
    const { request_id, agent, tool, tier, status, rules, reviewers, entries } = request;
    const { first, decision, last } = entries;
    const who = reviewers.flatMap((reviewer) => names[reviewer] ?? []);
    const when = [request.created_at, request.decided_at];
    const several = [rules, reviewers, who].map((some) => some.join(' '));
    yield line([request_id, agent, tool, tier, status, ...several, ...when, first, decision, last]);
  }
}
