/**
 * The one way out: every URL here was chosen by someone else. Addresses are checked when the connection is made, so
 * a name that resolves differently the second time gains nothing; redirects are never followed; an answer is read up
 * to a cap; the whole attempt has a deadline, whatever the peer or its name server does.
 */
import { type Deadline, exchange } from './exchange.ts';
import { openGuard } from './guard.ts';

export { retryAfter } from './retry-after.ts';

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
  /**
   * Nothing was sent this time: no name, no connection, or none to be trusted. `code` is `timeout`, `enotfound`,
   * `eai_again` (no name server has said) or the network's, such as `econnrefused`.
   */
  | { kind: 'unreached'; code: string }
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
  /**
   * `once`: the peer knows two of the same message for one (by an id, a key, a topic), so that one which was lost with a
   * kept connection is sent once more, over a new one. Absent: it leaves this process once and no more.
   */
  repeat?: 'once';
};

export type Outbound = {
  /** POSTs a body. Never rejects, and answers by the deadline. */
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
  /** Name servers to ask instead of the system's: `127.0.0.1:5353`. */
  nameServers?: readonly string[];
};

/** Makes the guarded sender. */
export function outbound({ allowLoopback, timeoutMs, nameServers }: OutboundOptions): Outbound {
  const guard = openGuard(allowLoopback, nameServers);

  async function send(url: string, message: Message, deadline: Deadline): Promise<Answer> {
    const aim = guard.aim(url);
    if (!aim.ok) return { kind: 'refused', code: aim.code };
    const first = await exchange(aim, aim.kept, message, deadline);
    if (first !== 'stale') return first;
    const lost: Answer = { kind: 'lost', code: 'econnreset' };
    if (message.repeat === undefined || deadline.over) return lost;
    const second = await exchange(aim, aim.fresh, message, deadline);
    // That nothing was sent is true of the second alone.
    if (second === 'stale') return lost;
    return second.kind === 'answered' ? second : { kind: 'lost', code: second.code };
  }

  return {
    timeoutMs,
    async post(url, message) {
      if (message.signal?.aborted) return { kind: 'unreached', code: 'timeout' };
      const deadline: Deadline = { over: false, settle: undefined };
      const end = () => {
        deadline.over = true;
        deadline.settle?.();
      };
      const timer = setTimeout(end, timeoutMs);
      message.signal?.addEventListener('abort', end);
      try {
        return await send(url, message, deadline);
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
