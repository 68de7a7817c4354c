/** `keys` and `pair`: who may use the server. */
import { CreatedKey, type CreateKey, KeyView, PairCode } from '@countersign/shared/contracts';
import { z } from 'zod';
import { type ExitCode, exitCode } from '../exit-code.ts';
import { call } from '../server/call.ts';
import type { Connection } from '../server/connection.ts';
import { inert, inertJson } from '../terminal/inert.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { fail } from './review.ts';

/** Makes a key and prints it, this once. */
export async function createKey(
  key: CreateKey,
  options: { json?: boolean },
  connection: Connection,
  terminal: Terminal,
): Promise<ExitCode> {
  const answer = await call(connection, 'POST', '/v1/keys', CreatedKey, key);
  if (!answer.ok) return fail(answer, terminal);
  if (options.json) {
    terminal.out(inertJson(answer.body));
    return exitCode.done;
  }
  const made = answer.value;
  terminal.out(made.key);
  if (made.callback_secret) terminal.out(`callback secret: ${made.callback_secret}`);
  terminal.err(`${made.id} belongs to ${inert(key.owner)}. It is not shown again.`);
  return exitCode.done;
}

/** Lists keys without their secrets, the working ones first. */
export async function listKeys(
  options: { json?: boolean },
  connection: Connection,
  terminal: Terminal,
): Promise<ExitCode> {
  const answer = await call(connection, 'GET', '/v1/keys', z.object({ items: z.array(KeyView) }));
  if (!answer.ok) return fail(answer, terminal);
  if (options.json) {
    terminal.out(inertJson(answer.body));
    return exitCode.done;
  }
  const working = answer.value.items.filter((key) => key.revoked_at === undefined);
  const revoked = answer.value.items.filter((key) => key.revoked_at !== undefined);
  for (const key of [...working, ...revoked]) {
    const agents = key.agents && key.agents.length > 0 ? `  agents ${key.agents.join(', ')}` : '';
    const end = key.revoked_at === undefined ? '' : `  revoked ${key.revoked_at}`;
    terminal.out(inert(`${key.id}  ${key.owner}  ${key.roles.join(', ')}${agents}${end}`));
  }
  return exitCode.done;
}

/** Revokes a key, everywhere and at once. */
export async function revokeKey(id: string, connection: Connection, terminal: Terminal): Promise<ExitCode> {
  const answer = await call(connection, 'DELETE', `/v1/keys/${encodeURIComponent(id)}`, z.object({}));
  if (!answer.ok) return fail(answer, terminal);
  terminal.out(`${inert(id)} is revoked.`);
  return exitCode.done;
}

/** Makes a one-time code with which a person connects the extension. */
export async function pair(
  person: string,
  options: { json?: boolean },
  connection: Connection,
  terminal: Terminal,
): Promise<ExitCode> {
  const answer = await call(connection, 'POST', '/v1/pair-codes', PairCode, { person });
  if (!answer.ok) return fail(answer, terminal);
  if (options.json) {
    terminal.out(inertJson(answer.body));
    return exitCode.done;
  }
  const { code, expires_at } = answer.value;
  terminal.out(`${connection.url}/#pair=${inert(code)}`);
  terminal.err(`${inert(person)} pastes this into the extension, once, before ${inert(expires_at)}.`);
  return exitCode.done;
}
