/** `deliveries replay`: brings a destination to what requests are now, once more. */
import { type Replay, Replaying } from '@countersign/shared/contracts';
import { type ExitCode, exitCode } from '../exit-code.ts';
import { call } from '../server/call.ts';
import type { Connection } from '../server/connection.ts';
import { inert, inertJson } from '../terminal/inert.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { fail } from './review.ts';

/** Either `request`, or `since` in milliseconds since 1970. */
export type ReplayOptions = { destination: string; request?: string; since?: number; json?: boolean };

/** How long the server is asked to wait until it is queued, s. Until it answers then, ms. */
const waitSeconds = 20;
const timeoutMs = 30_000;

/** Asks for it, and says how many deliveries it comes to. Of one request, none is a refusal. */
export async function replay(
  { destination, request, since, json }: ReplayOptions,
  connection: Connection,
  terminal: Terminal,
): Promise<ExitCode> {
  if ((request === undefined) === (since === undefined)) {
    terminal.err('Say what to send again: --request for one request, or --since for all that changed since.');
    return exitCode.usage;
  }
  const body: Replay = {
    destination,
    ...(request === undefined ? {} : { request_id: request }),
    ...(since === undefined ? {} : { since: new Date(since).toISOString() }),
  };
  const answer = await call(connection, 'POST', '/v1/deliveries/replay', Replaying, body, {
    headers: { prefer: `wait=${waitSeconds}` },
    timeoutMs,
  });
  if (!answer.ok) return fail(answer, terminal);
  if (json) terminal.out(inertJson(answer.body));
  const { event_id, queued } = answer.value;
  const log = `countersign deliveries --event ${inert(event_id)}`;
  if (queued === undefined) {
    terminal.err(
      `It is on record and will be done, but no notifier has said within ${waitSeconds} s what it comes to. Does one run? ${log}`,
    );
    return exitCode.done;
  }
  if (!json) {
    terminal.out(
      queued === 0
        ? `Nothing to send: ${inert(destination)} hears of no such request, or is disabled (countersign destinations list).`
        : `${queued} ${queued === 1 ? 'delivery is' : 'deliveries are'} queued, with what each request is now. What comes of it: ${log}`,
    );
  }
  return queued === 0 && request !== undefined ? exitCode.refused : exitCode.done;
}
