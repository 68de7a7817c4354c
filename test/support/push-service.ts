import { createECDH, createPublicKey, randomBytes, verify } from 'node:crypto';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { decrypt } from 'http_ece';
import { generate } from 'selfsigned';
import type { Behaviour } from './webhook-receiver.ts';

/** A push as the browser would get it, and how it came. */
export type ReceivedPush = {
  /** Id of the subscription, as `subscribe` numbered it. */
  subscription: string;
  payload: unknown;
  ttl: number;
  urgency: string | undefined;
  topic: string | undefined;
  /** Claims of the sender's VAPID token, whose signature has been checked. */
  vapid: { aud: string; exp: number; sub: string };
  /** The key that signed it, URL-safe base64: what a browser subscribed with. */
  sender: string;
};

export type PushService = {
  /** Certificate to trust, for processes other than this one: `NODE_EXTRA_CA_CERTS` takes a file of it. */
  certificate: string;
  /** What a browser's `PushSubscription.toJSON()` holds. */
  subscribe: () => { id: string; endpoint: string; keys: { p256dh: string; auth: string } };
  received: ReceivedPush[];
  /** Why pushes were refused: each is a bug of the sender. */
  faults: string[];
  /** How many requests came, refused ones included. */
  arrivals: () => number;
  /** Behaviour for the next pushes, in order; 201 after that. */
  answerWith: (...behaviours: Behaviour[]) => void;
  stop: () => Promise<void>;
};

/** `vapid t=<jwt>, k=<key>` (RFC 8292 3). Throws where anything is wrong. */
function checkVapid(
  header: string | undefined,
  origin: string,
): { vapid: ReceivedPush['vapid']; sender: string } {
  const [, jwt = '', sender = ''] = /^vapid t=([^,]+), k=(.+)$/.exec(header ?? '') ?? [];
  const point = Buffer.from(sender, 'base64url');
  const [x, y] = [point.subarray(1, 33), point.subarray(33)].map((half) => half.toString('base64url'));
  const key = createPublicKey({ format: 'jwk', key: { kty: 'EC', crv: 'P-256', x: x ?? '', y: y ?? '' } });
  const [head = '', body = '', signature = ''] = jwt.split('.');
  const signed = { key, dsaEncoding: 'ieee-p1363' } as const;
  if (!verify('sha256', Buffer.from(`${head}.${body}`), signed, Buffer.from(signature, 'base64url'))) {
    throw new Error('the VAPID token is not signed by the key beside it');
  }
  const vapid = JSON.parse(Buffer.from(body, 'base64url').toString()) as ReceivedPush['vapid'];
  if (vapid.aud !== origin) throw new Error(`the VAPID token is for ${vapid.aud}`);
  if (vapid.exp * 1_000 < Date.now() || vapid.exp * 1_000 > Date.now() + 86_400_000) {
    throw new Error('the VAPID token must expire within 24 hours');
  }
  return { vapid, sender };
}

/**
 * A push service on this machine, as RFC 8030 has it: TLS, refuses what real ones refuse, decrypts what only the
 * browser could (RFC 8291) and checks who sent it (RFC 8292). This process trusts its certificate until it stops.
 */
export async function startPushService(): Promise<PushService> {
  const { private: key, cert } = await generate([{ name: 'commonName', value: 'localhost' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    extensions: [
      { name: 'basicConstraints', cA: true },
      {
        name: 'subjectAltName',
        altNames: [
          { type: 2, value: 'localhost' },
          { type: 7, ip: '127.0.0.1' },
        ],
      },
    ],
  });
  const browsers = new Map<string, { ecdh: ReturnType<typeof createECDH>; auth: string }>();
  const received: ReceivedPush[] = [];
  const faults: string[] = [];
  let behaviours: Behaviour[] = [];
  let arrivals = 0;
  let origin = '';

  const server = createServer({ key, cert }, async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    arrivals += 1;
    const behaviour = behaviours.shift() ?? 201;
    if (typeof behaviour === 'function') return behaviour(response);
    const { status, headers } =
      typeof behaviour === 'number' ? { status: behaviour, headers: {} } : behaviour;
    const subscription = request.url?.split('/').at(-1) ?? '';
    const browser = browsers.get(subscription);
    if (browser === undefined) return response.writeHead(404).end();
    try {
      const one = (name: string): string | undefined => request.headers[name]?.toString();
      const { vapid, sender } = checkVapid(one('authorization'), origin);
      if (one('ttl') === undefined) throw new Error('TTL is mandatory (RFC 8030 5.2)');
      if (one('content-encoding') !== 'aes128gcm') throw new Error('the content coding must be aes128gcm');
      if (body.length > 4_096) throw new Error(`${body.length} bytes: more than a service must take`);
      const topic = one('topic');
      if (topic !== undefined && !/^[\w-]{1,32}$/.test(topic))
        throw new Error(`the topic ${topic} is too long`);
      const { ecdh, auth } = browser;
      const text = decrypt(body, { version: 'aes128gcm', privateKey: ecdh, authSecret: auth }).toString();
      if (status < 300) {
        const about = { ttl: Number(one('ttl')), urgency: one('urgency'), topic };
        received.push({ subscription, payload: JSON.parse(text), ...about, vapid, sender });
      }
      response.writeHead(status, headers).end();
    } catch (error) {
      faults.push(String(error));
      response.writeHead(400).end(String(error));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `https://localhost:${(server.address() as AddressInfo).port}`;
  const trusted = getCACertificates('default');
  setDefaultCACertificates([...trusted, cert]);

  return {
    certificate: cert,
    subscribe() {
      const id = `browser${browsers.size + 1}`;
      const ecdh = createECDH('prime256v1');
      ecdh.generateKeys();
      const auth = randomBytes(16).toString('base64url');
      browsers.set(id, { ecdh, auth });
      return { id, endpoint: `${origin}/push/${id}`, keys: { p256dh: ecdh.getPublicKey('base64url'), auth } };
    },
    received,
    faults,
    arrivals: () => arrivals,
    answerWith(...next) {
      behaviours = next;
    },
    async stop() {
      setDefaultCACertificates(trusted);
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
