import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';

export type ReceivedWebhook = {
  id: string;
  /** Its path: tells destinations apart. */
  path: string;
  headers: IncomingMessage['headers'];
  text: string;
  body: { type: string; timestamp: string; data: { request: Record<string, unknown> } };
};

/** What to do with a request: a status, with headers or a body, or something ruder. */
export type Behaviour =
  | number
  | { status: number; headers?: Record<string, string>; body?: string }
  | ((response: ServerResponse) => void);

export type WebhookReceiver = {
  url: string;
  /** Everything that arrived, whatever was answered. */
  received: ReceivedWebhook[];
  /** Behaviour of the next requests, in order; 204 after that. */
  answerWith: (...behaviours: Behaviour[]) => void;
  /** Verifies one with the reference implementation of Standard Webhooks; throws where it is not genuine. */
  verify: (webhook: ReceivedWebhook, secret: string) => void;
  stop: () => Promise<void>;
};

/** A real HTTP server on this machine that keeps what it is sent. */
export async function startWebhookReceiver(): Promise<WebhookReceiver> {
  const received: ReceivedWebhook[] = [];
  let behaviours: Behaviour[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString();
    const id = String(request.headers['webhook-id']);
    const body = JSON.parse(text || '{}') as ReceivedWebhook['body'];
    received.push({ id, path: request.url ?? '', headers: request.headers, text, body });
    const behaviour = behaviours.shift() ?? 204;
    if (typeof behaviour === 'function') return behaviour(response);
    const {
      status,
      headers,
      body: answer,
    } = typeof behaviour === 'number' ? { status: behaviour } : behaviour;
    response.writeHead(status, headers).end(answer);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    answerWith(...next) {
      behaviours = next;
    },
    verify(webhook, secret) {
      const headers = Object.fromEntries(
        Object.entries(webhook.headers).map(([name, value]) => [name, String(value)]),
      );
      new Webhook(secret).verify(webhook.text, headers);
    },
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
