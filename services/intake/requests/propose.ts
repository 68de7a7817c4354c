/** `POST /v1/requests`: judge a proposal once and put it on record, however often it is sent. */
import { type Problem, type Propose, type Proposed, problem } from '@countersign/shared/contracts';
import { hasLimits } from '@countersign/shared/policy';
import { loadRequest, type Payload } from '@countersign/shared/request';
import type { Decision } from '../lifecycle/command.ts';
import { decide } from '../lifecycle/decide.ts';
import { timersOf } from '../lifecycle/due.ts';
import type { GrantOffered } from '../lifecycle/grant.ts';
import { propose } from '../lifecycle/propose.ts';
import { Commit } from '../store/commit.ts';
import { writeDraw } from '../store/draws.ts';
import { writeAsk } from '../store/flood.ts';
import { expectLimits } from '../store/limits.ts';
import { writeChange } from '../store/transact.ts';
import { type Current, expectUnchanged, worldOf } from '../workspace/workspaces.ts';
import { stopFlood, throttledProblem } from './flood.ts';
import { grantsFor, heeding } from './grants.ts';
import { type Judgement, judgeCall, type Standing } from './limits.ts';
import { type Along, type Prepared, prepare, refusalOf } from './proposal.ts';
import { answerFor } from './proposed.ts';
import { denialOf } from './repeated-denial.ts';
import { missingContext } from './required-context.ts';
import type { Caller, Service } from './service.ts';

/** What policy says, and the grants that may stand for a human where it asks for one. */
type Judged = Pick<Judgement, 'answer' | 'shares'> & { grants: GrantOffered[] };

/** What became of one attempt to record the proposal. */
type Recorded = { decision: Decision; payload: Payload; current: Current };

/**
 * Proposes an action. The same idempotency key with the same body answers with the request's current state and
 * judges nothing again; with another body it is a conflict.
 */
export async function proposeAction(
  service: Service,
  caller: Caller,
  body: Propose,
  along: Along,
): Promise<Proposed | Problem> {
  const refusal = refusalOf(caller, body);
  if (refusal !== undefined) return refusal;
  const prepared = prepare(caller, body, along, caller.current.now);

  let current: Current | undefined = caller.current;
  for (let round = 0; round < 12; round++) {
    if (current === undefined) break;
    const { keys } = current.snapshot;
    const { proposal, call: digest } = prepared;
    const { agent, tool, args } = body;
    const context = proposal.context_trusted && body.context !== undefined ? { context: body.context } : {};
    const run = body.run_id === undefined ? {} : { run_id: body.run_id };
    const cost = body.cost === undefined ? {} : { cost: body.cost };
    const call = { agent, tool, args, ...context, ...run, ...cost };
    const judged = await judgeCall(service.redis, current, call, await replacedBy(service, body, current));
    const answer = heeding(judged.answer, body.preview);
    const asksHuman = answer.effect === 'approval_required' || answer.effect === 'review_after';
    const missing = asksHuman ? missingContext(answer.requires, body) : [];

    const commit = new Commit();
    const idempotent = proposal.idempotency && keys.idempotency(body.agent, proposal.idempotency);
    if (idempotent) commit.expectAbsent('idempotency', idempotent);
    commit.expectAbsent('request', keys.request(proposal.id));
    commit.expectAbsent('denied', keys.denied(digest));
    expectUnchanged(commit, current.snapshot);

    if (missing.length > 0) {
      // A repeat of an earlier proposal is answered as such even when policy has come to want more since.
      const earlier = idempotent ? await service.redis.get(idempotent) : null;
      if (earlier !== null) return replay(service, caller, prepared, earlier, current);
      const detail = `Policy wants ${missing.join(', ')} before a human is asked to decide. Add them and propose again.`;
      return problem('context_required', detail, { missing, rules: answer.rules.map((rule) => rule.name) });
    }
    const grants = await grantsFor(service, current, { ...proposal, args, ...context }, answer);
    expectLimits(commit, keys, judged.limits);
    const recorded = await record(
      service,
      caller,
      prepared,
      { ...judged, answer, grants },
      commit,
      current,
      idempotent,
    );
    if ('code' in recorded) return recorded;
    if ('again' in recorded) {
      if (recorded.again === 'idempotency' && idempotent) {
        const earlier = await service.redis.get(idempotent);
        if (earlier !== null) return replay(service, caller, prepared, earlier, current);
      }
      if (recorded.again === 'throttled') {
        const throttled = await throttledProblem(service.redis, keys, agent);
        if (throttled !== undefined) return throttled;
      }
      if (recorded.again === 'flood') await stopFlood(service, current, agent);
      if (recorded.again === 'drawn') proposal.drawn_before = true;
      if (recorded.again === 'denied') {
        const denial = await denialOf(service.redis, keys, digest);
        if (denial !== undefined) return answerFor(service, caller, denial, current);
      }
      if (recorded.again === 'request') {
        // Only this very call knows the id: its own commit had arrived before a lost answer.
        const loaded = await loadRequest(service.redis, keys, proposal.id);
        if (loaded !== undefined) return answerFor(service, caller, loaded, current);
      }
      current = await service.workspaces.current(caller.workspace);
      continue;
    }
    const { request } = recorded.decision;
    return answerFor(
      service,
      caller,
      { record: request, payloads: { first: recorded.payload, current: recorded.payload } },
      current,
    );
  }
  return problem('too_busy', 'The workspace keeps changing. Nothing was recorded; propose again.');
}

/** The request whose place a proposal takes, where that makes room in a limit: its shares end in the same commit. */
async function replacedBy(
  { redis }: Service,
  { agent, tool, supersedes }: Propose,
  { snapshot }: Current,
): Promise<Standing> {
  if (supersedes === undefined || !hasLimits(snapshot.policy, agent, tool)) return {};
  const old = await loadRequest(redis, snapshot.keys, supersedes);
  return { replaces: old?.record.agent === agent ? old.record : undefined };
}

async function record(
  service: Service,
  caller: Caller,
  { proposal, payload: said, body, bodyDigest }: Prepared,
  { answer, shares, grants }: Judged,
  commit: Commit,
  current: Current,
  idempotent: string | undefined,
): Promise<Recorded | { again: string } | Problem> {
  const { snapshot } = current;
  const world = worldOf(current);
  const takes = shares.length === 0 ? {} : { shares };
  const decision = propose({ ...proposal, ...takes }, answer, world, grants);
  commit.noLaterThan(decision.not_after);
  let { request } = decision;
  // The token of a call that may run leaves with this answer, so its issue is part of the same commit.
  const runs = request.status === 'approved' || request.status === 'running';
  if (runs) request = { ...request, token_issued_at: current.now };
  const payload: Payload = { ...said, why: answer.rules };
  const events = [...decision.events];
  if (runs) {
    const { type: _type, ...same } = events[1] ?? events[0] ?? raise('an allowed proposal has events');
    events.push({ ...same, type: 'token.issued', actor: { kind: 'agent', id: request.agent } });
  }
  writeChange(commit, snapshot, undefined, request, events, payload);
  if (request.status === 'pending') writeAsk(commit, snapshot, request);
  if (answer.effect === 'review_after') writeDraw(commit, snapshot.keys, request, answer.review.sample);
  if (idempotent) commit.write('SET', idempotent, JSON.stringify({ digest: bodyDigest, id: request.id }));
  if (request.status !== 'rejected') {
    const refusal = await supersede(service, body, request.id, commit, current);
    if (refusal !== undefined) return refusal;
  }
  const committed = await commit.run(service.redis);
  if (committed.outcome !== 'ok') return { again: committed.outcome === 'conflict' ? committed.on : 'late' };
  const times = Object.values(timersOf(request));
  if (times.length > 0) service.onTimers(caller.workspace, times, current.now);
  return { decision: { ...decision, request }, payload, current };
}

/** Adds to a proposal's commit the end of the request that it supersedes, so that never both wait. */
async function supersede(
  service: Service,
  { agent, supersedes }: Propose,
  by: string,
  commit: Commit,
  current: Current,
): Promise<Problem | undefined> {
  if (supersedes === undefined) return undefined;
  const { snapshot } = current;
  const old = await loadRequest(service.redis, snapshot.keys, supersedes);
  if (old === undefined || old.record.agent !== agent) {
    return problem('not_found', `There is no request ${supersedes} of this agent to supersede.`);
  }
  const { record } = old;
  const superseded = decide(record, { kind: 'supersede', agent, by }, worldOf(current));
  if (superseded.refusal !== undefined) return superseded.refusal;
  commit.expect(snapshot.keys.request(record.id), { revision: String(record.revision) });
  if (superseded.request !== record) {
    writeChange(commit, snapshot, record, superseded.request, superseded.events);
  }
  return undefined;
}

function raise(message: string): never {
  throw new Error(message);
}

async function replay(
  service: Service,
  caller: Caller,
  { bodyDigest, body }: Prepared,
  earlier: string,
  current: Current,
): Promise<Proposed | Problem> {
  const { digest, id } = JSON.parse(earlier) as { digest: string; id: string };
  if (digest !== bodyDigest) {
    const detail = `This idempotency key belongs to ${id}, which had another body. Use a new key for a new call.`;
    return problem('idempotency_conflict', detail, { request_id: id });
  }
  const loaded = await loadRequest(service.redis, current.snapshot.keys, id);
  if (loaded === undefined) {
    const detail = `Request ${id} has left the store, so it is not judged again. To ask anew, use a new idempotency key.`;
    return problem('idempotency_expired', detail, { request_id: id });
  }
  if (loaded.record.agent !== body.agent)
    return problem('not_found', 'There is no such request of this agent.');
  return answerFor(service, caller, loaded, current);
}
