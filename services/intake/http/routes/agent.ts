/** The agent's calls: propose, cancel, consume, report. */
import {
  Cancel,
  Consume,
  Consumed,
  type Problem,
  type ProblemCode,
  Propose,
  Proposed,
  problem,
  ReportOutcome,
  RequestView,
} from '@countersign/shared/contracts';
import { headerOf } from '@countersign/shared/http';
import { readTraceContext } from '@countersign/shared/trace';
import { actAsAgent } from '../../requests/act.ts';
import { proposeAction } from '../../requests/propose.ts';
import { consumeToken } from '../../requests/run.ts';
import { viewFor } from '../../requests/view.ts';
import type { Routes } from '../route.ts';

const bodyProblems: readonly ProblemCode[] = [
  'invalid_json',
  'invalid_utf8',
  'duplicate_key',
  'unsafe_integer',
  'negative_zero',
  'non_finite',
  'lone_surrogate',
  'too_deep',
];

const idempotencyKey = {
  'Idempotency-Key': 'Repeat a call under the same key to get the same answer, once.',
};

const traceHeaders = {
  traceparent: 'Where the caller is in its own trace (W3C Trace Context): the wait becomes a span under it.',
  tracestate: 'Goes with it.',
};

/** The key of a repeatable call. An empty one is a client's mistake: under it every call would be the same call. */
function repeatableUnder(header: string | undefined): { key: string | undefined } | Problem {
  if (header === undefined || header.trim() !== '') return { key: header };
  return problem('invalid_request', 'Idempotency-Key: is empty. Send a key of your own making, or none.');
}

/** Mounts them. */
export function agentRoutes(routes: Routes): void {
  routes.add(
    {
      method: 'post',
      path: '/v1/requests',
      summary: 'Propose an action: may this tool run with these arguments?',
      roles: ['agent'],
      body: Propose,
      headers: { ...idempotencyKey, ...traceHeaders },
      answers: {
        200: { description: 'Policy allows or denies it.', schema: Proposed },
        202: {
          description: 'A human must look.',
          schema: Proposed,
          headers: { Location: 'The address of the request.' },
        },
      },
      problems: [
        ...bodyProblems,
        'agent_not_allowed',
        'callback_not_allowed',
        'idempotency_conflict',
        'idempotency_expired',
        'context_required',
        'agent_throttled',
        'not_found',
        'already_decided',
        'too_busy',
      ],
    },
    async ({ service, caller, body, c }) => {
      const repeatable = repeatableUnder(headerOf(c, 'idempotency-key'));
      if ('code' in repeatable) return repeatable;
      const trace = readTraceContext(headerOf(c, 'traceparent'), headerOf(c, 'tracestate'));
      const answer = await proposeAction(service, caller, body, { idempotencyKey: repeatable.key, trace });
      if ('code' in answer) return answer;
      if (answer.decision !== 'approval_required') return c.json(answer, 200);
      // Not by c.json: beside its own header it would make a Headers of both, which costs more than the JSON.
      const headers = { 'Content-Type': 'application/json', Location: `/v1/requests/${answer.request.id}` };
      return new Response(JSON.stringify(answer), { status: 202, headers });
    },
  );

  routes.add(
    {
      method: 'post',
      path: '/v1/requests/{id}/cancel',
      summary: 'Withdraw a pending request.',
      roles: ['agent'],
      body: Cancel,
      answers: { 200: { description: 'The request, cancelled.', schema: RequestView } },
      problems: ['not_found', 'not_your_request', 'already_decided', 'token_consumed'],
    },
    async ({ service, caller, body, id, c }) => {
      const reason = body.reason === undefined ? {} : { reason: body.reason };
      const done = await actAsAgent(service, caller, id, (agent) => ({ kind: 'cancel', agent, ...reason }));
      return done.ok ? c.json(await viewFor(service, caller, done.loaded, done.current)) : done.problem;
    },
  );

  routes.add(
    {
      method: 'post',
      path: '/v1/tokens/consume',
      summary: 'Use a token up, right before the run. Run exactly the args in the answer.',
      roles: ['agent'],
      body: Consume,
      headers: idempotencyKey,
      answers: { 200: { description: 'Run it now, once.', schema: Consumed } },
      problems: [
        ...bodyProblems,
        'token_invalid',
        'token_consumed',
        'args_mismatch',
        'frozen',
        'approval_revoked',
        'agent_not_allowed',
        'too_busy',
      ],
    },
    async ({ service, caller, body, c }) => {
      const repeatable = repeatableUnder(headerOf(c, 'idempotency-key'));
      if ('code' in repeatable) return repeatable;
      const consumed = await consumeToken(service, caller, body, repeatable.key);
      return 'code' in consumed ? consumed : c.json(consumed);
    },
  );

  routes.add(
    {
      method: 'post',
      path: '/v1/requests/{id}/outcome',
      summary: 'Report what happened when the tool ran.',
      roles: ['agent'],
      body: ReportOutcome,
      answers: { 200: { description: 'The request with its outcome.', schema: RequestView } },
      problems: ['not_found', 'not_your_request', 'not_consumed', 'outcome_conflict', 'undo_not_requested'],
    },
    async ({ service, caller, body, id, c }) => {
      const { status, detail } = body;
      const text = detail === undefined ? undefined : JSON.stringify(detail);
      const done = await actAsAgent(
        service,
        caller,
        id,
        (agent) => ({ kind: 'outcome', agent, status }),
        text,
      );
      return done.ok ? c.json(await viewFor(service, caller, done.loaded, done.current)) : done.problem;
    },
  );
}
