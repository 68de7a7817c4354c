import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { outbound } from '@countersign/shared/outbound';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addressesIn, openNames } from '../../shared/outbound/names.ts';
import { type NameServer, startNameServer } from '../support/name-server.ts';

const v4 = (address: string) => ({ address, family: 4 });
const v6 = (address: string) => ({ address, family: 6 });
let server: NameServer;
beforeAll(async () => {
  server = await startNameServer();
});
afterAll(() => server.stop());
const timesAsked = (name: string) => server.asked.filter((each) => each === name).length;

describe('a name', () => {
  test('has the addresses of both families, IPv4 first', async () => {
    server.plans.set('both.test', [[v6('2606:4700::1111'), v4('1.1.1.1'), v4('1.0.0.1')]]);
    expect(await openNames([server.address])('both.test')).toEqual([
      v4('1.1.1.1'),
      v4('1.0.0.1'),
      v6('2606:4700::1111'),
    ]);
  });

  test('is looked up once for all who ask at the same time, and anew for those who ask later', async () => {
    server.plans.set('often.test', [[v4('1.1.1.1')], [v4('1.0.0.1')]]);
    const names = openNames([server.address]);
    const first = await Promise.all(['often.test', 'OFTEN.test', 'often.test.'].map(names));
    expect(first).toEqual([[v4('1.1.1.1')], [v4('1.1.1.1')], [v4('1.1.1.1')]]);
    expect(await names('often.test')).toEqual([v4('1.0.0.1')]);
    expect(timesAsked('often.test')).toBe(2);
  });

  test('that does not exist, or has no address, is told from one that nobody answers for', async () => {
    server.plans.set('empty.test', [[]]).set('silent.test', 'silence');
    const names = openNames([server.address]);
    const codes = ['nobody.test', 'empty.test', 'silent.test', 'a..b'].map((name) =>
      names(name).then(
        () => 'found',
        ({ code }) => code,
      ),
    );
    expect(await Promise.all(codes)).toEqual(['ENOTFOUND', 'ENOTFOUND', 'EAI_AGAIN', 'ENOTFOUND']);
  });

  test.each(['localhost', 'LOCALHOST.', 'app.localhost'])(
    'of this machine is no name server’s to answer: %s',
    async (name) => {
      expect(await openNames([server.address])(name)).toEqual([v4('127.0.0.1'), v6('::1')]);
      expect(server.asked.filter((each) => each.includes('localhost'))).toEqual([]);
    },
  );

  test('is found in a hosts file, under any of the names of a line', () => {
    const hosts = [
      '# 9.9.9.9 hooks.example',
      '192.0.2.1\thooks.example  Hooks # hooks.other',
      '2001:db8::1 hooks.example',
      'nonsense hooks.example',
    ].join('\n');
    expect(addressesIn(hosts, 'hooks.example')).toEqual([v4('192.0.2.1'), v6('2001:db8::1')]);
    expect(addressesIn(hosts, 'hooks')).toEqual([v4('192.0.2.1')]);
    expect(addressesIn(hosts, 'hooks.other')).toEqual([]);
    expect(addressesIn(hosts, '')).toEqual([]);
  });
});

test('names that no server answers for hold up nobody else', async () => {
  const peer = createServer((_request, response) => response.end());
  await new Promise<void>((resolve) => peer.listen(0, '127.0.0.1', resolve));
  const { port } = peer.address() as AddressInfo;
  const out = outbound({ allowLoopback: true, timeoutMs: 60_000, nameServers: [server.address] });
  const message = { headers: {}, body: '' };
  let over = 0;
  const silent = Array.from({ length: 200 }, async (_, n) => {
    const name = `${n % 40}.hang.test`;
    server.plans.set(name, 'silence');
    const answer = await out.post(`https://${name}/`, message);
    over += 1;
    return answer;
  });
  await expect
    .poll(() => server.asked.filter((name) => name.endsWith('.hang.test')).length)
    .toBeGreaterThan(39);
  for (let n = 0; n < 5; n++) {
    server.plans.set(`good${n}.test`, [[v4('127.0.0.1')]]);
    expect(await out.post(`http://good${n}.test:${port}/`, message)).toMatchObject({ status: 200 });
  }
  expect(over).toBe(0);
  expect(new Set((await Promise.all(silent)).map(({ kind }) => kind))).toEqual(new Set(['unreached']));
  out.close();
  peer.closeAllConnections();
  peer.close();
});
