/**
 * The one way out: every URL here was chosen by someone else. Addresses are checked when the connection is made, so
 * a name that resolves differently the second time gains nothing; redirects are never followed; an answer is read up
 * to a cap; the whole attempt has a deadline.
 */
import { lookup } from 'node:dns';
import { type Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { BlockList, type LookupFunction } from 'node:net';
import { RequestFilteringHttpAgent, RequestFilteringHttpsAgent } from 'request-filtering-agent';

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

const loopback = new BlockList();
loopback.addAddress('127.0.0.1');
loopback.addAddress('::1', 'ipv6');
/** IPv4-compatible addresses (RFC 4291, deprecated): `::a9fe:a9fe` is 169.254.169.254, and request-filtering-agent lets it pass. */
const compatible = new BlockList();
compatible.addSubnet('::', 96, 'ipv6');

class AddressRefused extends Error {}

/** Guards what request-filtering-agent leaves open; it refuses every address that is not unicast by itself. */
function check(address: string, family: number | undefined, plain: boolean, allowLoopback: boolean): void {
  const kind = family === 6 ? 'ipv6' : 'ipv4';
  if (loopback.check(address, kind)) {
    if (allowLoopback) return;
    throw new AddressRefused(`${address} is this machine`);
  }
  if (kind === 'ipv6' && compatible.check(address, kind))
    throw new AddressRefused(`${address} hides an IPv4 address`);
  if (plain)
    throw new AddressRefused(`${address} is reached over plain http, which is for this machine only`);
}

function guardedLookup(plain: boolean, allowLoopback: boolean): LookupFunction {
  return (name, options, callback) => {
    lookup(name, options, (error, address, family) => {
      if (error !== null) return callback(error, address, family);
      try {
        const found = typeof address === 'string' ? [{ address, family }] : address;
        for (const each of found) check(each.address, each.family, plain, allowLoopback);
      } catch (refusal) {
        return callback(refusal as Error, address, family);
      }
      callback(null, address, family);
    });
  };
}

/** Its error has no code; the wording is that of the pinned version, and a test holds it to that. */
const isRefusal = (error: Error): boolean =>
  error instanceof AddressRefused || /is not allowed\. Because/.test(error.message);

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

/** Makes the guarded sender. Connections are kept open between attempts; each was checked when it was made. */
export function outbound({ allowLoopback, timeoutMs }: OutboundOptions): Outbound {
  const filter = { keepAlive: true, allowIPAddressList: allowLoopback ? ['127.0.0.1', '::1'] : [] };
  const agents = {
    http: new RequestFilteringHttpAgent(filter),
    https: new RequestFilteringHttpsAgent(filter),
  };
  const lookups = { http: guardedLookup(true, allowLoopback), https: guardedLookup(false, allowLoopback) };

  function once(url: URL, message: Message, signal: AbortSignal): Promise<Answer | 'stale connection'> {
    const plain = url.protocol === 'http:';
    return new Promise((resolve) => {
      const request = (plain ? httpRequest : httpsRequest)(url, {
        method: 'POST',
        headers: { ...message.headers, 'content-length': Buffer.byteLength(message.body) },
        agent: plain ? agents.http : agents.https,
        lookup: plain ? lookups.http : lookups.https,
        signal,
      });
      let answered = false;
      request.once('response', async (response) => {
        answered = true;
        const wait = retryAfter(response.headers['retry-after'], Date.now());
        const text = await readStart(response, message.keepBytes ?? textKept);
        const status = response.statusCode ?? 0;
        resolve({ kind: 'answered', status, text, ...(wait === undefined ? {} : { retry_after_ms: wait }) });
      });
      request.on('error', (error: NodeJS.ErrnoException) => {
        // The status has come; what ends the rest early is for `readStart`.
        if (answered) return;
        if (isRefusal(error)) return resolve({ kind: 'refused', code: 'address_refused' });
        if (signal.aborted) return resolve({ kind: 'lost', code: 'timeout' });
        // The peer closed a kept connection just as we took it: https://nodejs.org/api/http.html#requestreusedsocket
        if (request.reusedSocket && error.code === 'ECONNRESET') return resolve('stale connection');
        resolve({ kind: 'lost', code: (error.code ?? 'error').toLowerCase() });
      });
      request.end(message.body);
    });
  }

  return {
    timeoutMs,
    async post(url, message) {
      if (!URL.canParse(url)) return { kind: 'refused', code: 'invalid_url' };
      const target = new URL(url);
      const plain = target.protocol === 'http:';
      if (target.protocol !== 'https:' && !(plain && allowLoopback))
        return { kind: 'refused', code: 'insecure_url' };
      const literal = target.hostname.replace(/^\[|\]$/g, '');
      const deadline = AbortSignal.timeout(timeoutMs);
      const signal = message.signal === undefined ? deadline : AbortSignal.any([deadline, message.signal]);
      try {
        // A literal address is connected to without a lookup.
        const family = literal === target.hostname ? (/^[\d.]+$/.test(literal) ? 4 : undefined) : 6;
        if (family !== undefined) check(literal, family, plain, allowLoopback);
        let answer = await once(target, message, signal);
        while (answer === 'stale connection') answer = await once(target, message, signal);
        return answer;
      } catch (error) {
        if (error instanceof AddressRefused) return { kind: 'refused', code: 'address_refused' };
        // Node refuses to build it: a header's name or value that is none.
        return { kind: 'refused', code: 'invalid_message' };
      }
    },
    close() {
      for (const agent of Object.values<HttpAgent>(agents)) agent.destroy();
    },
  };
}
