/** `queue` and `show`: what waits for this reviewer. */
import { Queue, RequestView } from '@countersign/shared/contracts';
import { type ExitCode, exitCode } from '../exit-code.ts';
import { call } from '../server/call.ts';
import type { Connection } from '../server/connection.ts';
import { type CardStyle, renderCard, renderRow } from '../terminal/card.ts';
import { inert, inertJson } from '../terminal/inert.ts';
import type { Terminal } from '../terminal/terminal.ts';

/** Lists what this key's reviewer may decide, most urgent first. */
export async function queue(
  options: { json?: boolean },
  connection: Connection,
  terminal: Terminal,
): Promise<ExitCode> {
  const answer = await call(connection, 'GET', '/v1/queue', Queue);
  if (!answer.ok) return fail(answer, terminal);
  if (options.json) {
    terminal.out(inertJson(answer.body));
    return exitCode.done;
  }
  const { items, counts } = answer.value;
  if (items.length === 0) terminal.out('Nothing waits for you.');
  for (const request of items) terminal.out(renderRow(request, styleOf(terminal)));
  if (counts.total > items.length) terminal.out(`… and ${counts.total - items.length} more.`);
  return exitCode.done;
}

/** Shows one request as a card. */
export async function show(
  id: string,
  options: { json?: boolean },
  connection: Connection,
  terminal: Terminal,
): Promise<ExitCode> {
  const answer = await readRequest(id, connection);
  if (!answer.ok) return fail(answer, terminal);
  if (options.json) terminal.out(inertJson(answer.body));
  else for (const line of renderCard(answer.value, styleOf(terminal))) terminal.out(line);
  return exitCode.done;
}

/** The request as it is now. */
export function readRequest(id: string, connection: Connection) {
  return call(connection, 'GET', requestPath(id), RequestView);
}

/** `/v1/requests/…`, whatever somebody typed as an id. */
export function requestPath(id: string): string {
  return `/v1/requests/${encodeURIComponent(id)}`;
}

/** Says why not, and with which code a script should end. */
export function fail(
  refusal: { code: string; message: string; exit: ExitCode },
  terminal: Terminal,
): ExitCode {
  terminal.err(`${inert(refusal.code)}: ${refusal.message}`);
  return refusal.exit;
}

export function styleOf(terminal: Terminal): CardStyle {
  return { columns: terminal.columns, color: terminal.color, now: Date.now() };
}
