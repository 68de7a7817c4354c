/** A proposal as it came, before anyone judges it: whether this key may make it, and what identifies it. */
import { hash } from 'node:crypto';
import { canonicalizeParsed, type Json } from '@countersign/shared/canonical';
import { type Problem, type Propose, problem } from '@countersign/shared/contracts';
import { argsDigest, canaryCommitment } from '@countersign/shared/digest';
import type { Payload } from '@countersign/shared/request';
import type { TraceContext } from '@countersign/shared/trace';
import type { Proposal } from '../lifecycle/command.ts';
import { newFraction, newSalt, newUlid } from '../random.ts';
import { callDigest } from './repeated-denial.ts';
import { type Caller, maySpeakFor } from './service.ts';

/** Why this key may not propose that, if it may not (law 14). */
export function refusalOf({ key }: Caller, body: Propose): Problem | undefined {
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

const sha256 = (text: string): string => hash('sha256', text, 'hex');

/** What came with a proposal beside its body. */
export type Along = {
  idempotencyKey?: string | undefined;
  /** The trace that the agent is in. */
  trace?: TraceContext | undefined;
};

/** Everything about a proposal that does not depend on the state of the workspace. */
export type Prepared = {
  body: Propose;
  proposal: Proposal;
  payload: Payload;
  bodyDigest: string;
  /** Identifies the same call proposed again. */
  call: string;
};

/** The bit that says whether a request was planted: its salt, and the commitment that its first event carries. */
export function committed(id: string, planted: boolean): Proposal['canary'] {
  const salt = newSalt();
  return { salt, commitment: canaryCommitment(id, { planted, salt }) };
}

/** Works a body out once: its ids, digests and payload. `now` is Redis time in ms. */
export function prepare(
  caller: Caller,
  body: Propose,
  { idempotencyKey, trace }: Along,
  now: number,
): Prepared {
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
  const args_digest = argsDigest(canonicalizeParsed(args));
  const call = callDigest(body, args_digest, context === undefined ? undefined : canonicalizeParsed(context));
  const optional = { run_id, call_id, requested_by, cost, callback_url, supersedes, trace };
  const id = `req_${newUlid(now)}`;
  return {
    body,
    proposal: {
      id,
      workspace: caller.workspace,
      agent,
      tool,
      key_id: caller.key.id,
      owner: caller.key.owner,
      context_trusted: caller.key.trusted_context,
      args_digest,
      canary: committed(id, false),
      // Drawn once for this proposal, however often its commit is tried.
      draw: newFraction(),
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
    bodyDigest: key === undefined ? '' : digestOf(body, call),
    call,
  };
}

/**
 * The same for bodies that mean the same. `call` stands for agent, tool, args and context; the contract's schema has put
 * the other members in order, but for two that are the caller's own.
 */
function digestOf({ agent: _a, tool: _t, args: _args, context: _c, ...rest }: Propose, call: string): string {
  const { resume, args_schema } = rest;
  const free = {
    ...(resume === undefined ? {} : { resume: canonicalizeParsed(resume as Json) }),
    ...(args_schema === undefined ? {} : { args_schema: canonicalizeParsed(args_schema) }),
  };
  return sha256(JSON.stringify([call, { ...rest, ...free }]));
}

function withoutUndefined<T extends object>(value: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const kept: Partial<T> = {};
  for (const name in value) {
    if (value[name] !== undefined) kept[name] = value[name];
  }
  return kept as { [K in keyof T]?: Exclude<T[K], undefined> };
}
