/** A real SMTP server on loopback that keeps what it is sent, and can be told to misbehave at any stage of a session. */
import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import PostalMime, { type Email } from 'postal-mime';
import { generate } from 'selfsigned';
import { SMTPServer } from 'smtp-server';

/** One message that was taken, as parsed. */
export type Letter = {
  mail: Email;
  /** Whom the envelope named: a header says nothing of who gets it. */
  recipients: string[];
  sender: string;
  /** As it came over the line. */
  source: string;
  /** Whom the session was logged in as. */
  user: string | undefined;
  secure: boolean;
};

/** Where in a session something happens. */
export type Stage = 'greeting' | 'login' | 'sender' | 'recipient' | 'message';

export type Misbehaviour =
  /** Says no with this status, to this recipient where one is named. */
  | { at: Stage; status: number; text?: string; only?: string }
  /** Says nothing any more, or hangs up. At `message` it has read all of it; `taken` keeps it nevertheless: the answer is lost. */
  | { at: Stage; goes: 'silent' | 'away'; taken?: boolean }
  /** Answers a byte at a time, for ever. */
  | { at: 'greeting'; goes: 'dripping' };

export type SmtpPeer = {
  /** `smtp://127.0.0.1:port`, with user and password where it asks for them. */
  url: string;
  port: number;
  received: Letter[];
  /** Connections made so far. */
  connections: () => number;
  /** What it does in the sessions to come, one each, before it behaves again. */
  misbehave: (...next: Misbehaviour[]) => void;
  stop: () => Promise<void>;
};

export type SmtpPeerOptions = {
  /** Whom it lets in. Without it nobody needs to log in. */
  login?: { user: string; pass: string };
  /** Offers STARTTLS, with a certificate of its own making, and lets nobody log in without. */
  tls?: boolean;
  /** Bytes that a message may have. */
  size?: number;
};

class Refusal extends Error {
  readonly responseCode: number;
  constructor(status: number, text = 'as the test wants it') {
    super(text);
    this.responseCode = status;
  }
}

/** Starts it on a free port. */
export async function startSmtpPeer({ login, tls = false, size }: SmtpPeerOptions = {}): Promise<SmtpPeer> {
  const received: Letter[] = [];
  const planned: Misbehaviour[] = [];
  const inSession = new Map<string, Misbehaviour>();
  const sockets = new Set<Socket>();
  const hung: (() => void)[] = [];
  let connections = 0;

  /** Runs the plan of a session if this is its stage; `go` continues as a good server does. */
  function staged(session: string, stage: Stage, about: string, go: (error?: Error) => void): void {
    const plan = inSession.get(session);
    if (plan === undefined || plan.at !== stage) go();
    else if ('status' in plan) {
      const meant = plan.only === undefined || plan.only === about;
      go(meant ? new Refusal(plan.status, plan.text) : undefined);
    } else if (plan.goes === 'silent') hung.push(() => go());
    else if (plan.goes === 'away') socketOf(session)?.destroy();
    else drip(socketOf(session));
  }

  const ports = new Map<string, Socket>();
  const socketOf = (session: string): Socket | undefined => ports.get(session);
  function drip(socket: Socket | undefined): void {
    const timer = setInterval(() => socket?.write('2'), 20);
    socket?.once('close', () => clearInterval(timer));
  }

  const pem = tls
    ? await generate([{ name: 'commonName', value: '127.0.0.1' }], { keySize: 2048 })
    : undefined;
  const server = new SMTPServer({
    disabledCommands: tls ? [] : ['STARTTLS', ...(login === undefined ? ['AUTH'] : [])],
    allowInsecureAuth: !tls,
    authOptional: login === undefined,
    disableReverseLookup: true,
    logger: false,
    closeTimeout: 1,
    ...(size === undefined ? {} : { size }),
    ...(pem === undefined ? {} : { key: pem.private, cert: pem.cert }),
    onConnect(session, done) {
      connections += 1;
      const next = planned.shift();
      if (next !== undefined) inSession.set(session.id, next);
      const socket = [...sockets].find(({ remotePort }) => remotePort === session.remotePort);
      if (socket !== undefined) ports.set(session.id, socket);
      staged(session.id, 'greeting', '', done);
    },
    onAuth({ username, password }, session, done) {
      staged(session.id, 'login', '', (error) => {
        const known = login !== undefined && username === login.user && password === login.pass;
        done(error ?? (known ? null : new Refusal(535, 'Authentication credentials invalid')), {
          user: username,
        });
      });
    },
    onMailFrom({ address }, session, done) {
      staged(session.id, 'sender', address, done);
    },
    onRcptTo({ address }, session, done) {
      staged(session.id, 'recipient', address, done);
    },
    async onData(stream, session, done) {
      // A client that dies in the middle has said nothing.
      const raw = await buffer(stream).catch(() => undefined);
      if (raw === undefined) return;
      if (stream.sizeExceeded) return done(new Refusal(552, 'message exceeds fixed maximum message size'));
      const plan = inSession.get(session.id);
      const keeps =
        plan === undefined || plan.at !== 'message' || ('goes' in plan && 'taken' in plan && plan.taken);
      if (keeps) {
        received.push({
          mail: await PostalMime.parse(raw),
          recipients: session.envelope.rcptTo.map(({ address }) => address),
          sender: session.envelope.mailFrom === false ? '' : session.envelope.mailFrom.address,
          source: raw.toString('utf8'),
          user: session.user,
          secure: session.secure,
        });
      }
      staged(session.id, 'message', '', (error) => done(error, 'taken'));
    },
  });
  // A client that goes away in the middle is what the tests are about.
  server.on('error', () => {});
  server.server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server.server, 'listening');
  const { port } = server.server.address() as AddressInfo;
  const account = login === undefined ? '' : `${login.user}:${encodeURIComponent(login.pass)}@`;

  return {
    url: `smtp://${account}127.0.0.1:${port}`,
    port,
    received,
    connections: () => connections,
    misbehave: (...next) => planned.push(...next),
    async stop() {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(resolve));
    },
  };
}
