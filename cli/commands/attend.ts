/** `ask`, `claim` and `revoke`: what a reviewer does about a request beside deciding it. */
import { type Ask, RequestView } from '@countersign/shared/contracts';
import { type ExitCode, exitCode } from '../exit-code.ts';
import { call } from '../server/call.ts';
import type { Connection } from '../server/connection.ts';
import { inert, inertJson } from '../terminal/inert.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { fail, requestPath } from './review.ts';

type Output = { json?: boolean };

/** Asks the agent without deciding. */
export function ask(
  id: string,
  text: string,
  options: Output,
  connection: Connection,
  terminal: Terminal,
): Promise<ExitCode> {
  const said = `Asked. The time to decide goes on; \`countersign show ${inert(id)}\` has the answer once there is one.`;
  return act(id, 'question', { text } satisfies Ask, () => said, options, connection, terminal);
}

/** “I’m on it”, for five minutes, or no longer. */
export function claim(
  id: string,
  options: Output & { release?: boolean },
  connection: Connection,
  terminal: Terminal,
): Promise<ExitCode> {
  const release = options.release === true;
  const done = ({ claim }: RequestView) =>
    claim === undefined ? 'Nobody is on it now.' : `${inert(claim.by)} is on it until ${claim.until}.`;
  return act(id, 'claim', { release }, done, options, connection, terminal);
}

/** Takes an approval back before it runs. */
export function revoke(
  id: string,
  options: Output & { reason?: string },
  connection: Connection,
  terminal: Terminal,
): Promise<ExitCode> {
  const reason = options.reason === undefined ? {} : { reason: options.reason };
  const done = () => 'Revoked: it will not run.';
  return act(id, 'revoke', reason, done, options, connection, terminal);
}

async function act(
  id: string,
  verb: 'question' | 'claim' | 'revoke',
  body: object,
  done: (request: RequestView) => string,
  options: Output,
  connection: Connection,
  terminal: Terminal,
): Promise<ExitCode> {
  const answer = await call(connection, 'POST', `${requestPath(id)}/${verb}`, RequestView, body);
  if (!answer.ok) return fail(answer, terminal);
  terminal.out(options.json ? inertJson(answer.body) : done(answer.value));
  return exitCode.done;
}
