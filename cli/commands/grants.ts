/** `grants` and `grants revoke`: what runs without anyone being asked, and the end of it. */
import { type Grant, Grants } from '@countersign/shared/contracts';
import { z } from 'zod';
import { type ExitCode, exitCode } from '../exit-code.ts';
import { call } from '../server/call.ts';
import type { Connection } from '../server/connection.ts';
import { title } from '../terminal/card.ts';
import { inert, inertJson } from '../terminal/inert.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { timeLeft } from '../terminal/time-left.ts';
import { fail } from './review.ts';

/** Lists the grants in force that this key's owner may decide about, the one that ends first before the others. */
export async function listGrants(
  options: { json?: boolean },
  connection: Connection,
  terminal: Terminal,
): Promise<ExitCode> {
  const answer = await call(connection, 'GET', '/v1/grants', Grants);
  if (!answer.ok) return fail(answer, terminal);
  if (options.json) {
    terminal.out(inertJson(answer.body));
    return exitCode.done;
  }
  const { items } = answer.value;
  if (items.length === 0) terminal.out('No grant is in force: everything that needs approval asks for it.');
  for (const grant of items) for (const line of lines(grant, Date.now())) terminal.out(line);
  return exitCode.done;
}

/** Ends a grant. */
export async function revokeGrant(id: string, connection: Connection, terminal: Terminal): Promise<ExitCode> {
  const answer = await call(connection, 'DELETE', `/v1/grants/${encodeURIComponent(id)}`, z.object({}));
  if (!answer.ok) return fail(answer, terminal);
  terminal.out(`${inert(id)} is revoked: the next call like it waits for a person.`);
  return exitCode.done;
}

function lines({ id, by, per, calls, left, expires_at, request }: Grant, now: number): string[] {
  const like =
    per === null
      ? 'exactly the same arguments'
      : `the same ${per.map((path) => inert(path.replace(/^param\./, ''))).join(', ')}`;
  return [
    `${inert(id)}  ${left} of ${calls} calls left, ${timeLeft(expires_at, now)}  ${title(request)}`,
    `  ${inert(request.tool)} by ${inert(request.agent)} with ${like}; given by ${inert(by)} with ${inert(request.id)}`,
  ];
}
