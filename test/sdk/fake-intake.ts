/**
 * An intake in memory, faithful to the contract as far as an agent sees it. Only for what the real one can not be made
 * to show quickly: thousands of random failures under a fake clock. It keeps no policy: `effects` says what each tool
 * gets, and the test decides.
 */

import type {
  Consumed,
  JsonObject,
  Propose,
  ReportOutcome,
  RequestView,
} from '@countersign/shared/contracts';
import {
  type ProblemCode,
  problem,
  problemDocument,
  type StopReason,
  statusOf,
} from '@countersign/shared/contracts';
import { Hono } from 'hono';

type Effects = Record<string, 'allow' | 'deny' | 'approval_required'>;

export type FakeIntake = ReturnType<typeof fakeIntake>;

export function fakeIntake(effects: Effects = {}, view: Partial<RequestView> = {}) {
  const requests = new Map<string, RequestView>();
  const byKey = new Map<string, { body: string; id: string }>();
  const consumes = new Map<string, Consumed>();
  const waiters = new Set<() => void>();
  const app = new Hono();

  const refuse = (code: ProblemCode, detail = 'told by the fake') =>
    Response.json(problemDocument(problem(code, detail)), { status: statusOf(code) });
  const found = (id: string) => {
    const request = requests.get(id);
    if (!request) throw new Error(`no request ${id}`);
    return request;
  };
  const change = (id: string, changes: { [K in keyof RequestView]?: RequestView[K] | undefined }) => {
    requests.set(id, Object.assign({ ...found(id) }, changes));
    for (const wake of [...waiters]) wake();
  };
  /** As its agent sees it: with a token while it is approved and unconsumed. */
  const seen = (id: string): RequestView => {
    const request = found(id);
    const runnable = request.status === 'approved' && !request.consumed_at && !request.stop_reason;
    return runnable ? { token: `token-of-${id}`, ...request } : request;
  };
  const proposed = (id: string) => {
    const request = seen(id);
    const { args_digest, rules, token } = request;
    if (request.decided_by !== 'policy')
      return Response.json({ decision: 'approval_required', request }, { status: 202 });
    if (request.stop_reason) {
      const { stop_reason } = request;
      return Response.json({ decision: 'deny', request_id: id, stop_reason, reason: 'Never.', rules });
    }
    return Response.json({ decision: 'allow', request_id: id, token, args_digest, rules });
  };

  app.post('/v1/requests', async (c) => {
    const text = await c.req.text();
    const body: Propose = JSON.parse(text);
    const named = body.run_id && body.call_id ? `${body.run_id} ${body.call_id}` : undefined;
    const key = c.req.header('idempotency-key') ?? named;
    const before = key === undefined ? undefined : byKey.get(key);
    if (before) return before.body === text ? proposed(before.id) : refuse('idempotency_conflict');
    const id = `req-${requests.size + 1}`;
    if (key !== undefined) byKey.set(key, { body: text, id });
    const effect = effects[body.tool] ?? 'approval_required';
    requests.set(id, requestView(id, body, effect, view));
    return proposed(id);
  });

  app.get('/v1/requests/:id', async (c) => {
    const { id } = c.req.param();
    if (!requests.has(id)) return refuse('not_found');
    const wait = Number(/^wait=(\d+)$/.exec(c.req.header('prefer') ?? '')?.[1] ?? 0);
    if (found(id).status === 'pending' && wait > 0) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, wait * 1000);
      waiters.add(resolve);
      c.req.raw.signal.addEventListener('abort', () => resolve());
      await promise;
      waiters.delete(resolve);
      clearTimeout(timer);
    }
    return c.json(seen(id));
  });

  app.post('/v1/requests/:id/cancel', (c) => {
    const { id } = c.req.param();
    if (found(id).status !== 'pending') return refuse('already_decided');
    change(id, { status: 'cancelled', stop_reason: 'approval_cancelled' });
    return c.json(seen(id));
  });

  app.post('/v1/tokens/consume', async (c) => {
    const { token, args }: { token: string; args: JsonObject } = await c.req.json();
    const key = c.req.header('idempotency-key');
    const before = key === undefined ? undefined : consumes.get(key);
    if (before) return c.json(before);
    const id = token.replace('token-of-', '');
    if (!requests.has(id)) return refuse('token_invalid');
    const request = found(id);
    if (request.stop_reason === 'approval_revoked' || request.stop_reason === 'frozen')
      return refuse(request.stop_reason);
    if (request.consumed_at) return refuse('token_consumed');
    if (JSON.stringify(args) !== JSON.stringify(request.args)) return refuse('args_mismatch');
    change(id, { consumed_at: new Date().toISOString() });
    const consumed = {
      request_id: id,
      tool: request.tool,
      args: request.args,
      args_digest: request.args_digest,
    };
    if (key !== undefined) consumes.set(key, consumed);
    return c.json(consumed);
  });

  app.post('/v1/requests/:id/outcome', async (c) => {
    const { id } = c.req.param();
    if (!found(id).consumed_at) return refuse('not_consumed');
    const at = new Date().toISOString();
    const { status, detail }: ReportOutcome = await c.req.json();
    change(id, { outcome: { status, detail, at } });
    return c.json(seen(id));
  });

  return {
    requests,
    /** Goes to the app without a network. */
    fetch: (async (input, init) => app.fetch(new Request(input, init))) satisfies typeof fetch,
    /** Resolves to the pending request of a tool, as soon as there is one. */
    async pending(tool: string): Promise<RequestView> {
      for (;;) {
        const request = [...requests.values()].find(
          (each) => each.tool === tool && each.status === 'pending',
        );
        if (request) return request;
        await new Promise((resolve) => setImmediate(resolve));
      }
    },
    approve(id: string, edit?: { args: JsonObject; reason: string }) {
      const changes = edit
        ? [{ path: '/amount', from: found(id).args.amount ?? null, to: edit.args.amount ?? null }]
        : [];
      change(id, {
        status: 'approved',
        args: edit?.args ?? found(id).args,
        decision: { verdict: 'approve', edited: !!edit, changes, reason: edit?.reason ?? null },
      });
    },
    stop(id: string, status: RequestView['status'], stop_reason: StopReason, reason: string | null = null) {
      change(id, {
        status,
        stop_reason,
        decision: { verdict: 'reject', edited: false, changes: [], reason },
      });
    },
    change,
  };
}

function requestView(
  id: string,
  body: Propose,
  effect: Effects[string],
  view: Partial<RequestView>,
): RequestView {
  const { agent, tool, args } = body;
  const now = Date.now();
  return {
    id,
    workspace: 'test',
    agent,
    tool,
    args,
    args_digest: `sha256:${id}`,
    context_trusted: true,
    version: 1,
    revision: 1,
    tier: 'medium',
    status: effect === 'allow' ? 'approved' : effect === 'deny' ? 'rejected' : 'pending',
    ...(effect === 'deny' ? { stop_reason: 'policy_denied' as const } : {}),
    ...(effect === 'approval_required' ? {} : { decided_by: 'policy' }),
    message: null,
    rules: ['rule-of-the-test'],
    why: [],
    quorum: 1,
    progress: { needed: 1, given: 0, requirements: [] },
    on_rejection: 'fail',
    policy_digest: 'sha256:policy',
    policy_digests: ['sha256:policy'],
    editable: null,
    friction: { kind: 'none', paths: [] },
    tool_facts: {},
    ...(body.reason === undefined ? {} : { reason: body.reason }),
    ...(body.resume === undefined ? {} : { resume: body.resume }),
    warnings: [],
    created_at: new Date(now).toISOString(),
    expires_at: new Date(now + 3_600_000).toISOString(),
    hold: 0,
    verdicts: [],
    viewed_by: [],
    ...view,
  };
}
