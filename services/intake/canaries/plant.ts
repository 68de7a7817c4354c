/**
 * One canary on record. It goes through the doors that its agent's proposal would: judged with the limits that are
 * counted, offered the grants that stand, refused where its agent may not ask, committed right after the time that it
 * bears. So whatever holds of a proposal, its times included, holds of it; only what is wrong with it differs.
 */
import { canonicalize } from '@countersign/shared/canonical';
import type { Json, Propose } from '@countersign/shared/contracts';
import { argsDigest } from '@countersign/shared/digest';
import { isPlanted, type Payload, type PlantedRequest, tierRank } from '@countersign/shared/request';
import type { Redis } from 'ioredis';
import type { Decision, Proposal } from '../lifecycle/command.ts';
import { propose } from '../lifecycle/propose.ts';
import { newSalt, newUlid } from '../random.ts';
import { grantsFor, heeding } from '../requests/grants.ts';
import { judgeCall } from '../requests/limits.ts';
import { committed } from '../requests/proposal.ts';
import { callDigest } from '../requests/repeated-denial.ts';
import { missingContext } from '../requests/required-context.ts';
import type { Commit } from '../store/commit.ts';
import { writeAsk } from '../store/flood.ts';
import { expectLimits, type LimitExpectation } from '../store/limits.ts';
import { writeChange } from '../store/transact.ts';
import { type Current, expectUnchanged, worldOf } from '../workspace/workspaces.ts';
import type { Choice } from './choose.ts';

export type Canary = {
  request: PlantedRequest;
  events: Decision['events'];
  payload: Payload;
  right: Json;
  /** Identifies the same call proposed again. */
  call: string;
  limits: LimitExpectation[];
};

const optional = <K extends string, V>(name: K, value: V | undefined): { [key in K]?: V } =>
  value === undefined ? {} : ({ [name]: value } as { [key in K]?: V });

/**
 * A canary as it would be on record at this moment; undefined where its agent's own call would not wait for a person
 * just like the one that it follows: let through, denied, asked for under other rules, or with something in the answer
 * that no reader of it could explain. Writes nothing. Rejects when Redis cannot be reached.
 */
export async function canaryFrom(
  redis: Redis,
  { source, from, mutation, like, ids }: Choice,
  current: Current,
): Promise<Canary | undefined> {
  const { record, payloads } = source;
  const { workspace, agent, tool, key_id, owner, context_trusted, requested_by, cost } = record;
  const { kind, path, args, right, difficulty } = mutation;
  const said = payloads.first?.said ?? {};
  const { context } = said;
  const trusted = context_trusted ? optional('context', context) : {};
  const run = optional('run_id', ids.run_id);
  const action = { agent, tool, args, ...trusted, ...run, ...optional('cost', cost) };
  const judged = await judgeCall(redis, current, action);
  const answer = heeding(judged.answer, said.preview);
  if (answer.effect !== 'approval_required' || tierRank[answer.terms.tier] > tierRank.medium)
    return undefined;
  if (answer.terms.tier !== like.record.terms.tier) return undefined;
  if (answer.rules.map(({ name }) => name).join('\n') !== like.record.rules.join('\n')) return undefined;
  // A limit that is passed, or a condition without an answer, is about calls that have been made.
  if (answer.rules.some(({ error, exceeded }) => error !== undefined || exceeded !== undefined))
    return undefined;
  if (missingContext(answer.requires, { ...said, ...action } as Propose).length > 0) return undefined;

  const args_digest = argsDigest(canonicalize(args));
  const call = callDigest(record, args_digest, context === undefined ? undefined : canonicalize(context));
  const world = worldOf(current);
  const id = `req_${newUlid(world.now)}`;
  const { expires_at, created_at } = like.record;
  const proposal: Proposal = {
    id,
    workspace,
    agent,
    tool,
    key_id,
    owner,
    context_trusted,
    args_digest,
    canary: committed(id, true),
    planted: { kind, path, difficulty, source: from },
    ...optional('requested_by', requested_by),
    ...optional('cost', cost),
    ...ids,
    ...(expires_at === null ? {} : { timeout_ms: expires_at - created_at }),
  };
  const grants = await grantsFor({ redis }, current, { ...proposal, args, ...trusted }, answer);
  const { request, events } = propose(proposal, answer, world, grants);
  if (request.status !== 'pending' || request.warnings.length > 0 || !isPlanted(request)) return undefined;
  const payload = { args, salt: newSalt(), why: answer.rules, said };
  return { request, events, payload, right, call, limits: judged.limits };
}

/**
 * Makes a commit put it on record, as the proposal of an agent would be: same conditions, same entries, same events,
 * same timers. Void where the agent is held back, or people have just rejected this very call.
 */
export function writeCanary(commit: Commit, { snapshot }: Current, canary: Canary): void {
  const { request, events, payload, right, call, limits } = canary;
  const { keys } = snapshot;
  commit.expectAbsent('request', keys.request(request.id));
  commit.expectAbsent('denied', keys.denied(call));
  expectUnchanged(commit, snapshot);
  expectLimits(commit, keys, limits);
  writeChange(commit, snapshot, undefined, request, events, payload);
  writeAsk(commit, snapshot, request);
  commit.write('SET', keys.canaryRight(request.id), JSON.stringify(right));
}
