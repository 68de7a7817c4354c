/** `audit erase`: what is personal goes, and the log keeps that it went. */
import { Erasing } from '@countersign/shared/contracts';
import { type ExitCode, exitCode } from '../exit-code.ts';
import { call } from '../server/call.ts';
import type { Connection } from '../server/connection.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { fail } from './review.ts';

/** Exactly one of them. */
export type EraseOptions = { request?: string; person?: string };

/** Erases the texts of a request, or the name of a person in the log. */
export async function eraseBesideLog(
  { request, person }: EraseOptions,
  connection: Connection,
  terminal: Terminal,
): Promise<ExitCode> {
  if ((request === undefined) === (person === undefined)) {
    terminal.err('Say what to erase: --request ID or --person ID, one of them.');
    return exitCode.usage;
  }
  const body = request === undefined ? { person } : { request_id: request };
  const answer = await call(connection, 'POST', '/v1/audit/erase', Erasing, body);
  if (!answer.ok) return fail(answer, terminal);
  const { texts } = answer.value;
  if (request !== undefined)
    terminal.out(`Erased: ${texts} text${texts === 1 ? '' : 's'} that the store held.`);
  terminal.out('What the ledger keeps beside the log goes when this is sealed, within some ten seconds.');
  return exitCode.done;
}
