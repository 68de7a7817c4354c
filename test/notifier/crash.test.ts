import type { ChildProcess } from 'node:child_process';
import { encodeEvent } from '@countersign/shared/feed';
import type { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { startPagerDutyPeer } from '../support/pagerduty-peer.ts';
import { startTestRedis, type TestRedis } from '../support/redis.ts';
import { type Behaviour, startWebhookReceiver, type WebhookReceiver } from '../support/webhook-receiver.ts';
import { kill9, killAll, startNotifierProcess } from './notifier-processes.ts';
import { testWorkspace } from './workspace.ts';

let server: TestRedis;
let redis: Redis;
let receiver: WebhookReceiver;
const startProcess = () => startNotifierProcess(server.url);

const until = <T>(check: () => T | Promise<T>): Promise<T> =>
  vi.waitFor(check, { timeout: 60_000, interval: 20 });

beforeAll(async () => {
  [server, receiver] = await Promise.all([startTestRedis(), startWebhookReceiver()]);
  redis = server.client();
});
afterEach(killAll);
afterAll(() => Promise.all([server.stop(), receiver.stop()]));

test('a notifier killed between delivery and recording delivers again, with the same webhook-id, and says so', async () => {
  const workspace = testWorkspace(redis, 'killed');
  await workspace.open();
  await workspace.addDestination(`${receiver.url}/killed`);
  const first = startProcess();
  receiver.answerWith((response) => {
    // It has arrived, and whoever sent it will never know.
    void kill9(first).then(() => response.writeHead(204).end());
  });
  await workspace.create('req_1');
  await until(() => expect(first.signalCode).toBe('SIGKILL'));
  expect(receiver.received).toHaveLength(1);

  startProcess();
  await until(async () => {
    const outcomes = (await workspace.attempts()).map(({ outcome }) => outcome);
    expect(outcomes).toEqual(['unrecorded', 'delivered']);
  });
  expect(receiver.received).toHaveLength(2);
  expect(receiver.received[1]?.id).toBe(receiver.received[0]?.id);
  expect((await workspace.feed()).filter(({ type }) => type === 'notice.delivered')).toHaveLength(1);
});

test('events that a killed notifier had read and not handled are handled by the next', async () => {
  const workspace = testWorkspace(redis, 'abandoned');
  await workspace.open();
  await workspace.addDestination(`${receiver.url}/abandoned`);
  await redis.xgroup('CREATE', workspace.keys.feed, 'notifier', '0', 'MKSTREAM');
  await workspace.create('req_1');
  await redis.xreadgroup('GROUP', 'notifier', 'dead', 'COUNT', 1, 'STREAMS', workspace.keys.feed, '>');
  startProcess();
  await until(() => expect(receiver.received.filter(({ path }) => path === '/abandoned')).toHaveLength(1));
  await until(async () => expect(await workspace.unhandled()).toBe(0));
});

test('law 9: a test whose notifier is killed before it has taken down what it put up leaves no incident', async () => {
  const pagerduty = await startPagerDutyPeer();
  try {
    const workspace = testWorkspace(redis, 'tested');
    await workspace.open();
    const secret = 'R'.repeat(32);
    await workspace.addDestination(`${pagerduty.url}/v2/enqueue`, { kind: 'pagerduty', secret });
    const first = startProcess();
    let killed = false;
    pagerduty.answerWith('as usual', (response) => {
      void kill9(first).then(() => {
        killed = true;
        response.destroy();
      });
    });
    const actor = { kind: 'person', id: 'admin' } as const;
    const data = { destination: 'dst_1' };
    const asked = encodeEvent({ type: 'destination.test_requested', at: Date.now(), actor, data });
    await redis.xadd(workspace.keys.feed, '*', ...asked);
    await until(() => expect(killed).toBe(true));
    expect(pagerduty.open()).toHaveLength(1);

    startProcess();
    await until(() => expect(pagerduty.open()).toEqual([]));
    // It was sent once, whoever did the rest.
    expect(pagerduty.incidents).toMatchObject([{ triggers: [{ event_action: 'trigger' }] }]);
    expect((await workspace.attempts()).map(({ outcome }) => outcome)).toEqual(['delivered']);
  } finally {
    await pagerduty.stop();
  }
});

test('two notifiers, killed over and over, miss nothing and repeat only what may not have been answered', {
  timeout: 180_000,
}, async () => {
  const workspace = testWorkspace(redis, 'chaos');
  await workspace.open();
  await workspace.addDestination(`${receiver.url}/chaos`);
  let lost = 0;
  const arrived = () => receiver.received.filter(({ path }) => path === '/chaos');
  const loseSome: Behaviour = (response) => {
    if (arrived().length % 7 !== 0) return response.writeHead(204).end();
    lost += 1;
    response.socket?.destroy();
  };
  receiver.answerWith(...Array.from({ length: 5_000 }, () => loseSome));

  const requests = 120;
  let kills = 0;
  let pair = [startProcess(), startProcess()];
  const delivered = async () =>
    (await workspace.feed()).filter(({ type }) => type === 'notice.delivered').length;
  for (let n = 0; n < requests; n++) {
    await workspace.create(`req_${n}`);
    await workspace.approve(`req_${n}`);
    if (n % 40 === 39) {
      // Under way: kill one in the middle of it, and put another in its place.
      await until(async () => expect(await delivered()).toBeGreaterThan(n / 2));
      const [victim, survivor] = pair as [ChildProcess, ChildProcess];
      await kill9(victim);
      kills += 1;
      pair = [survivor, startProcess()];
    }
  }
  await until(() => {
    const approved = arrived().filter(({ body }) => body.type === 'request.approved');
    expect(new Set(approved.map(({ body }) => body.data.request.id)).size).toBe(requests);
  });
  await until(async () => {
    const states = await Promise.all((await workspace.jobs()).map((job) => redis.hget(job, 'finishedOn')));
    expect(states.filter((finished) => finished === null)).toEqual([]);
  });

  const byId = Map.groupBy(arrived(), ({ id }) => id);
  const repeats = [...byId.values()].reduce((sum, each) => sum + each.length - 1, 0);
  const interrupted = (await workspace.attempts()).filter(({ outcome }) => outcome === 'unrecorded').length;
  expect(kills).toBe(3);
  expect(lost).toBeGreaterThan(10);
  expect(repeats).toBeLessThanOrEqual(lost + interrupted);
  // One notice on record for what was delivered, however often it arrived.
  const notices = (await workspace.feed()).filter(({ type }) => type === 'notice.delivered');
  expect(new Set(notices.map(({ data }) => data?.event)).size).toBe(notices.length);
});
