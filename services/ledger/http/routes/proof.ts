/** The proof that what became of a request stands in the log. */
import { type Problem, problem } from '@countersign/shared/contracts';
import { ledgerCalls } from '@countersign/shared/http';
import { workspaceKeys } from '@countersign/shared/keys';
import { matchesGlob } from '@countersign/shared/policy';
import { isTerminal, type RequestRecord } from '@countersign/shared/request';
import type { Redis } from 'ioredis';
import type { Caller } from '../../access/keys.ts';
import { entriesAt, isDecision, searchFor } from '../../reading/request-entries.ts';
import type { Sealed, SealedLog } from '../../reading/sealed-log.ts';
import type { LedgerRoutes } from '../app.ts';
import { notSealedYet, sealedLogOf } from '../sealed-log-of.ts';

/** What Redis knows: where its entries are, and whether it has come to an end. */
async function knownOf(
  redis: Redis,
  workspace: string,
  id: string,
): Promise<{ indexes: number[]; exists: boolean; isDecided: boolean }> {
  const keys = workspaceKeys(workspace);
  const [indexes, text] = await Promise.all([
    redis.zrange(keys.entries(id), '0', '-1'),
    redis.hget(keys.request(id), 'record'),
  ]);
  const record = text === null ? undefined : (JSON.parse(text) as RequestRecord);
  return {
    indexes: indexes.map(Number),
    exists: record !== undefined,
    isDecided: record !== undefined && isTerminal(record.status),
  };
}

const isOverseer = ({ key }: Caller): boolean => key.roles.includes('lead') || key.roles.includes('auditor');

/** Overseers may have any; its agent may, and whoever did something about it. */
async function refusalOf(
  caller: Caller,
  entries: readonly Sealed[],
  log: SealedLog,
): Promise<Problem | undefined> {
  if (isOverseer(caller)) return undefined;
  const { key } = caller;
  const agent = entries.find(({ entry }) => entry.agent !== undefined)?.entry.agent;
  const isItsAgent = agent !== undefined && key.agents.some((pattern) => matchesGlob(pattern, agent));
  if (key.roles.includes('agent') && isItsAgent) return undefined;
  const personOf = await log.names();
  const didSomething = entries.some(
    ({ entry: { actor } }) => actor.kind === 'person' && personOf(actor.id) === key.owner,
  );
  if (key.roles.includes('reviewer') && didSomething) return undefined;
  const detail = 'This is for leads and auditors, the agent that asked, and reviewers who acted on it.';
  return problem('not_your_request', detail);
}

/** Mounts it. */
export function proofRoutes(routes: LedgerRoutes): void {
  routes.add(ledgerCalls.proof, async ({ caller, id, query, logOf, redis, c }) => {
    const { indexes, exists, isDecided } = await knownOf(redis, caller.workspace, id);
    if (exists && indexes.length === 0) return notSealedYet(c, 'Nothing of this request is sealed yet.');
    // Read after the indexes: the checkpoint covers what they name.
    const log = await sealedLogOf(logOf, caller, c);
    if ('code' in log) return exists ? log : problem('not_found', `There is no request ${id} here.`);
    // Reading all of the log is for those whom it is for; others ask while it is known where it is.
    const entries =
      indexes.length > 0
        ? await entriesAt(log, id, indexes)
        : isOverseer(caller)
          ? await searchFor(log, id)
          : [];
    if (entries.length === 0) return problem('not_found', `There is no request ${id} here.`);
    const refusal = await refusalOf(caller, entries, log);
    if (refusal !== undefined) return refusal;

    const decision = entries.findLast(isDecision);
    const wanted =
      query.entry === undefined
        ? (decision ?? entries.at(-1))
        : entries.find(({ entry }) => entry.seq === query.entry);
    if (wanted === undefined) return problem('not_found', `Entry ${query.entry} is not of this request.`);
    if (query.entry === undefined && decision === undefined && isDecided)
      return notSealedYet(c, 'Its decision is not sealed yet.');
    const { bytes, entry } = wanted;
    c.header('Cache-Control', 'no-store');
    return c.json({
      request_id: id,
      index: entry.seq,
      size: log.size,
      type: entry.type,
      entry: Buffer.from(bytes).toString('utf8'),
      proof: await log.proof(entry.seq),
    });
  });
}
