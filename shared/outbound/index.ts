/**
 * The one way out: every URL here was chosen by someone else. Addresses are checked when the connection is made, so
 * a name that resolves differently the second time gains nothing; redirects are never followed; an answer is read up
 * to a cap; the whole attempt has a deadline.
 */
import type { ClientRequest, IncomingMessage } from 'node:http';
import { type Aim, isRefusal, openGuard } from './guard.ts';

/** What came of one POST. */
export type Answer =
  | {
      kind: 'answered';
      status: number;
      /** The answer's first bytes, `keepBytes` of them. */
      text: string;
      /** How long the peer asks us to wait, ms. */
      retry_after_ms?: number;
    }
  /** Nothing was sent: the URL or its address is not one we talk to. */
  | { kind: 'refused'; code: 'invalid_url' | 'insecure_url' | 'address_refused' | 'invalid_message' }
  /** Something may have been sent; no answer came. `code` is `timeout` or the network's, such as `econnreset`. */
  | { kind: 'lost'; code: string };

/** What is POSTed, and how much is wanted of the answer. */
export type Message = {
  headers: Record<string, string>;
  body: string | Buffer;
  /** How much of the answer is kept, bytes: 4,096 when absent, and 65,536 at most. */
  keepBytes?: number;
  /** Ends it before its own deadline; several messages of one attempt can share one. */
  signal?: AbortSignal;
};

export type Outbound = {
  /** POSTs a body once. Never rejects. */
  post(url: string, message: Message): Promise<Answer>;
  /** Deadline of one message, ms. */
  readonly timeoutMs: number;
  /** Closes idle connections. */
  close(): void;
};

export type OutboundOptions = {
  /** Development: the machine itself may be called, over plain http too. */
  allowLoopback: boolean;
  /** Deadline of a whole attempt, ms. */
  timeoutMs: number;
};

const responseCap = 65_536;
/** Bytes of an answer that are kept where nobody asks for more: longer than any log line, so that a credential in it is not cut in half. */
const textKept = 4_096;

/** `Retry-After` (RFC 9110 10.2.3): seconds or a date. */
export function retryAfter(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined;
  const ms = /^\d+$/.test(header.trim()) ? Number(header) * 1_000 : Date.parse(header) - now;
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
}

/** Reads up to the cap. A peer that drips or floods has answered all the same: its status has come. */
function readStart(response: IncomingMessage, keepBytes: number): Promise<string> {
  return new Promise((resolve) => {
    const kept: Buffer[] = [];
    let size = 0;
    response.on('data', (chunk: Buffer) => {
      if (size < keepBytes) kept.push(chunk.subarray(0, keepBytes - size));
      size += chunk.length;
      if (size > responseCap) response.destroy();
    });
    const settle = () => resolve(Buffer.concat(kept).toString('utf8'));
    response.once('close', settle);
    response.on('error', settle);
  });
}

/** Whether the time is up, and what that ends. A timer costs a third of what an `AbortSignal` does. */
type Deadline = { over: boolean; ends: ClientRequest | undefined };

/** Sends it once. Rejects where Node refuses to build it. */
function send(
  { request, options }: Extract<Aim, { ok: true }>,
  message: Message,
  deadline: Deadline,
): Promise<Answer | 'stale connection'> {
  return new Promise((resolve) => {
    const headers = { ...message.headers, 'content-length': Buffer.byteLength(message.body) };
    const sending = request({ ...options, method: 'POST', headers });
    deadline.ends = sending;
    let answered = false;
    sending.once('response', async (response) => {
      answered = true;
      const wait = retryAfter(response.headers['retry-after'], Date.now());
      const text = await readStart(response, message.keepBytes ?? textKept);
      const status = response.statusCode ?? 0;
      resolve({ kind: 'answered', status, text, ...(wait === undefined ? {} : { retry_after_ms: wait }) });
    });
    sending.on('error', (error: NodeJS.ErrnoException) => {
      // The status has come; what ends the rest early is for `readStart`.
      if (answered) return;
      if (isRefusal(error)) return resolve({ kind: 'refused', code: 'address_refused' });
      if (deadline.over) return resolve({ kind: 'lost', code: 'timeout' });
      // The peer closed a kept connection just as we took it: https://nodejs.org/api/http.html#requestreusedsocket
      if (sending.reusedSocket && error.code === 'ECONNRESET') return resolve('stale connection');
      resolve({ kind: 'lost', code: (error.code ?? 'error').toLowerCase() });
    });
    sending.end(message.body);
  });
}

/** Makes the guarded sender. */
export function outbound({ allowLoopback, timeoutMs }: OutboundOptions): Outbound {
  const guard = openGuard(allowLoopback);
  return {
    timeoutMs,
    async post(url, message) {
      const aim = guard.aim(url);
      if (!aim.ok) return { kind: 'refused', code: aim.code };
      if (message.signal?.aborted) return { kind: 'lost', code: 'timeout' };
      const deadline: Deadline = { over: false, ends: undefined };
      const end = () => {
        deadline.over = true;
        deadline.ends?.destroy();
      };
      const timer = setTimeout(end, timeoutMs);
      message.signal?.addEventListener('abort', end);
      try {
        let answer = await send(aim, message, deadline);
        while (answer === 'stale connection' && !deadline.over) answer = await send(aim, message, deadline);
        return answer === 'stale connection' ? { kind: 'lost', code: 'timeout' } : answer;
      } catch {
        // A header's name or value that is none.
        return { kind: 'refused', code: 'invalid_message' };
      } finally {
        clearTimeout(timer);
        message.signal?.removeEventListener('abort', end);
      }
    },
    close: () => guard.close(),
  };
}
