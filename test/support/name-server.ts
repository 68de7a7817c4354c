import { createSocket } from 'node:dgram';
import type { LookupAddress } from 'node:dns';

/** What a name leads to the first time it is looked up, the second time, and so on: the last for ever. Or no answer at all. */
export type Plan = LookupAddress[][] | 'silence';

export type NameServer = {
  /** `127.0.0.1:port` */
  address: string;
  /** By name. Others do not exist. */
  plans: Map<string, Plan>;
  /** The names that were looked up, once for each time. */
  asked: string[];
  stop: () => Promise<void>;
};

const types = { 1: 4, 28: 6 } as const;
const noSuchName = 3;

/** The bytes of an address as DNS has them. */
function bytesOf({ address, family }: LookupAddress): Buffer {
  if (family === 4) return Buffer.from(address.split('.').map(Number));
  // As a URL it is written in groups of hex alone.
  const [head = '', tail] = new URL(`http://[${address}]/`).hostname.slice(1, -1).split('::');
  const groups = (text = ''): string[] => (text === '' ? [] : text.split(':'));
  const missing = 8 - groups(head).length - groups(tail).length;
  const all = [...groups(head), ...Array.from({ length: missing }, () => '0'), ...groups(tail)];
  return Buffer.from(all.map((group) => group.padStart(4, '0')).join(''), 'hex');
}

/** The question of a message (RFC 1035 4.1.2): its name, its type, and its bytes. */
function questionOf(message: Buffer): { name: string; type: number; bytes: Buffer } {
  const labels: string[] = [];
  let at = 12;
  for (let length = message[at] ?? 0; length > 0; length = message[at] ?? 0) {
    labels.push(message.toString('latin1', at + 1, at + 1 + length));
    at += length + 1;
  }
  return { name: labels.join('.'), type: message.readUInt16BE(at + 1), bytes: message.subarray(12, at + 5) };
}

/** A name server on this machine (RFC 1035, over UDP), whose owner may be hostile. */
export async function startNameServer(): Promise<NameServer> {
  const plans = new Map<string, Plan>();
  const asked: string[] = [];
  const timesAsked = new Map<string, number>();
  const socket = createSocket('udp4');

  socket.on('message', (message, sender) => {
    const { name, type, bytes } = questionOf(message);
    const family = type === 1 || type === 28 ? types[type] : undefined;
    if (type === 1) asked.push(name);
    const plan = plans.get(name);
    if (plan === 'silence') return;
    const before = timesAsked.get(`${name} ${type}`) ?? 0;
    timesAsked.set(`${name} ${type}`, before + 1);
    const found = (plan?.[before] ?? plan?.at(-1) ?? []).filter((each) => each.family === family);
    const header = Buffer.from(message.subarray(0, 12));
    // An answer, with recursion available.
    header.writeUInt16BE(0x8180 | (plan === undefined ? noSuchName : 0), 2);
    for (const [place, count] of [1, found.length, 0, 0].entries())
      header.writeUInt16BE(count, 4 + 2 * place);
    const answers = found.map((address) => {
      const data = bytesOf(address);
      // The name of the question, its type, class IN, and no time to live.
      const head = Buffer.from([0xc0, 12, 0, type, 0, 1, 0, 0, 0, 0, 0, data.length]);
      return Buffer.concat([head, data]);
    });
    socket.send(Buffer.concat([header, bytes, ...answers]), sender.port, sender.address);
  });
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  return {
    address: `127.0.0.1:${socket.address().port}`,
    plans,
    asked,
    stop: () => new Promise((resolve) => socket.close(resolve)),
  };
}
