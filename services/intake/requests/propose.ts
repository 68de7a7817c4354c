/** `POST /v1/requests`: judge a proposal once and put it on record, however often it is sent. */
import { hash } from 'node:crypto';
import { canonicalize, type Json } from '@countersign/shared/canonical';
import { type Problem, type Propose, type Proposed, problem } from '@countersign/shared/contracts';
import { argsDigest } from '@countersign/shared/digest';
import { evaluate, type PolicyAnswer } from '@countersign/shared/policy';
import type { Payload, RequestRecord } from '@countersign/shared/request';
import type { Decision, Proposal } from '../lifecycle/command.ts';
import { decide } from '../lifecycle/decide.ts';
import { timersOf } from '../lifecycle/due.ts';
import { propose } from '../lifecycle/propose.ts';
import { mayRun } from '../lifecycle/run.ts';
import { newSalt, newUlid } from '../random.ts';
import { Commit } from '../store/commit.ts';
import { type Loaded, loadRequest } from '../store/load.ts';
import { writeChange } from '../store/transact.ts';
import { type Current, expectUnchanged, worldOf } from '../workspace/workspaces.ts';
import { callDigest, denialOf } from './repeated-denial.ts';
import { missingContext } from './required-context.ts';
import { type Caller, maySpeakFor, type Service } from './service.ts';
import { tokenFor, viewFor } from './view.ts';

const sha256 = (text: string): string => hash('sha256', text, 'hex');

/** Everything about a proposal that does not depend on the state of the workspace. */
type Prepared = {
  body: Propose;
  proposal: Proposal;
  payload: Payload;
  bodyDigest: string;
  /** Identifies the same call proposed again. */
  call: string;
};

function prepare(caller: Caller, body: Propose, idempotencyKey: string | undefined, now: number): Prepared {
  const {
    tool,
    args,
    agent,
    context,
    run_id,
    call_id,
    requested_by,
    cost,
    callback_url,
    supersedes,
    timeout,
  } = body;
  const key =
    idempotencyKey ?? (run_id !== undefined && call_id !== undefined ? `${run_id}\n${call_id}` : undefined);
  const { reason, preview, transcript, resume, args_schema, links } = body;
  const said = {
    context,
    reason,
    preview,
    transcript: transcript as Json | undefined,
    resume,
    args_schema,
    links,
  };
  const canonicalArgs = canonicalize(args);
  const args_digest = argsDigest(canonicalArgs);
  const optional = { run_id, call_id, requested_by, cost, callback_url, supersedes };
  return {
    body,
    proposal: {
      id: `req_${newUlid(now)}`,
      workspace: caller.workspace,
      agent,
      tool,
      key_id: caller.key.id,
      owner: caller.key.owner,
      context_trusted: caller.key.trusted_context,
      args_digest,
      ...withoutUndefined(optional),
      ...(key === undefined ? {} : { idempotency: sha256(key) }),
      ...(timeout === undefined ? {} : { timeout_ms: Math.ceil(timeout * 1000) }),
    },
    payload: {
      args,
      salt: newSalt(),
      why: [],
      said: withoutUndefined(said) as Payload['said'] & object,
    },
    // The digest stands for the args, which need not be written out twice.
    bodyDigest:
      key === undefined ? '' : sha256(canonicalize({ ...body, args: args_digest } as unknown as Json)),
    call: callDigest(body, canonicalArgs, context),
  };
}

function withoutUndefined<T extends object>(value: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}

function refusalOf({ key }: Caller, body: Propose): Problem | undefined {
  if (!maySpeakFor(key, body.agent)) {
    const detail = `This key may not speak for "${body.agent}". Use one of its own names, or ask an admin for a key that may.`;
    return problem('agent_not_allowed', detail);
  }
  if (body.callback_url !== undefined && new URL(body.callback_url).origin !== key.callback_origin) {
    const own = key.callback_origin ?? 'none';
    return problem(
      'callback_not_allowed',
      `This key's callback origin is ${own}. Use it, or leave callback_url out.`,
    );
  }
  return undefined;
}

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
  idempotencyKey: string | undefined,
): Promise<Proposed | Problem> {
  const refusal = refusalOf(caller, body);
  if (refusal !== undefined) return refusal;
  const prepared = prepare(caller, body, idempotencyKey, caller.current.now);

  let current: Current | undefined = caller.current;
  for (let round = 0; round < 12; round++) {
    if (current === undefined) break;
    const { keys, policy } = current.snapshot;
    const { proposal, call } = prepared;
    const answer = evaluate(policy, {
      agent: body.agent,
      tool: body.tool,
      args: body.args,
      ...(proposal.context_trusted && body.context !== undefined ? { context: body.context } : {}),
      ...(body.run_id === undefined ? {} : { run_id: body.run_id }),
    });
    const asksHuman = answer.effect === 'approval_required' || answer.effect === 'review_after';
    const missing = asksHuman ? missingContext(answer.requires, body) : [];

    const commit = new Commit();
    const idempotent = proposal.idempotency && keys.idempotency(body.agent, proposal.idempotency);
    if (idempotent) commit.expectAbsent('idempotency', idempotent);
    commit.expectAbsent('request', keys.request(proposal.id));
    commit.expectAbsent('denied', keys.denied(call));
    expectUnchanged(commit, current.snapshot);

    if (missing.length > 0) {
      // A repeat of an earlier proposal is answered as such even when policy has come to want more since.
      const earlier = idempotent ? await service.redis.get(idempotent) : null;
      if (earlier !== null) return replay(service, caller, prepared, earlier, current);
      const detail = `Policy wants ${missing.join(', ')} before a human is asked to decide. Add them and propose again.`;
      return problem('context_required', detail, { missing, rules: answer.rules.map((rule) => rule.name) });
    }
    const recorded = await record(service, caller, prepared, answer, commit, current, idempotent);
    if ('code' in recorded) return recorded;
    if ('again' in recorded) {
      if (recorded.again === 'idempotency' && idempotent) {
        const earlier = await service.redis.get(idempotent);
        if (earlier !== null) return replay(service, caller, prepared, earlier, current);
      }
      if (recorded.again === 'denied') {
        const denial = await denialOf(service.redis, keys, call);
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

async function record(
  service: Service,
  caller: Caller,
  { proposal, payload: said, body, bodyDigest }: Prepared,
  answer: PolicyAnswer,
  commit: Commit,
  current: Current,
  idempotent: string | undefined,
): Promise<Recorded | { again: string } | Problem> {
  const { snapshot } = current;
  const world = worldOf(current);
  const decision = propose(proposal, answer, world);
  let { request } = decision;
  // The token of an allowed call leaves with this answer, so its issue is part of the same commit.
  if (request.status === 'approved') request = { ...request, token_issued_at: current.now };
  const payload: Payload = { ...said, why: answer.rules };
  const events = [...decision.events];
  if (request.status === 'approved') {
    const { type: _type, ...same } = events[1] ?? events[0] ?? raise('an allowed proposal has events');
    events.push({ ...same, type: 'token.issued', actor: { kind: 'agent', id: request.agent } });
  }
  writeChange(commit, snapshot, undefined, request, events, payload);
  if (idempotent) commit.write('SET', idempotent, JSON.stringify({ digest: bodyDigest, id: request.id }));
  if (body.supersedes !== undefined && request.status !== 'rejected') {
    const old = await loadRequest(service.redis, snapshot.keys, body.supersedes);
    if (old === undefined || old.record.agent !== body.agent) {
      return problem('not_found', `There is no request ${body.supersedes} of this agent to supersede.`);
    }
    const superseded = decide(old.record, { kind: 'supersede', agent: body.agent, by: request.id }, world);
    if (superseded.refusal !== undefined) return superseded.refusal;
    commit.expect(
      'superseded',
      snapshot.keys.request(old.record.id),
      'revision',
      String(old.record.revision),
    );
    if (superseded.request !== old.record) {
      writeChange(commit, snapshot, old.record, superseded.request, superseded.events);
    }
  }
  const committed = await commit.run(service.redis);
  if (committed.outcome !== 'ok') return { again: committed.outcome === 'conflict' ? committed.on : 'late' };
  const times = Object.values(timersOf(request));
  if (times.length > 0) service.onTimers(caller.workspace, times, current.now);
  return { decision: { ...decision, request }, payload, current };
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

/** The contract's answer for a request on record, in whatever state it is. */
async function answerFor(
  service: Service,
  caller: Caller,
  loaded: Loaded,
  current: Current,
): Promise<Proposed> {
  const { record } = loaded;
  const { id: request_id, rules, args_digest } = record;
  if (record.decided_by === 'policy' && record.status === 'approved') {
    const runnable = mayRun(record, worldOf(current));
    const token = runnable ? { token: await tokenFor(service, loaded, current.now) } : {};
    return { decision: 'allow', request_id, ...token, args_digest, rules };
  }
  if (record.status === 'rejected') return denied(record);
  return { decision: 'approval_required', request: await viewFor(service, caller, loaded, current) };
}

function denied(record: RequestRecord): Proposed {
  const { id: request_id, rules, stop_reason = 'approval_rejected' } = record;
  const reason = record.decision_reason ?? 'A reviewer rejected this call and gave no reason.';
  return {
    decision: 'deny',
    request_id,
    stop_reason,
    reason,
    rules,
    on_rejection: record.terms.on_rejection,
  };
}
