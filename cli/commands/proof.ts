/** `audit proof`: that what became of a request stands in the sealed log, shown here and not merely said by the server. */
import { writeFile } from 'node:fs/promises';
import { RequestProof } from '@countersign/shared/contracts';
import { provenFacts, verifyEntry, withEntry } from '../audit/entry-proof.ts';
import { type ExitCode, exitCode } from '../exit-code.ts';
import { call } from '../server/call.ts';
import type { Connection } from '../server/connection.ts';
import { downloadText } from '../server/download.ts';
import { inert, inertJson } from '../terminal/inert.ts';
import { renderProvenEntry } from '../terminal/proven-entry.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { fail, requestPath } from './review.ts';
import { verifierKeyFrom } from './verifier-key.ts';

export type ProofOptions = {
  /** An entry of the request by its index; else that of its decision, or its newest. */
  entry?: number;
  /** The log's verifier key, or a file that holds it. Without it the server is asked for its own. */
  logKey?: string;
  /** A file for the proof, its entry included. */
  output?: string;
  json?: boolean;
};

/** Fetches a proof and verifies it. Refused where it does not show what it should. */
export async function proveRequest(
  id: string,
  { entry, logKey, output, json }: ProofOptions,
  connection: Connection,
  terminal: Terminal,
): Promise<ExitCode> {
  const key = await keyOf(logKey, connection, terminal);
  if ('exit' in key) return key.exit;
  const path = `${requestPath(id)}/proof${entry === undefined ? '' : `?entry=${entry}`}`;
  const answer = await call(connection, 'GET', path, RequestProof);
  if (!answer.ok) return fail(answer, terminal);

  const bytes = Buffer.from(answer.value.entry);
  const proven = verifyEntry(answer.value.proof, key.key, bytes);
  if ('code' in proven)
    return fail({ ...proven, message: inert(proven.message), exit: exitCode.refused }, terminal);
  if (proven.entry.request_id !== id || (entry !== undefined && proven.index !== entry)) {
    const message = `It is the proof of another entry, ${proven.index}.`;
    return fail({ code: 'entry_other', message, exit: exitCode.refused }, terminal);
  }
  if (output !== undefined) {
    try {
      await writeFile(output, withEntry(answer.value.proof, bytes), { flag: 'wx' });
    } catch (error) {
      terminal.err(
        `${inert(output)} could not be written: ${error instanceof Error ? inert(error.message) : ''}`,
      );
      return exitCode.usage;
    }
  }
  if (json)
    terminal.out(inertJson({ ...provenFacts(proven), key_from: logKey === undefined ? 'server' : 'given' }));
  else for (const line of renderProvenEntry(proven, terminal.columns)) terminal.out(line);
  if (logKey === undefined)
    terminal.err('Shown under the key that the same server names. Give --log-key, from somebody you trust.');
  return exitCode.done;
}

async function keyOf(logKey: string | undefined, connection: Connection, terminal: Terminal) {
  const served = logKey === undefined ? await downloadText(connection, '/v1/audit/verifier-key') : undefined;
  if (served?.ok === false) {
    const exit = fail(served, terminal);
    if (served.code === 'forbidden')
      terminal.err('Give --log-key: only leads and auditors may ask for the log’s key.');
    return { exit };
  }
  const key = await verifierKeyFrom(served?.value ?? logKey ?? '');
  if (key.ok) return { key: key.key };
  terminal.err(key.message);
  return { exit: exitCode.usage };
}
