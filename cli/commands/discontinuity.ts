/** `discontinuity`: what the store has lost, and going on in spite of it. */
import { Discontinuity } from '@countersign/shared/contracts';
import { z } from 'zod';
import { type ExitCode, exitCode } from '../exit-code.ts';
import { call } from '../server/call.ts';
import type { Connection } from '../server/connection.ts';
import { inert, inertJson } from '../terminal/inert.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { fail } from './review.ts';

const path = '/v1/discontinuity';

/** Says whether approvals are held back because Redis lost events that were sealed. */
export async function showDiscontinuity(
  options: { json?: boolean },
  connection: Connection,
  terminal: Terminal,
): Promise<ExitCode> {
  const answer = await call(connection, 'GET', path, Discontinuity);
  if (!answer.ok) return fail(answer, terminal);
  const { found_at } = answer.value;
  if (options.json) terminal.out(inertJson(answer.body));
  else if (found_at === null) terminal.out('Nothing that was sealed is missing.');
  else {
    terminal.out(`Redis lost events that were sealed; found at ${inert(found_at)}.`);
    terminal.out('Approvals from before do not run. See in the log what was revoked, frozen or consumed;');
    terminal.out('do that again, deny again what signing keys were denied, and then accept it.');
  }
  return exitCode.done;
}

/** Lets approvals from before run again. */
export async function acceptDiscontinuity(
  reason: string,
  connection: Connection,
  terminal: Terminal,
): Promise<ExitCode> {
  const found = await call(connection, 'GET', path, Discontinuity);
  if (!found.ok) return fail(found, terminal);
  const { found_at } = found.value;
  if (found_at === null) {
    terminal.err('Nothing that was sealed is missing, so there is nothing to accept.');
    return exitCode.refused;
  }
  const answer = await call(connection, 'POST', path, z.object({}), { found_at, reason });
  if (!answer.ok) return fail(answer, terminal);
  terminal.out('Accepted: approvals from before may run again.');
  return exitCode.done;
}
