import { once } from 'node:events';
import { type AddressInfo, createServer, connect as dial, type Socket } from 'node:net';

/** A command on its way to Redis, as a client sent it. */
export type Passing = { name: string; args: string[] };

/** What becomes of a command. Absent: it passes. */
export type Fault =
  /**
   * The connection ends at this command: before Redis sees it, or when Redis has run it and nobody has heard. `meanwhile`
   * runs at that very moment, while the client still waits.
   */
  | { cut: 'before' | 'after'; meanwhile?: () => void }
  /** It and what follows on its connection wait for this. */
  | { until: Promise<unknown> };

export type RedisProxy = {
  url: string;
  /** Asked about every command on every connection, in order. Replaced at will. */
  intercept: (command: Passing) => Fault | undefined;
  stop: () => Promise<void>;
};

/** Takes the first whole command (RESP array of bulk strings) off a buffer; `undefined` when it is not all there. */
function firstCommand(buffer: Buffer): { bytes: Buffer; command: Passing } | undefined {
  let at = 0;
  const line = (kind: string): number | undefined => {
    const end = buffer.indexOf('\r\n', at);
    if (end < 0) return undefined;
    const text = buffer.toString('latin1', at, end);
    if (!text.startsWith(kind)) throw new Error(`expected ${kind}, got ${text}`);
    at = end + 2;
    return Number(text.slice(1));
  };
  const count = line('*');
  if (count === undefined) return undefined;
  const words: string[] = [];
  for (let i = 0; i < count; i++) {
    const length = line('$');
    if (length === undefined || buffer.length < at + length + 2) return undefined;
    words.push(buffer.toString('utf8', at, at + length));
    at += length + 2;
  }
  const [name = '', ...args] = words;
  return { bytes: buffer.subarray(0, at), command: { name: name.toLowerCase(), args } };
}

/** A wire between clients and one Redis on this machine, which fails where a test wants it to. */
export async function startRedisProxy(redisUrl: string): Promise<RedisProxy> {
  const { hostname, port } = new URL(redisUrl);
  const sockets = new Set<Socket>();
  const proxy: RedisProxy = {
    url: '',
    intercept: () => undefined,
    async stop() {
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, 'close');
    },
  };

  const server = createServer((client) => {
    const redis = dial(Number(port), hostname);
    let waiting: Buffer = Buffer.alloc(0);
    let working = Promise.resolve();
    let over = false;
    for (const [socket, other] of [
      [client, redis],
      [redis, client],
    ] as const) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        sockets.delete(socket);
        if (!over) other.destroy();
      });
    }
    client.setNoDelay(true);
    redis.setNoDelay(true);
    redis.on('data', (chunk) => {
      if (!over) client.write(chunk);
    });

    /** Lets Redis run what it has been sent, since it reads to the end before it closes; then ends the client's side. */
    async function end(meanwhile: (() => void) | undefined): Promise<void> {
      over = true;
      const closed = redis.closed ? undefined : once(redis, 'close');
      redis.end();
      redis.resume();
      await closed;
      meanwhile?.();
      client.destroy();
    }

    async function forward(): Promise<void> {
      for (let next = firstCommand(waiting); next !== undefined && !over; next = firstCommand(waiting)) {
        waiting = waiting.subarray(next.bytes.length);
        const fault = proxy.intercept(next.command);
        if (fault !== undefined && 'until' in fault) await fault.until;
        if (fault === undefined || !('cut' in fault) || fault.cut === 'after') redis.write(next.bytes);
        if (fault !== undefined && 'cut' in fault) await end(fault.meanwhile);
      }
    }

    client.on('data', (chunk) => {
      waiting = waiting.length === 0 ? chunk : Buffer.concat([waiting, chunk]);
      working = working.then(forward);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  proxy.url = `redis://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return proxy;
}
