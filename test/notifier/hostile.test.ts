/** Every URL that someone else chose is hostile: what they may say, and that nothing reaches a private address by it. */
import { createECDH, randomBytes } from 'node:crypto';
import type { LookupAddress } from 'node:dns';
import { createServer as createHttpServer, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { vapidKeys } from '@countersign/shared/directory';
import { type Outbound, outbound } from '@countersign/shared/outbound';
import type { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { callbackChannel } from '../../services/notifier/channels/callback.ts';
import type { Channel, Outcome } from '../../services/notifier/channels/channel.ts';
import { pagerdutyChannel } from '../../services/notifier/channels/pagerduty.ts';
import { pushChannel } from '../../services/notifier/channels/push.ts';
import { slackChannel } from '../../services/notifier/channels/slack.ts';
import { teamsChannel } from '../../services/notifier/channels/teams.ts';
import { webhookChannel } from '../../services/notifier/channels/webhook.ts';
import { type NameServer, startNameServer } from '../support/name-server.ts';
import { startTestRedis, type TestRedis } from '../support/redis.ts';
import { addressOf, anyTarget, firstAttempt, noticeFor, privateKey } from './conformance.ts';
import { secret, type TestWorkspace, testWorkspace } from './workspace.ts';

/** A listener at an address, which notices whoever comes near it. */
async function trapAt(
  host: string,
  port = 0,
): Promise<{ server: Server; port: number; touched: () => number }> {
  let touched = 0;
  const server = createServer((socket) => {
    touched += 1;
    socket.destroy();
  });
  await new Promise<void>((resolve) => server.listen(port, host, resolve));
  const bound = server.address();
  return { server, port: typeof bound === 'object' ? (bound?.port ?? 0) : 0, touched: () => touched };
}
type Trap = Awaited<ReturnType<typeof trapAt>>;

let server: TestRedis;
let redis: Redis;
/** Takes whatever comes, as a peer that is what it seems. */
let arrived = 0;
/** What every channel takes for a yes: Slack has it in the body. */
const yes = (response: ServerResponse): unknown =>
  response.writeHead(200).end(JSON.stringify({ ok: true, channel: 'C100', ts: '1.0' }));
let answer = yes;
const peer = createHttpServer((_request, response) => {
  arrived += 1;
  answer(response);
});
const peerPort = (): number => (peer.address() as AddressInfo).port;
/** This machine, which development may call, and an address beside it, which nobody may. */
let own: Trap;
let beside: Trap;
let names: NameServer;
const open = (allowLoopback: boolean): Outbound =>
  outbound({ allowLoopback, timeoutMs: 1_000, nameServers: [names.address] });
let strict: Outbound;
let development: Outbound;

beforeAll(async () => {
  [server, own, names] = await Promise.all([startTestRedis(), trapAt('127.0.0.1'), startNameServer()]);
  [strict, development] = [open(false), open(true)];
  await new Promise<void>((resolve) => peer.listen(0, '127.0.0.1', resolve));
  beside = await trapAt('127.0.0.2', own.port);
  redis = server.client();
});
beforeEach(() => {
  names.plans.clear();
  answer = yes;
});
afterAll(async () => {
  strict.close();
  development.close();
  own.server.close();
  beside.server.close();
  peer.closeAllConnections();
  peer.close();
  await Promise.all([server.stop(), names.stop()]);
});

const browser = () => {
  const keys = createECDH('prime256v1');
  return { p256dh: keys.generateKeys('base64url'), auth: randomBytes(16).toString('base64url') };
};
/** Every channel that goes where somebody else says, and how they say it. */
const channels: Record<
  string,
  {
    place: (workspace: TestWorkspace, url: string) => Promise<unknown>;
    at: (workspace: TestWorkspace, url: string) => ReturnType<typeof addressOf>;
    open: (out: Outbound) => Promise<Channel<unknown>>;
  }
> = {
  webhook: {
    place: (workspace, url) => workspace.addDestination(url),
    at: (workspace) => addressOf(workspace, 'dst_1'),
    open: async (out) => anyTarget(webhookChannel(redis, { out, privateKey })),
  },
  pagerduty: {
    place: (workspace, url) => workspace.addDestination(url, { kind: 'pagerduty', secret: 'R'.repeat(32) }),
    at: (workspace) => addressOf(workspace, 'dst_1'),
    open: async (out) => anyTarget(pagerdutyChannel(redis, out)),
  },
  teams: {
    place: (workspace, url) => workspace.addDestination(url, { kind: 'teams' }),
    at: (workspace) => addressOf(workspace, 'dst_1'),
    open: async (out) => anyTarget(teamsChannel(redis, out)),
  },
  slack: {
    place: (workspace, url) =>
      workspace.addDestination(url, { kind: 'slack', secret: 'xoxb-1234567890', to: ['C100'] }),
    at: (workspace) => addressOf(workspace, 'dst_1'),
    open: async (out) => anyTarget(slackChannel(redis, out)),
  },
  callback: {
    place: (workspace, url) => {
      const callback = { callback_origin: new URL(url).origin, callback_secret: secret };
      return workspace.addKey({ id: 'agent-key', owner: 'dev', roles: ['agent'], ...callback });
    },
    at: (workspace, url) => addressOf(workspace, 'agent-key', { callback_url: url }),
    open: async (out) => anyTarget(callbackChannel(redis, { out, privateKey })),
  },
  push: {
    place: async (workspace, endpoint) => {
      await workspace.addKey({ id: 'k', owner: 'ann', roles: ['reviewer'] });
      const subscription = { id: 's', person: 'ann', key_id: 'k', endpoint, keys: browser() };
      await workspace.addSubscription(subscription);
    },
    at: (workspace) => addressOf(workspace, 's'),
    open: async (out) => anyTarget(pushChannel(redis, out, await vapidKeys(redis))),
  },
};

let count = 0;
async function send(name: string, url: string, out: Outbound): Promise<Outcome> {
  const chosen = channels[name];
  if (chosen === undefined) throw new Error(name);
  const workspace = testWorkspace(redis, `hostile-${count++}`);
  await chosen.place(workspace, url);
  const at = chosen.at(workspace, url);
  const channel = await chosen.open(out);
  const found = await channel.find(at);
  if (!found.found) throw new Error(found.why);
  return channel.deliver(found.target, noticeFor(at), firstAttempt);
}

const v4 = (address: string): LookupAddress => ({ address, family: 4 });
const v6 = (address: string): LookupAddress => ({ address, family: 6 });

/** Spellings of this machine. `:port` is where the trap is. */
const thisMachine = [
  'https://127.0.0.1:port/',
  'https://127.1:port/',
  'https://127.0.1:port/',
  'https://2130706433:port/',
  'https://0x7f000001:port/',
  'https://0x7f.0.0.1:port/',
  'https://0177.0.0.1:port/',
  'https://017700000001:port/',
  'https://127.0.0.2:port/',
  'https://127。0。0。1:port/',
  'https://localhost:port/',
  'https://0.0.0.0:port/',
  'https://0:port/',
  'https://[::]:port/',
  'https://[::1]:port/',
  'https://[0:0:0:0:0:0:0:1]:port/',
  'https://[::ffff:127.0.0.1]:port/',
  'https://[::ffff:7f00:1]:port/',
  'https://[::127.0.0.1]:port/',
  'https://[64:ff9b::7f00:1]:port/',
  'https://[2002:7f00:1::]:port/',
];
/** The neighbours: private networks, link-local and the metadata of clouds, and what is nobody's. */
const notPublic = [
  'https://10.0.0.1/',
  'https://172.16.0.1/',
  'https://172.31.255.255/',
  'https://192.168.1.1/',
  'https://169.254.169.254/latest/meta-data/',
  'https://2852039166/',
  'https://0xa9fea9fe/',
  'https://0251.0376.0251.0376/',
  'https://100.64.0.1/',
  'https://192.0.0.1/',
  'https://192.0.2.1/',
  'https://198.18.0.1/',
  'https://198.51.100.1/',
  'https://203.0.113.1/',
  'https://224.0.0.1/',
  'https://240.0.0.1/',
  'https://255.255.255.255/',
  'https://[::ffff:a9fe:a9fe]/',
  'https://[::ffff:10.0.0.1]/',
  'https://[::a9fe:a9fe]/',
  'https://[::10.0.0.1]/',
  'https://[64:ff9b::a9fe:a9fe]/',
  'https://[64:ff9b::10.0.0.1]/',
  'https://[64:ff9b:1::a9fe:a9fe]/',
  'https://[2002:a9fe:a9fe::]/',
  'https://[2002:0a00:0001::1]/',
  'https://[2001:0:a9fe:a9fe::1]/',
  'https://[2001:db8::1]/',
  'https://[100::1]/',
  'https://[fe80::1]/',
  'https://[fec0::1]/',
  'https://[fc00::1]/',
  'https://[fd00:ec2::254]/latest/meta-data/',
  'https://[ff02::1]/',
  'https://[::1:0:0:0:1]/',
  'https://[200::1]/',
  'https://[4000::1]/',
  'https://[8000::1]/',
  'https://168.63.129.16/machine?comp=goalstate',
];
/** Names whose owner answers with an address that is not public, alone or among others. */
const resolved: [what: string, LookupAddress[]][] = [
  ['this machine', [v4('127.0.0.1')]],
  ['beside this machine', [v4('127.0.0.2')]],
  ['any address', [v4('0.0.0.0')]],
  ['a private network', [v4('10.0.0.1')]],
  ['the metadata service', [v4('169.254.169.254')]],
  ['this machine, IPv6', [v6('::1')]],
  ['mapped', [v6('::ffff:127.0.0.1')]],
  ['mapped, in hex', [v6('::ffff:a9fe:a9fe')]],
  ['compatible', [v6('::a9fe:a9fe')]],
  ['NAT64', [v6('64:ff9b::a9fe:a9fe')]],
  ['6to4', [v6('2002:a9fe:a9fe::')]],
  ['unique local', [v6('fd00:ec2::254')]],
  ['link-local', [v6('fe80::1')]],
  ['what was never given out', [v6('8000::1')]],
  ['its platform', [v4('168.63.129.16')]],
  ['two that are not', [v4('127.0.0.2'), v6('::1')]],
];

describe.each(Object.keys(channels))('by the channel %s, nothing reaches', (name) => {
  const refused = { kind: 'not_tried', code: 'address_refused' };

  test.each(thisMachine)('this machine, written %s', async (written) => {
    expect(await send(name, written.replace(':port', `:${own.port}`), strict)).toEqual(refused);
    expect([own.touched(), beside.touched()]).toEqual([0, 0]);
  });

  test.each(notPublic)('%s', async (url) => {
    expect(await send(name, url, strict)).toEqual(refused);
    expect(await send(name, url, development)).toEqual(refused);
  });

  test.each(resolved)('a name that leads to %s', async (_, found) => {
    names.plans.set('hostile.test', [found]);
    expect(await send(name, `https://hostile.test:${own.port}/`, strict)).toEqual(refused);
    expect([own.touched(), beside.touched()]).toEqual([0, 0]);
  });

  test('an address by a name that leads there only the second time it is asked', async () => {
    const host = `rebinding-${name}.test`;
    names.plans.set(host, [[v4('127.0.0.1')], [v4('127.0.0.2')]]);
    const url = `http://${host}:${peerPort()}/`;
    const fresh = open(true);
    const before = arrived;
    expect(await send(name, url, fresh)).toMatchObject({ kind: 'delivered' });
    // What was checked is what was called: nobody asked again in between.
    expect([names.asked.filter((each) => each === host).length, arrived - before]).toEqual([1, 1]);
    fresh.close();
    for (const scheme of ['http', 'https']) {
      const next = await send(name, `${scheme}://${host}:${own.port}/`, fresh);
      expect(next).toEqual(refused);
    }
    expect([own.touched(), beside.touched()]).toEqual([0, 0]);
  });

  test.each([301, 302, 303, 307, 308])('an address by a redirect with %i', async (status) => {
    answer = (response) => response.writeHead(status, { location: `http://127.0.0.2:${own.port}/` }).end();
    expect(await send(name, `http://127.0.0.1:${peerPort()}/`, development)).toMatchObject({
      kind: 'failed',
      code: `http_${status}`,
    });
    expect([own.touched(), beside.touched()]).toEqual([0, 0]);
  });

  test.each(['http://hooks.example/', 'ftp://hooks.example/'])('%s, which is not https', async (url) => {
    expect(await send(name, url, strict)).toEqual({ kind: 'not_tried', code: 'insecure_url' });
  });
});
