import { type Problem, problem } from '@countersign/shared/contracts';
import type { Env } from '@countersign/shared/http';
import type { Context } from 'hono';
import type { Caller } from '../access/keys.ts';
import type { SealedLog } from '../reading/sealed-log.ts';

/** Finds the log of a workspace; undefined before anything was sealed. */
export type LogOf = (workspace: string) => Promise<SealedLog | undefined>;

/** How long sealing takes as a rule, s. */
const sealedWithin = 10;

/** What is on record, and not sealed yet: whoever asks again is told. */
export function notSealedYet(c: Context<Env>, detail: string): Problem {
  c.header('Retry-After', String(sealedWithin));
  return problem('not_sealed_yet', `${detail} It will be within some ${sealedWithin} seconds.`);
}

/** The log of the caller's workspace, and of no other. */
export async function sealedLogOf(
  logOf: LogOf,
  caller: Caller,
  c: Context<Env>,
): Promise<SealedLog | Problem> {
  return (await logOf(caller.workspace)) ?? notSealedYet(c, 'Nothing of this workspace is sealed yet.');
}
