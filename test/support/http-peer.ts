import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One call as it arrived. */
export type Call = { method: string; path: string; headers: IncomingMessage['headers']; text: string };
export type Reply = { status: number; headers?: Record<string, string>; body?: string };

/**
 * What the peer does with a call instead of answering it: a status or an answer, and nothing happens; `lost`, and it
 * happens though nobody hears of it; something ruder; or `as usual`.
 */
export type Behaviour = number | Reply | 'lost' | 'as usual' | ((response: ServerResponse) => void);

export type HttpPeer = {
  url: string;
  /** Everything that arrived, whatever was answered. */
  calls: Call[];
  /** Behaviour of the next calls, in order; as usual after that. */
  answerWith: (...behaviours: Behaviour[]) => void;
  /** Loses the answer of each call that is made meanwhile. */
  losing: <T>(meanwhile: () => Promise<T>) => Promise<T>;
  stop: () => Promise<void>;
};

/** A real HTTP server on this machine that handles calls, unless it is told to misbehave. */
export async function startHttpPeer(handle: (call: Call) => Reply): Promise<HttpPeer> {
  const calls: Call[] = [];
  let behaviours: Behaviour[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const call: Call = {
      method: request.method ?? '',
      path: request.url ?? '',
      headers: request.headers,
      text: Buffer.concat(chunks).toString(),
    };
    calls.push(call);
    const behaviour = behaviours.shift() ?? 'as usual';
    if (typeof behaviour === 'function') return behaviour(response);
    const usual = behaviour === 'lost' || behaviour === 'as usual';
    const reply = usual ? handle(call) : typeof behaviour === 'number' ? { status: behaviour } : behaviour;
    if (behaviour === 'lost') return response.socket?.destroy();
    return response.writeHead(reply.status, reply.headers).end(reply.body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    answerWith(...next) {
      behaviours = next;
    },
    async losing(meanwhile) {
      behaviours = Array.from({ length: 100 }, () => 'lost' as const);
      try {
        return await meanwhile();
      } finally {
        behaviours = [];
      }
    },
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A JSON answer. */
export const json = (status: number, body: unknown): Reply => ({
  status,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});
