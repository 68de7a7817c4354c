/** One POST over one connection. Whatever the peer does, and whatever Node makes of it, it is settled once and in time. */
import type { IncomingMessage } from 'node:http';
import { type Agent, type Aim, isRefusal } from './guard.ts';
import type { Answer, Message } from './index.ts';
import { retryAfter } from './retry-after.ts';

/** Whether the time is up, and what settles the exchange that is under way then. A timer costs a third of what an `AbortSignal` does. */
export type Deadline = { over: boolean; settle: (() => void) | undefined };

/** How much of an answer is read, bytes. */
const responseCap = 65_536;
/** Bytes of an answer that are kept where nobody asks for more: longer than any log line, so that a credential in it is not cut in half. */
const textKept = 4_096;

/** What Node says where the peer closed a kept connection just as we took it: https://nodejs.org/api/http.html#requestreusedsocket */
const closedMeanwhile = new Set(['ECONNRESET', 'EPIPE']);

/** What there is of an answer whose status has come. */
function answerSoFar(response: IncomingMessage, chunks: readonly Buffer[]): Answer {
  const wait = retryAfter(response.headers['retry-after'], Date.now());
  const text = Buffer.concat(chunks).toString('utf8');
  const status = response.statusCode ?? 0;
  return { kind: 'answered', status, text, ...(wait === undefined ? {} : { retry_after_ms: wait }) };
}

/**
 * Sends it once. `stale`: it went out on a connection that had been kept and that the peer has closed; that it was taken
 * all the same is possible. Rejects where Node refuses to build it.
 */
export function exchange(
  { request, options, opens }: Extract<Aim, { ok: true }>,
  agent: Agent,
  message: Message,
  deadline: Deadline,
): Promise<Answer | 'stale'> {
  return new Promise((resolve) => {
    const headers = { ...message.headers, 'content-length': Buffer.byteLength(message.body) };
    const sending = request({ ...options, agent, method: 'POST', headers });
    /** Whether anything can have left: not before the connection is open, and trusted. */
    let reached = sending.reusedSocket;
    let response: IncomingMessage | undefined;
    const kept: Buffer[] = [];

    function settle(code: string): void {
      // A peer that drips or floods, or breaks off, has answered all the same: its status has come.
      if (response !== undefined) resolve(answerSoFar(response, kept));
      else resolve({ kind: reached ? 'lost' : 'unreached', code });
    }
    deadline.settle = () => {
      settle('timeout');
      sending.destroy();
    };

    if (!reached)
      sending.once('socket', (socket) => {
        socket.once(opens, () => {
          reached = true;
        });
      });
    sending.once('response', (started) => {
      response = started;
      const keepBytes = message.keepBytes ?? textKept;
      let size = 0;
      started.on('data', (chunk: Buffer) => {
        if (size < keepBytes) kept.push(chunk.subarray(0, keepBytes - size));
        size += chunk.length;
        if (size > responseCap) started.destroy();
      });
      started.once('close', () => settle('closed'));
      started.on('error', () => settle('closed'));
    });
    // A peer that would rather speak something else (101) has answered. Node has let go of the connection: nobody else ends it.
    sending.once('upgrade', (started, socket) => {
      response = started;
      settle('upgrade');
      socket.destroy();
    });
    sending.on('error', (error: NodeJS.ErrnoException) => {
      // The status has come: what is there of the rest is known once the answer is closed.
      if (response !== undefined) return;
      if (isRefusal(error)) return resolve({ kind: 'refused', code: 'address_refused' });
      const code = error.code ?? 'error';
      if (sending.reusedSocket && closedMeanwhile.has(code)) return resolve('stale');
      settle(code.toLowerCase());
    });
    // Of an exchange that ends in no other way.
    sending.once('close', () => {
      if (response === undefined) settle('closed');
    });
    sending.end(message.body);
  });
}
