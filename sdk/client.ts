/** The agent's calls of the HTTP API, typed. Names are those of the API. */
import type {
  AnswerQuestion,
  Consumed,
  JsonObject,
  Propose,
  Proposed,
  ReportOutcome,
  RequestView,
} from '@countersign/shared/contracts';
import { pause } from './backoff.ts';
import { Refused, UnexpectedAnswer } from './errors.ts';
import { plainArgs } from './plain-json.ts';
import { type Call, type Connection, send } from './send.ts';

export type ClientOptions = {
  /** Where Countersign runs, such as `https://countersign.example.com`; a path in it is kept. */
  url: string;
  /** An agent's key, `cs_<workspace>_<secret>`. */
  key: string;
  /** The agent that calls are proposed for; the key must be allowed to use the name. */
  agent: string;
  /**
   * Writes `traceparent` and `tracestate` of the trace that the caller is in, so that the wait becomes a span of it. With
   * OpenTelemetry: `(headers) => propagation.inject(context.active(), headers)`. Not needed, and not to be given, where
   * `fetch` is instrumented. Only these two headers are taken.
   */
  inject?: (headers: Record<string, string>) => void;
  /** Default: the global `fetch`. */
  fetch?: typeof globalThis.fetch;
  /** Seconds that one attempt may take, long polls excepted. Default 15. */
  timeout?: number;
  /** Seconds that a call goes on trying while the server is away or not ready. Default 60. */
  retryFor?: number;
};

/** An action to propose; its agent is the client's. */
export type Action = Omit<Propose, 'agent'>;

type Signal = { signal?: AbortSignal | undefined };

export type Client = {
  readonly agent: string;
  /**
   * Proposes an action. Sent with `idempotencyKey`; without one, `run_id` and `call_id` serve where both are given,
   * else a random key that survives this call's own retries. A repeat is answered with the request's current state.
   */
  propose(action: Action, options?: Signal & { idempotencyKey?: string | undefined }): Promise<Proposed>;
  /** The request as it is; with `wait` (seconds, at most 60) as soon as it is decided. */
  get(id: string, options?: Signal & { wait?: number }): Promise<RequestView>;
  /**
   * The request once it is no longer pending. Lasts through restarts and outages: given the request, or once it has
   * read it, it does not give up before `expires_at`, however long the server is away.
   *
   * With `onRead` it is read every few seconds meanwhile, and each reading is passed on: reviewers may
   * have asked something.
   */
  waitFor(
    request: string | RequestView,
    options?: Signal & { onRead?: ((request: RequestView) => void) | undefined },
  ): Promise<RequestView>;
  /** Answers a reviewer's question; without `question`, the one that has waited longest. Gives the request. */
  answer(id: string, answer: AnswerQuestion, options?: Signal): Promise<RequestView>;
  /** Withdraws a request. Promises that it is cancelled afterwards, or throws. */
  cancel(id: string, options?: Signal & { reason?: string }): Promise<RequestView>;
  /**
   * Uses the token up and gives the arguments that may run now, once. Do this before running, and run exactly
   * what it returns. Retries of its own go under one `Idempotency-Key`, so a lost answer does not strand an approval.
   */
  consume(token: string, args: JsonObject, options?: Signal & { idempotencyKey?: string }): Promise<Consumed>;
  /** Records what happened when the tool ran. `retryFor` (seconds) overrides the client's. */
  reportOutcome(id: string, outcome: ReportOutcome, options?: Signal & { retryFor?: number }): Promise<void>;
};

/** The longest wait that the contract knows, in seconds. */
const longestWait = 60;

/** Between two readings of a request that waits, where somebody listens for questions, in seconds. */
const lookEvery = 5;

/**
 * A client for one agent. Nothing is sent until a method is called.
 *
 * Methods throw `Refused` (the server said no), `Unavailable` (it said nothing for `retryFor` seconds),
 * `UnexpectedAnswer`, or the reason of the signal that aborted them.
 *
 * @throws {TypeError} the URL or the key is malformed.
 */
export function createClient(options: ClientOptions): Client {
  const { agent } = options;
  const connection: Connection = {
    url: baseUrl(options.url),
    key: headerValue(options.key),
    fetch: options.fetch ?? globalThis.fetch.bind(globalThis),
    timeout: options.timeout ?? 15,
    retryFor: options.retryFor ?? 60,
  };
  const post = (path: string, body: unknown, rest: Omit<Call, 'method' | 'path' | 'body'>) =>
    send(connection, { method: 'POST', path, body, ...rest });

  async function get(id: string, call: Signal & { wait?: number; notBefore?: number | undefined } = {}) {
    const wait = Math.min(call.wait ?? 0, longestWait);
    const answer = await send(connection, {
      method: 'GET',
      path: `/v1/requests/${encodeURIComponent(id)}`,
      headers: wait > 0 ? { prefer: `wait=${wait}` } : {},
      wait,
      signal: call.signal,
      notBefore: call.notBefore,
    });
    return requestIn(answer, id);
  }

  return {
    agent,

    async propose(action, { signal, idempotencyKey } = {}) {
      const named = action.run_id !== undefined && action.call_id !== undefined;
      const key = idempotencyKey ?? (named ? undefined : crypto.randomUUID());
      const traced = traceHeaders(options.inject);
      const headers = { ...traced, ...(key === undefined ? {} : { 'idempotency-key': key }) };
      const answer = await post(
        '/v1/requests',
        { ...action, args: plainArgs(action.args), agent },
        { headers, signal },
      );
      return proposedIn(answer);
    },

    get,

    async waitFor(which, { signal, onRead } = {}) {
      const id = typeof which === 'string' ? which : which.id;
      let request = typeof which === 'string' ? undefined : which;
      const wait = onRead === undefined ? longestWait : lookEvery;
      for (let quick = 0; ; ) {
        const asked = Date.now();
        request = await get(id, { wait, signal, notBefore: deadline(request) });
        if (request.status !== 'pending') return request;
        onRead?.(request);
        // A proxy that drops `Prefer`, or a server that is draining, answers at once: do not spin.
        quick = Date.now() - asked < 1000 ? quick + 1 : 0;
        if (quick > 0) await pause(Math.min(quick, 5), signal);
      }
    },

    async answer(id, answer, { signal } = {}) {
      return requestIn(await post(`/v1/requests/${encodeURIComponent(id)}/answer`, answer, { signal }), id);
    },

    async cancel(id, { signal, reason } = {}) {
      const path = `/v1/requests/${encodeURIComponent(id)}/cancel`;
      try {
        return requestIn(await post(path, reason === undefined ? {} : { reason }, { signal }), id);
      } catch (error) {
        // The first answer may have been lost, and the second attempt finds it done.
        if (!(error instanceof Refused && error.code === 'already_decided')) throw error;
        const request = await get(id, { signal });
        if (request.status === 'cancelled') return request;
        throw error;
      }
    },

    async consume(token, args, { signal, idempotencyKey = crypto.randomUUID() } = {}) {
      const headers = { 'idempotency-key': idempotencyKey };
      return consumedIn(await post('/v1/tokens/consume', { token, args }, { headers, signal }));
    },

    async reportOutcome(id, outcome, { signal, retryFor } = {}) {
      await post(`/v1/requests/${encodeURIComponent(id)}/outcome`, outcome, { signal, retryFor });
    },
  };
}

/** Tracing never keeps a call from being proposed: what fails, or is not printable, leaves no trace. */
function traceHeaders(inject: ClientOptions['inject']): Record<string, string> {
  const carrier: Record<string, string> = {};
  try {
    inject?.(carrier);
  } catch {
    return {};
  }
  const taken = Object.entries(carrier).filter(
    ([name, value]) => /^trace(parent|state)$/.test(name) && /^[\x20-\x7e]*$/.test(value),
  );
  return Object.fromEntries(taken);
}

function baseUrl(url: string): string {
  const { protocol, origin, pathname } = new URL(url);
  if (protocol !== 'http:' && protocol !== 'https:') throw new TypeError(`url must be http or https: ${url}`);
  return origin + pathname.replace(/\/+$/, '');
}

/** A malformed key would fail inside `fetch`, where it looks like an outage. */
function headerValue(key: string): string {
  if (!/^[\x21-\x7e]+$/.test(key)) throw new TypeError('key must be printable and without spaces');
  return key;
}

/** Unix milliseconds; `undefined` while nothing is known. A request that never expires is worth waiting for, always. */
function deadline(request: RequestView | undefined): number | undefined {
  if (!request) return undefined;
  return request.expires_at === null ? Number.POSITIVE_INFINITY : Date.parse(request.expires_at);
}

// The server is trusted to fill in its own shapes; what is checked here is what running the wrong thing would hang on.

function requestIn(answer: object, id: string): RequestView {
  const request = answer as RequestView;
  if (request.id !== id || typeof request.status !== 'string') throw unexpected(`the request ${id}`);
  return request;
}

function proposedIn(answer: object): Proposed {
  const proposed = answer as Proposed;
  if (proposed.decision === 'approval_required' && typeof proposed.request?.id === 'string') return proposed;
  if (proposed.decision === 'allow' && typeof proposed.request_id === 'string') return proposed;
  if (proposed.decision === 'deny' && typeof proposed.request_id === 'string') return proposed;
  throw unexpected('allow, deny or approval_required');
}

function consumedIn(answer: object): Consumed {
  const consumed = answer as Consumed;
  const { request_id, tool, args } = consumed;
  const isObject = typeof args === 'object' && args !== null && !Array.isArray(args);
  if (typeof request_id === 'string' && typeof tool === 'string' && isObject) return consumed;
  throw unexpected('consumed arguments');
}

function unexpected(wanted: string): UnexpectedAnswer {
  return new UnexpectedAnswer(`The server's answer is not ${wanted}.`);
}
