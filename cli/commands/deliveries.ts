/** `deliveries`: the log of what was sent where, as a log is read: the newest last, and on as it grows. */
import { setTimeout } from 'node:timers/promises';
import { Deliveries, type DeliveryOutcome, type DeliveryView } from '@countersign/shared/contracts';
import { type ExitCode, exitCode } from '../exit-code.ts';
import { type Answer, call } from '../server/call.ts';
import type { Connection } from '../server/connection.ts';
import { renderDelivery } from '../terminal/delivery.ts';
import { inertJson } from '../terminal/inert.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { fail } from './review.ts';

/** Which attempts. */
export type DeliveryFilter = {
  destination?: string;
  request?: string;
  event?: string;
  outcome?: DeliveryOutcome;
};

export type DeliveriesOptions = DeliveryFilter & {
  /** Milliseconds since 1970. */
  since?: number;
  /** How many at most; the newest ones. */
  limit: number;
  follow?: boolean;
  /** The first bytes of each answer, too. */
  verbose?: boolean;
  json?: boolean;
};

/** How often the log is looked at again, ms. */
const followEveryMs = 1_000;

/** The most that the server gives at once. */
const pageSize = 200;

/** Prints attempts, the newest last; with `follow`, also those that are made until somebody interrupts. */
export async function deliveries(
  options: DeliveriesOptions,
  connection: Connection,
  terminal: Terminal,
): Promise<ExitCode> {
  const { follow, json, limit } = options;
  const style = { verbose: options.verbose === true, columns: terminal.columns, color: terminal.color };
  function print(items: readonly DeliveryView[]): void {
    for (const item of items) {
      const lines = json ? [inertJson(item, 0)] : renderDelivery(item, style);
      for (const line of lines) terminal.out(line);
    }
  }

  // Read before the search: whatever comes after this line is looked at by one of the two.
  const end = follow ? await newest({}, 1, connection) : undefined;
  if (end?.ok === false) return fail(end, terminal);
  const found = await newest(options, limit, connection);
  if (!found.ok) return fail(found, terminal);
  const { items, older } = found.value;
  if (json && !follow) terminal.out(inertJson({ items }));
  else print(items);
  if (older && !json) terminal.err(`Older ones are there: --limit says how many to show, and is ${limit}.`);
  if (end === undefined) {
    if (items.length === 0 && !json) terminal.err('No attempt in the log is like that.');
    return exitCode.done;
  }
  const seen = [...end.value.items, ...items].map(({ id }) => id);
  const last = seen.reduce((latest, id) => (isAfter(id, latest) ? id : latest), '0-0');
  return followFrom(last, { filter: options, connection, terminal, print });
}

type Following = {
  filter: DeliveryFilter;
  connection: Connection;
  terminal: Terminal;
  print: (items: readonly DeliveryView[]) => void;
};

/**
 * Prints what comes after a line until somebody interrupts. All lines are read and sifted here: a search for the rare
 * one would have the server look through everything since the last match, each second. A server that is away is
 * waited for.
 */
async function followFrom(
  start: string,
  { filter, connection, terminal, print }: Following,
): Promise<ExitCode> {
  const interruption = new AbortController();
  const { signal } = interruption;
  void terminal.interrupted().then(() => interruption.abort());
  let last = start;
  let away = false;
  for (;;) {
    await setTimeout(followEveryMs, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return exitCode.done;
    const found = await newest({ since: timeOf(last) }, Number.MAX_SAFE_INTEGER, connection, last);
    if (found.ok) {
      print(found.value.items.filter((item) => matches(filter, item)));
      last = found.value.items.at(-1)?.id ?? last;
    } else if (found.code !== 'unavailable') return fail(found, terminal);
    else if (!away) terminal.err(`${found.message} Waiting for it.`);
    away = !found.ok;
  }
}

/**
 * The newest attempts that match, oldest of them first; `older` when there may be more.
 *
 * @param after nothing up to this line is wanted
 */
async function newest(
  filter: DeliveryFilter & { since?: number },
  limit: number,
  connection: Connection,
  after?: string,
): Promise<Answer<{ items: DeliveryView[]; older: boolean }>> {
  const items: DeliveryView[] = [];
  let cursor: string | undefined;
  do {
    const query = queryOf(filter, Math.min(limit - items.length, pageSize), cursor);
    const answer = await call(connection, 'GET', `/v1/deliveries?${query}`, Deliveries);
    if (!answer.ok) return answer;
    const page = answer.value.items;
    const wanted = after === undefined ? page : page.filter(({ id }) => isAfter(id, after));
    items.push(...wanted);
    cursor = wanted.length === page.length ? answer.value.next_cursor : undefined;
  } while (cursor !== undefined && items.length < limit);
  const value = { items: items.reverse(), older: cursor !== undefined };
  return { ok: true, value, body: value };
}

function queryOf(
  { destination, request, event, outcome, since }: DeliveryFilter & { since?: number },
  limit: number,
  cursor: string | undefined,
): URLSearchParams {
  const query = new URLSearchParams({ limit: String(limit) });
  const given = { destination, request, event, outcome, cursor };
  for (const [name, value] of Object.entries(given)) if (value !== undefined) query.set(name, value);
  if (since !== undefined) query.set('since', new Date(since).toISOString());
  return query;
}

function matches({ destination, request, event, outcome }: DeliveryFilter, item: DeliveryView): boolean {
  return (
    (destination ?? item.destination) === item.destination &&
    (request ?? item.request_id) === item.request_id &&
    (event ?? item.event_id) === item.event_id &&
    (outcome ?? item.outcome) === item.outcome
  );
}

/** The time in a line's id, `<ms>-<n>`. */
function timeOf(id: string): number {
  return Number(id.split('-')[0]);
}

/** Whether a line stands behind another in the log. */
function isAfter(id: string, other: string): boolean {
  const [ms = 0, n = 0] = id.split('-').map(Number);
  const [otherMs = 0, otherN = 0] = other.split('-').map(Number);
  return ms === otherMs ? n > otherN : ms > otherMs;
}
