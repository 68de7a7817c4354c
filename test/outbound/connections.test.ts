/** What a connection that is kept may cost, and what is known of one that never came about. */
import { createServer as createHttpServer, type Server } from 'node:http';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { type Message, outbound } from '@countersign/shared/outbound';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { type Plan, startNameServer } from '../support/name-server.ts';
import { startPushService } from '../support/push-service.ts';

const message: Message = { headers: {}, body: 'x' };
const out = outbound({ allowLoopback: true, timeoutMs: 10_000 });
afterAll(() => out.close());

const undo: (() => unknown)[] = [];
afterEach(async () => {
  await Promise.all(undo.splice(0).map((each) => each()));
});

async function listening<Kind extends Server | ReturnType<typeof createServer>>(
  server: Kind,
): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  undo.push(() => new Promise((resolve) => server.close(resolve)));
  if ('closeAllConnections' in server) undo.push(() => server.closeAllConnections());
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A peer that answers the first call of each connection, and breaks the connection upon any other. */
async function startForgetful(): Promise<{ url: string; taken: () => number }> {
  const known = new WeakSet<Socket>();
  let taken = 0;
  const server = createHttpServer((request, response) => {
    request.resume().once('end', () => {
      taken += 1;
      if (known.has(request.socket)) return request.socket.resetAndDestroy();
      known.add(request.socket);
      // All of them at a time, so that each has a connection of its own.
      if (taken < 10) server.once('ten', () => response.end());
      else {
        response.end();
        server.emit('ten');
      }
    });
  }).setMaxListeners(20);
  return { url: `http://${await listening(server)}/`, taken: () => taken };
}

describe('what is lost with a kept connection', () => {
  test.each([
    [
      'is sent once more, over a new one, where the peer can tell',
      'once',
      2,
      { kind: 'answered', status: 200 },
    ],
    ['is not sent again where the peer can not tell', undefined, 1, { kind: 'lost', code: 'econnreset' }],
  ] as const)('%s, however many connections are kept', async (_, repeat, times, answer) => {
    const peer = await startForgetful();
    await Promise.all(Array.from({ length: 10 }, () => out.post(peer.url, message)));
    expect(peer.taken()).toBe(10);
    expect(await out.post(peer.url, repeat === undefined ? message : { ...message, repeat })).toMatchObject(
      answer,
    );
    expect(peer.taken() - 10).toBe(times);
  });

  test('may have arrived, though nobody is there any more for the second try', async () => {
    let calls = 0;
    const server = createHttpServer((request, response) => {
      calls += 1;
      if (calls === 1) return request.resume().once('end', () => response.end());
      server.close();
      return request.socket.destroy();
    });
    const url = `http://${await listening(server)}/`;
    expect(await out.post(url, message)).toMatchObject({ kind: 'answered' });
    expect(await out.post(url, { ...message, repeat: 'once' })).toEqual({
      kind: 'lost',
      code: 'econnrefused',
    });
  });

  test('is rare, since a connection is kept for less long than most peers keep theirs, and than they say', async () => {
    const closed: string[] = [];
    for (const said of ['', 'Keep-Alive: timeout=2\r\n']) {
      const server = createServer((socket) => {
        socket.on('data', () => socket.write(`HTTP/1.1 200 OK\r\n${said}Content-Length: 0\r\n\r\n`));
        socket.on('end', () => closed.push(said)).on('error', () => {});
      });
      await out.post(`http://${await listening(server)}/`, message);
    }
    expect(closed).toEqual([]);
    await expect.poll(() => closed, { timeout: 20_000 }).toEqual(['Keep-Alive: timeout=2\r\n', '']);
  });
});

describe('nothing was sent', () => {
  async function asking(plans: Record<string, Plan>) {
    const names = await startNameServer();
    undo.push(names.stop);
    for (const [name, plan] of Object.entries(plans)) names.plans.set(name, plan);
    return outbound({ allowLoopback: true, timeoutMs: 10_000, nameServers: [names.address] });
  }

  test('to a port where nobody listens', async () => {
    const server = createServer();
    const host = await listening(server);
    await new Promise((resolve) => server.close(resolve));
    expect(await out.post(`http://${host}/`, message)).toEqual({ kind: 'unreached', code: 'econnrefused' });
  });

  test('to a name that leads nowhere', async () => {
    const out = await asking({ 'no-address.test': [[]] });
    for (const name of ['nobody.test', 'no-address.test'])
      expect(await out.post(`https://${name}/`, message)).toEqual({
        kind: 'unreached',
        code: 'enotfound',
      });
  });

  test('to a peer that nobody vouches for', async () => {
    const trusted = await startPushService();
    undo.push(trusted.stop);
    const { port } = new URL(trusted.subscribe().endpoint);
    // Its certificate is for 127.0.0.1 and localhost.
    const out = await asking({ 'other.test': [[{ address: '127.0.0.1', family: 4 }]] });
    expect(await out.post(`https://other.test:${port}/`, message)).toEqual({
      kind: 'unreached',
      code: 'err_tls_cert_altname_invalid',
    });
    expect(trusted.arrivals()).toBe(0);
  });

  test('to a peer that accepts the connection and never says who it is', async () => {
    const impatient = outbound({ allowLoopback: true, timeoutMs: 300 });
    const server = createServer((socket) => undo.push(() => socket.destroy()));
    const host = await listening(server);
    expect(await impatient.post(`https://${host}/`, message)).toEqual({ kind: 'unreached', code: 'timeout' });
    // Without TLS it can have read what it was sent.
    expect(await impatient.post(`http://${host}/`, message)).toEqual({ kind: 'lost', code: 'timeout' });
  });
});
