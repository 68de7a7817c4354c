/** One call to the server, tried until it is answered. Every call made here may safely be sent twice. */
import type { ProblemDocument } from '@countersign/shared/contracts';
import { backoff, pause } from './backoff.ts';
import { Refused, Unavailable, UnexpectedAnswer } from './errors.ts';

/** Where to send, and how patiently. */
export type Connection = {
  /** Without a slash at the end. */
  url: string;
  key: string;
  fetch: typeof globalThis.fetch;
  /** Seconds that one attempt may take. */
  timeout: number;
  /** Seconds that a call goes on trying while the server can not be reached or is not ready. */
  retryFor: number;
};

export type Call = {
  method: 'GET' | 'POST';
  path: string;
  body?: unknown;
  headers?: Record<string, string>;
  signal?: AbortSignal | undefined;
  /** Seconds that the server may take on top of `timeout`: a long poll. */
  wait?: number;
  /** Do not give up before this time (Unix milliseconds), however long the server is away. */
  notBefore?: number | undefined;
  /** Instead of the connection's. */
  retryFor?: number | undefined;
};

type Attempt =
  | { kind: 'answered'; body: object }
  | { kind: 'refused'; problem: ProblemDocument }
  | { kind: 'failed'; cause: unknown; retryAfter: number };

/** Statuses that say "not now" rather than "no". Trying again is safe: every call here is idempotent. */
const passing = new Set([408, 425, 429, 500, 502, 503, 504]);

/**
 * The JSON object that the server answers with.
 *
 * @throws {Refused} the server said no; {@link Unavailable} it said nothing for too long;
 *   {@link UnexpectedAnswer} it said something else; the signal's reason when that aborts.
 */
export async function send(connection: Connection, call: Call): Promise<object> {
  const body = call.body === undefined ? undefined : JSON.stringify(call.body);
  const retryFor = call.retryFor ?? connection.retryFor;
  let giveUpAt: number | undefined;
  for (let attempt = 0; ; attempt++) {
    call.signal?.throwIfAborted();
    const result = await sendOnce(connection, call, body);
    if (result.kind === 'answered') return result.body;
    if (result.kind === 'refused') throw new Refused(result.problem);
    call.signal?.throwIfAborted();
    const now = Date.now();
    giveUpAt ??= Math.max(now + retryFor * 1000, call.notBefore ?? 0);
    const left = (giveUpAt - now) / 1000;
    if (left <= 0) {
      throw new Unavailable(`${call.method} ${call.path} was not answered in ${attempt + 1} attempts.`, {
        cause: result.cause,
      });
    }
    await pause(Math.min(backoff(attempt, result.retryAfter), left), call.signal);
  }
}

async function sendOnce(connection: Connection, call: Call, body: string | undefined): Promise<Attempt> {
  const attempt = new AbortController();
  const seconds = connection.timeout + (call.wait ?? 0);
  const timer = setTimeout(() => attempt.abort(new Error(`no answer in ${seconds} s`)), seconds * 1000);
  const onAbort = () => attempt.abort(call.signal?.reason);
  call.signal?.addEventListener('abort', onAbort, { once: true });
  try {
    const response = await connection.fetch(`${connection.url}${call.path}`, {
      method: call.method,
      headers: {
        accept: 'application/json',
        authorization: `Bearer ${connection.key}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...call.headers,
      },
      body: body ?? null,
      // The key must not follow a redirect to somewhere else.
      redirect: 'error',
      signal: attempt.signal,
    });
    const text = await response.text();
    return understand(response, text);
  } catch (cause) {
    if (cause instanceof UnexpectedAnswer) throw cause;
    return { kind: 'failed', cause, retryAfter: 0 };
  } finally {
    clearTimeout(timer);
    call.signal?.removeEventListener('abort', onAbort);
  }
}

function understand(response: Response, text: string): Attempt {
  const body = jsonObject(text);
  if (response.ok && body) return { kind: 'answered', body };
  if (passing.has(response.status)) {
    const cause = isProblem(body) ? new Refused(body) : new Error(`HTTP ${response.status}`);
    return { kind: 'failed', cause, retryAfter: Number(response.headers.get('retry-after')) || 0 };
  }
  if (isProblem(body)) return { kind: 'refused', problem: body };
  throw new UnexpectedAnswer(`HTTP ${response.status} with a body that is not in the contract.`);
}

function jsonObject(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isProblem(body: object | undefined): body is ProblemDocument {
  return (
    body !== undefined &&
    'code' in body &&
    typeof body.code === 'string' &&
    'detail' in body &&
    typeof body.detail === 'string' &&
    'status' in body &&
    typeof body.status === 'number'
  );
}
