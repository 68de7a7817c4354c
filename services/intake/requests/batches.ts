/** `GET /v1/batches`: what this reviewer may look at together. */
import { renderCard, sumOf } from '@countersign/shared/card';
import type { Batch, Batches } from '@countersign/shared/contracts';
import { strengthen } from '@countersign/shared/policy';
import { type Loaded, loadRequests } from '@countersign/shared/request';
import { cellsOf } from '../batch/cells.ts';
import { destinationsOf } from '../batch/destinations.ts';
import { type Candidate, type Group, groupAlike } from '../batch/group.ts';
import { applyDue } from '../lifecycle/due.ts';
import { worldOf } from '../workspace/workspaces.ts';
import { approvedCalls } from './approved-calls.ts';
import { judge } from './edit.ts';
import { pinBatch } from './pinned-batch.ts';
import { waitingIn } from './queue.ts';
import type { Caller, Service } from './service.ts';

/** How many waiting requests one call compares, and how much it answers with at most. */
const most = { lookedAt: 500, batches: 10, leftOut: 20 };

/** The batches of a reviewer, the most urgent first. What is shown is kept, so that it can be decided on as shown. */
export async function readBatches(service: Service, caller: Caller): Promise<Batches> {
  const { keys } = caller.current.snapshot;
  const low = await waitingIn('low', most.lookedAt, service, caller);
  const looked = low.map(({ id }) => id);
  const byId = new Map((await loadRequests(service.redis, keys, looked)).map((one) => [one.record.id, one]));
  const judged = await Promise.all([...byId.values()].map((loaded) => candidateOf(service, loaded, caller)));
  const candidates = judged.filter((candidate) => candidate !== undefined);
  const reaching = candidates.filter(({ args }) => destinationsOf(cellsOf(args)).length > 0);
  const groups = groupAlike(candidates, await approvedCalls(service, caller, reaching));
  const batches = await Promise.all(
    groups.slice(0, most.batches).map((group) => shown(service, caller, group, byId)),
  );
  return { batches, looked_at: looked.length };
}

/**
 * A request that nobody has touched, judged by the policy of now as well as by the one that asked: what either of them
 * holds for more than low and reversible is no candidate.
 */
async function candidateOf(
  { redis }: Service,
  loaded: Loaded,
  caller: Caller,
): Promise<Candidate | undefined> {
  const { record, payloads } = loaded;
  const { id, version, args_digest, agent, tool, rules, terms, claim } = record;
  const args = payloads.current?.args;
  const [now] = applyDue(record, worldOf(caller.current));
  const untouched = now.status === 'pending' && version === 1 && record.verdicts.length === 0;
  const claimed = claim !== undefined && claim.by !== caller.key.owner;
  if (args === undefined || !untouched || claimed || record.warnings.length > 0) return undefined;
  const { answer } = await judge(redis, caller.current, loaded, args);
  if (answer.effect !== 'approval_required' || strengthen(terms, answer.terms).stricter) return undefined;
  return {
    id,
    version,
    args_digest,
    agent,
    tool,
    rules,
    policy_digest: record.policy_digests.at(-1) ?? '',
    terms,
    reversible: record.tool_facts.reversible === true && answer.tool?.reversible === true,
    caps: answer.batch,
    args,
  };
}

async function shown(
  service: Service,
  caller: Caller,
  group: Group,
  byId: ReadonlyMap<string, Loaded>,
): Promise<Batch> {
  const loaded = group.ids.flatMap((id) => byId.get(id) ?? []);
  const pinned = loaded.map(({ record: { id, version, args_digest } }) => ({ id, version, args_digest }));
  const { id, batch } = await pinBatch(service, caller, pinned);
  const [first] = loaded;
  if (first === undefined) throw new Error('a batch has rows');
  const { record } = first;
  const { compensation, mask } = record.tool_facts;
  const { left_out } = group;
  return {
    id,
    agent: record.agent,
    tool: record.tool,
    rules: record.rules,
    policy_digest: record.policy_digests.at(-1) ?? '',
    message: record.messages.length > 0 ? record.messages.join('\n') : null,
    on_rejection: record.terms.on_rejection,
    hold: record.terms.hold_ms / 1000,
    ...(compensation === undefined ? {} : { compensation }),
    ...(mask === undefined ? {} : { mask }),
    common: group.common,
    columns: group.columns,
    rows: loaded.map(({ record: row, payloads }, index) => ({
      id: row.id,
      version: row.version,
      args_digest: row.args_digest,
      ...titleOf({ record: row, payloads }),
      values: group.values[index] ?? [],
      expires_at: row.expires_at === null ? null : new Date(row.expires_at).toISOString(),
      must_open: batch.must_open.includes(row.id),
      opened: row.viewed_by.includes(caller.key.owner),
    })),
    amounts: group.amounts.map((amount) => ({ ...amount, total: sumOf(amount.each) })),
    left_out: left_out.slice(0, most.leftOut).map((out) => ({ ...out, ...titleOf(byId.get(out.id)) })),
    left_out_total: left_out.length,
  };
}

function titleOf(loaded: Loaded | undefined): Pick<Batch['rows'][number], 'title'> {
  const title = loaded?.record.tool_facts.card?.title;
  return title === undefined ? {} : { title: renderCard(title, loaded?.payloads.current?.args ?? {}) };
}
