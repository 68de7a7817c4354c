/** The moment of truth: use the token up, run the tool once, say what happened. In this order, always. */
import type { Consumed, JsonObject, ReportOutcome } from '@countersign/shared/contracts';
import type { Client } from './client.ts';
import { AlreadyConsumed, Refused, UnexpectedAnswer } from './errors.ts';
import { type Permit, permitOf } from './permit.ts';
import { Frozen, Revoked } from './stops.ts';

export type Job<R> = {
  client: Client;
  tool: string;
  permit: Permit;
  signal: AbortSignal | undefined;
  run: (args: JsonObject) => R | Promise<R>;
  /** What to record of a result. */
  outcome: ((result: R) => unknown) | undefined;
  onUnreported: ((error: unknown, request_id: string) => void) | undefined;
};

/** Seconds that a finished tool's result may be held back by a server that does not take the report. */
const reportFor = 10;

/**
 * Consumes, runs, reports. `run` is called at most once, only after a consume that succeeded, with the arguments
 * that it returned. Its result or error is passed on even where the report is lost.
 */
export async function runApproved<R>(job: Job<R>): Promise<R> {
  const { client, signal } = job;
  signal?.throwIfAborted();
  const consumed = await consume(job);
  const report = async (outcome: () => ReportOutcome) => {
    try {
      await client.reportOutcome(consumed.request_id, outcome(), { retryFor: reportFor });
    } catch (error) {
      job.onUnreported?.(error, consumed.request_id);
    }
  };
  if (signal?.aborted) {
    await report(() => ({ status: 'failed', detail: 'Aborted before it ran.' }));
    throw signal.reason;
  }
  let result: R;
  try {
    result = await job.run(consumed.args);
  } catch (error) {
    await report(() => ({ status: 'failed', detail: inShort(error) }));
    throw error;
  }
  await report(() => {
    const detail = job.outcome?.(result);
    return detail === undefined ? { status: 'succeeded' } : { status: 'succeeded', detail };
  });
  return result;
}

/**
 * Once consuming has begun it is not aborted: an abort must not use up an approval without a word.
 * A token that grew too old on the way (a process slept) is fetched anew, once.
 */
async function consume<R>(job: Job<R>): Promise<Consumed> {
  try {
    return await use(job, job.permit);
  } catch (error) {
    if (!(error instanceof Refused && error.code === 'token_invalid')) throw error;
    return use(job, permitOf(await job.client.get(job.permit.request_id)));
  }
}

async function use<R>({ client, tool }: Job<R>, { request_id, token, args }: Permit): Promise<Consumed> {
  let consumed: Consumed;
  try {
    consumed = await client.consume(token, args);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    const facts = { request_id, tool, reason: error.problem.detail, rules: [], continues: false };
    if (error.code === 'frozen') throw new Frozen(facts);
    if (error.code === 'approval_revoked') throw new Revoked(facts);
    if (error.code === 'token_consumed') throw new AlreadyConsumed(request_id);
    throw error;
  }
  // An answer about another request must never run this one.
  if (consumed.request_id === request_id && consumed.tool === tool) return consumed;
  throw new UnexpectedAnswer(
    `Consumed ${consumed.request_id} (${consumed.tool}) where ${request_id} (${tool}) was meant.`,
  );
}

/** A line for the log: the reviewers and auditors who read it were not in the tool's process. */
export function inShort(error: unknown): string {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return text.length > 500 ? `${text.slice(0, 499)}…` : text;
}
