/** Takes whatever is POSTed, and answers as it is told to. */
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export type RawReceiver = {
  url: string;
  received: { body: string; headers: IncomingHttpHeaders }[];
  /** The status of its answers. */
  answer: number;
  stop: () => Promise<void>;
};

export async function startRawReceiver(): Promise<RawReceiver> {
  const receiver: RawReceiver = {
    url: '',
    received: [],
    answer: 204,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  const server = createServer(async (request, response) => {
    receiver.received.push({ body: await text(request), headers: request.headers });
    response.writeHead(receiver.answer).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  receiver.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/checkpoints`;
  return receiver;
}
