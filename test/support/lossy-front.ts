/** A server in front of a peer that loses answers: the peer has done what it was asked to, and nobody hears of it. */
import { createServer, request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';

export type LossyFront = {
  url: string;
  /** Calls that reached the peer so far. */
  passed: () => number;
  /** Of those, whose answers were lost. */
  lost: () => number;
  stop: () => Promise<void>;
};

/** @param share of the answers that are lost, from 0 to 1; which ones is the same at every run, given the same order of calls */
export async function startLossyFront(peer: string, share: number): Promise<LossyFront> {
  let passed = 0;
  let lost = 0;
  let drawn = 0x2545f491;
  const draw = (): number => {
    // Xorshift: any sequence without a pattern does.
    drawn ^= drawn << 13;
    drawn ^= drawn >>> 17;
    drawn ^= drawn << 5;
    return (drawn >>> 0) / 2 ** 32;
  };
  const server = createServer(async (call, answer) => {
    const chunks: Buffer[] = [];
    for await (const chunk of call) chunks.push(chunk as Buffer);
    const forward = httpRequest(new URL(call.url ?? '/', peer), {
      method: call.method,
      headers: { ...call.headers, connection: 'close' },
    });
    forward.on('response', async (reply) => {
      passed += 1;
      const parts: Buffer[] = [];
      for await (const part of reply) parts.push(part as Buffer);
      if (draw() < share) {
        lost += 1;
        answer.socket?.destroy();
        return;
      }
      answer.writeHead(reply.statusCode ?? 500, reply.headers).end(Buffer.concat(parts));
    });
    forward.on('error', () => answer.socket?.destroy());
    forward.end(Buffer.concat(chunks));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    passed: () => passed,
    lost: () => lost,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
