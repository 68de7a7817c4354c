/** Seen, not claimed: compares what the agent was told, what the journal says ran, and what the server has on record. */
import { isDeepStrictEqual } from 'node:util';
import { type Client, Refused, type RequestView } from '../sdk/index.ts';
import type { Played } from './play.ts';
import type { Entry } from './store.ts';

export type Findings = {
  calls: number;
  ran: number;
  /** Of those that ran: the tool threw. */
  failed: number;
  waited: number;
  edited: number;
  rejected: number;
  denied: number;
  timed_out: number;
  other: number;
  /** Requests that are in the journal more than once. */
  duplicates: number;
  /** Each a sentence; empty when every approved call ran once, with exactly the args of its decision, and no other ran. */
  problems: string[];
};

/** Reads every request back from the server and holds it against the journal. */
export async function check(
  played: readonly Played[],
  entries: readonly Entry[],
  client: Client,
): Promise<Findings> {
  const journal = Map.groupBy(entries, (entry) => entry.request_id);
  const problems: string[] = [];
  for (const each of played) {
    const { call, request_id } = each;
    const where = `${call.trajectory} step ${call.step} (${call.tool}, ${request_id ?? 'no request'})`;
    const runs = request_id === undefined ? [] : (journal.get(request_id) ?? []);
    const wanted = each.ending === 'ran' || each.ending === 'failed' ? 1 : 0;
    if (runs.length !== wanted) problems.push(`${where}: ran ${runs.length} times, not ${wanted}`);
    if (request_id === undefined) {
      if (each.ending === 'error') problems.push(`${where}: ${each.note}`);
      continue;
    }
    const request = await recorded(client, request_id);
    // What policy decided leaves the server after an hour; the journal has been checked all the same.
    if (!request) continue;
    if (wanted === 0) {
      if (request.outcome?.status === 'succeeded')
        problems.push(`${where}: never ran, but is recorded as succeeded`);
      continue;
    }
    if (request.status !== 'approved') problems.push(`${where}: ran, but the server says ${request.status}`);
    if (!isDeepStrictEqual(runs[0]?.args, request.args)) problems.push(`${where}: ran with other arguments`);
    if (each.edited !== (request.proposed_args !== undefined))
      problems.push(`${where}: was not told of the edit`);
    const outcome = each.ending === 'ran' ? 'succeeded' : 'failed';
    if (request.outcome?.status !== outcome) {
      problems.push(`${where}: ${outcome}, but recorded as ${request.outcome?.status ?? 'nothing'}`);
    }
  }
  const strays = [...journal.keys()].filter((id) => !played.some(({ request_id }) => request_id === id));
  for (const id of strays) problems.push(`${id}: ran, though no call of this play has that request`);

  const count = (...endings: Played['ending'][]) =>
    played.filter(({ ending }) => endings.includes(ending)).length;
  return {
    calls: played.length,
    ran: count('ran', 'failed'),
    failed: count('failed'),
    waited: played.filter(({ waited }) => waited).length,
    edited: played.filter(({ edited }) => edited).length,
    rejected: count('approval_rejected'),
    denied: count('policy_denied'),
    timed_out: count('approval_timeout'),
    other: count('approval_cancelled', 'approval_revoked', 'frozen', 'error', 'interrupted'),
    duplicates: [...journal.values()].filter((runs) => runs.length > 1).length,
    problems,
  };
}

async function recorded(client: Client, id: string): Promise<RequestView | undefined> {
  try {
    return await client.get(id);
  } catch (error) {
    if (error instanceof Refused && error.code === 'not_found') return undefined;
    throw error;
  }
}
