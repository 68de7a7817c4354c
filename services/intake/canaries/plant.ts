/** One canary, from a request that was right: everything about it is drawn or copied, so that nothing tells it apart. */
import { canonicalize, type Json } from '@countersign/shared/canonical';
import type { JsonObject, Propose } from '@countersign/shared/contracts';
import { argsDigest } from '@countersign/shared/digest';
import { evaluate, type PolicyAnswer } from '@countersign/shared/policy';
import {
  isPlanted,
  type Loaded,
  type Payload,
  type Planted,
  type PlantedRequest,
  tierRank,
} from '@countersign/shared/request';
import type { Decision, Proposal } from '../lifecycle/command.ts';
import { propose } from '../lifecycle/propose.ts';
import { newSalt, newUlid } from '../random.ts';
import { schemaProblem } from '../requests/edit.ts';
import { heeding } from '../requests/grants.ts';
import { committed } from '../requests/proposal.ts';
import { missingContext } from '../requests/required-context.ts';
import type { Commit } from '../store/commit.ts';
import { writeChange } from '../store/transact.ts';
import { type Current, expectUnchanged, type Snapshot, worldOf } from '../workspace/workspaces.ts';
import { type Draw, type Mutation, mutationsOf } from './mutate.ts';

export type Canary = { request: PlantedRequest; events: Decision['events']; payload: Payload; right: Json };

const optional = <K extends string, V>(name: K, value: V | undefined): { [key in K]?: V } =>
  value === undefined ? {} : ({ [name]: value } as { [key in K]?: V });

/** The same with other letters and digits at its end: an id of the same make, which was not there before. */
export function likeId(id: string, draw: Draw): string {
  const last = id.slice(-6).replaceAll(/[0-9a-z]/gi, (one) => {
    if (/\d/.test(one)) return String(Math.floor(draw() * 10));
    // Hexadecimal stays hexadecimal.
    const letter = 'abcdef'[Math.floor(draw() * 6)] ?? 'a';
    return one === one.toUpperCase() ? letter.toUpperCase() : letter;
  });
  return id.slice(0, -6) + last;
}

/** Policy's answer to it, if that is to ask a human, of tier medium or above, with nothing about it that no reader of it could explain. */
function askedFor(
  { snapshot }: Current,
  { record, payloads }: Loaded,
  args: JsonObject,
  run_id: string | undefined,
): PolicyAnswer | undefined {
  const said = payloads.first?.said ?? {};
  const context = record.context_trusted ? said.context : undefined;
  const { agent, tool } = record;
  const action = { agent, tool, args, ...optional('context', context), ...optional('run_id', run_id) };
  const answer = heeding(evaluate(snapshot.policy, action), said.preview);
  if (answer.effect !== 'approval_required' || tierRank[answer.terms.tier] > tierRank.medium)
    return undefined;
  // Limits were counted without it, so that one would be shown as unread: such rules are left alone.
  if (answer.rules.some(({ error, exceeded }) => error !== undefined || exceeded !== undefined))
    return undefined;
  const body = { ...said, agent, tool, args } as Propose;
  return missingContext(answer.requires, body).length === 0 ? answer : undefined;
}

/** The first thing wrong, of those that could be, with which it would be asked for. */
function mutationOf(source: Loaded, current: Current, draw: Draw): [Mutation, PolicyAnswer] | undefined {
  const { current: now, first } = source.payloads;
  const said = first?.said ?? {};
  const call = {
    args: now?.args ?? {},
    said: [said.reason, typeof said.preview?.summary === 'string' ? said.preview.summary : undefined],
    behind: [said.context, said.transcript, said.preview as Json | undefined],
  };
  const drawn = mutationsOf(call, draw)
    .map((mutation) => ({ mutation, at: draw() }))
    .toSorted((a, b) => a.at - b.at);
  for (const { mutation } of drawn) {
    if (schemaProblem(said.args_schema, mutation.args) !== undefined) continue;
    const answer = askedFor(current, source, mutation.args, source.record.run_id);
    if (answer !== undefined) return [mutation, answer];
  }
  return undefined;
}

/** A canary made from this request, as it would be on record; undefined where none can be. Writes nothing. */
export function canaryFrom(source: Loaded, current: Current, draw: Draw): Canary | undefined {
  const found = mutationOf(source, current, draw);
  if (found === undefined) return undefined;
  const [{ kind, path, args, right, difficulty }, answer] = found;
  const { record, payloads } = source;
  const { workspace, agent, tool, key_id, owner, context_trusted, requested_by, cost } = record;
  const world = worldOf(current);
  const id = `req_${newUlid(world.now)}`;
  const planted: Planted = { kind, path, difficulty };
  const { expires_at, created_at } = record;
  const proposal: Proposal = {
    id,
    workspace,
    agent,
    tool,
    key_id,
    owner,
    context_trusted,
    args_digest: argsDigest(canonicalize(args)),
    canary: committed(id, true),
    planted,
    ...optional('requested_by', requested_by),
    ...optional('cost', cost),
    ...optional('run_id', record.run_id && likeId(record.run_id, draw)),
    ...optional('call_id', record.call_id && likeId(record.call_id, draw)),
    ...(expires_at === null ? {} : { timeout_ms: expires_at - created_at }),
  };
  const { request, events } = propose(proposal, answer, world);
  if (request.status !== 'pending' || request.warnings.length > 0 || !isPlanted(request)) return undefined;
  const { resume: _nobody, ...said } = payloads.first?.said ?? {};
  return { request, events, payload: { args, salt: newSalt(), why: answer.rules, said }, right };
}

/** Makes a commit put it on record, as the proposal of an agent would be: same entries, same events, same timers. */
export function writeCanary(commit: Commit, snapshot: Snapshot, canary: Canary): void {
  const { request, events, payload, right } = canary;
  const { keys } = snapshot;
  expectUnchanged(commit, snapshot);
  commit.expectAbsent('request', keys.request(request.id));
  writeChange(commit, snapshot, undefined, request, events, payload);
  commit.write('SET', keys.canaryRight(request.id), JSON.stringify(right));
}
