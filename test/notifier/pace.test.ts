/** Whose moment it is, at a destination that takes so many messages a second. */
import { encodeEvent } from '@countersign/shared/feed';
import type { Redis } from 'ioredis';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { definePaceScript, pause, stepOut, type Waiting } from '../../services/notifier/attempts/pace.ts';
import { type Notifier, startNotifier } from '../../services/notifier/start.ts';
import { startPagerDutyPeer } from '../support/pagerduty-peer.ts';
import { startTestRedis, type TestRedis } from '../support/redis.ts';
import { type TestWorkspace, testWorkspace } from './workspace.ts';

let server: TestRedis;
let redis: Redis;
const until = <T>(check: () => T | Promise<T>): Promise<T> =>
  vi.waitFor(check, { timeout: 25_000, interval: 10 });

beforeAll(async () => {
  server = await startTestRedis();
  redis = server.client();
  definePaceScript(redis);
});
afterAll(() => server.stop());

/** Where the order of those who come is looked at, a machine that stands still for seconds takes nobody's place, ms. */
const patient = 60_000;

let count = 0;
type Asking = Pick<Waiting, 'request_id'> & Partial<Waiting>;

/** A workspace of the test's own, and what is asked of its paces. Teams takes four a second: the quickest there is. */
function begin(grace = patient) {
  const workspace = testWorkspace(redis, `pace-${count++}`);
  const place = { workspace: workspace.name, channel: 'teams', id: 'd' };
  const ask = (more: Asking) => pause(redis, { ...place, tier: 'medium', ...more }, grace);
  const leave = (request_id: string) => stepOut(redis, { ...place, request_id });
  const pace = (name: string) => workspace.keys.pace(name);
  return { workspace, ask, leave, pace };
}

/** Deliveries that ask until they go or the test ends, as a worker has them do; by the order in which they went. */
function playing(ask: (more: Asking) => Promise<number>) {
  const went: string[] = [];
  const waiting = new Set<NodeJS.Timeout>();
  const asked = new Set<Promise<number>>();
  let over = false;
  onTestFinished(async () => {
    over = true;
    for (const timer of waiting) clearTimeout(timer);
    await Promise.all(asked);
  });
  async function come(asking: Asking): Promise<void> {
    const answer = ask(asking);
    asked.add(answer);
    const wait = await answer;
    asked.delete(answer);
    if (wait === 0) went.push(asking.request_id);
    else if (!over) {
      const timer = setTimeout(() => {
        waiting.delete(timer);
        void come(asking);
      }, wait);
      waiting.add(timer);
    }
  }
  const gone = (many: number) => until(() => expect(went.length).toBeGreaterThanOrEqual(many));
  return { went, come, gone };
}

describe('a destination that takes so many a second', () => {
  test('is told in the order in which they came, one each moment', async () => {
    const { ask, pace } = begin();
    const waits = [];
    for (const request_id of ['a', 'b', 'c', 'd']) waits.push(await ask({ request_id }));
    expect(waits[0]).toBe(0);
    for (const [index, wait] of waits.entries()) {
      expect(wait).toBeLessThanOrEqual(index * 250);
      // Less what has passed since the first.
      if (index > 0) expect(wait).toBeGreaterThan((index - 1) * 250);
    }
    expect(await ask({ request_id: 'x', channel: 'webhook' })).toBe(0);
    for (const key of ['teams-d', 'teams-d:line', 'teams-d:due'])
      expect(await redis.pttl(pace(key))).toBeGreaterThan(59_000);
    const { went, come, gone } = playing(ask);
    for (const request_id of ['d', 'c', 'b']) await come({ request_id });
    await gone(3);
    expect(went).toEqual(['b', 'c', 'd']);
    // No two moments are nearer than the pace.
    expect(await ask({ request_id: 'e' })).toBeGreaterThan(0);
  });

  test('hears of what is critical next, though hundreds came before', async () => {
    const { ask } = begin();
    for (let n = 0; n < 300; n++) await ask({ request_id: `low_${n}`, tier: 'low' });
    await until(async () => expect(await ask({ request_id: 'taken', tier: 'critical' })).toBe(0));
    const { went, come, gone } = playing(ask);
    await come({ request_id: 'low_1', tier: 'low' });
    await come({ request_id: 'critical', tier: 'critical' });
    await gone(1);
    expect(went[0]).toBe('critical');
  });

  test('hears by tier, what is new before what it is told once more, and after three of the rest whoever has waited longest', async () => {
    const { ask } = begin();
    await ask({ request_id: 'taken' });
    const { went, come, gone } = playing(ask);
    await come({ request_id: 'again', tier: 'critical', replay: true });
    const came = Number((await redis.time())[1]);
    // The others come later by the clock of the line, which counts milliseconds.
    await until(async () => expect(Math.abs(Number((await redis.time())[1]) - came)).toBeGreaterThan(1_000));
    for (const tier of ['low', 'medium', 'high', 'critical'] as const) await come({ request_id: tier, tier });
    await gone(5);
    expect(went).toEqual(['critical', 'high', 'medium', 'again', 'low']);
  });

  test('never goes without hearing of somebody, however much is more pressing', async () => {
    const { ask } = begin();
    await ask({ request_id: 'taken' });
    const { went, come, gone } = playing(ask);
    await come({ request_id: 'low', tier: 'low' });
    for (let n = 0; n < 12; n++) await come({ request_id: `high_${n}`, tier: 'high' });
    await gone(6);
    expect(went.indexOf('low')).toBeGreaterThan(0);
    expect(went.indexOf('low')).toBeLessThan(6);
  });

  test('does not wait for those who do not come any more, nor for those who have stepped out', async () => {
    const { ask, leave, pace } = begin(200);
    for (const request_id of ['taken', 'dead', 'silent']) await ask({ request_id });
    for (let n = 0; n < 50; n++) await ask({ request_id: `out_${n}` });
    for (let n = 0; n < 50; n++) await leave(`out_${n}`);
    const { went, come, gone } = playing(ask);
    await come({ request_id: 'alive' });
    await gone(1);
    expect(went).toEqual(['alive']);
    expect(await redis.zcard(pace('teams-d:line'))).toBe(0);
  });

  test('is told of what has become critical as such', async () => {
    const { ask } = begin();
    for (const request_id of ['taken', 'a', 'b', 'c']) await ask({ request_id, tier: 'high' });
    const before = await ask({ request_id: 'd', tier: 'low' });
    expect(before).toBeGreaterThan(750);
    expect(await ask({ request_id: 'd', tier: 'critical' })).toBeLessThanOrEqual(250);
  });
});

describe('a conversation in Slack that several destinations lead to', () => {
  /** Two destinations, `one` with these conversations and `two` with those. */
  async function shared(one: string[], two: string[]) {
    const { workspace, pace } = begin();
    await workspace.addDestination('https://slack.example', { id: 'one', kind: 'slack', to: one });
    await workspace.addDestination('https://slack.example', { id: 'two', kind: 'slack', to: two });
    const ask = (id: string, request_id: string, more: Partial<Waiting> = {}) =>
      pause(
        redis,
        { workspace: workspace.name, channel: 'slack', id, request_id, tier: 'medium', ...more },
        patient,
      );
    /** When the conversation is free again, ms. */
    const freeAt = async (id: string) => Number(await redis.hget(pace(`slack-conversation.${id}`), 'next'));
    return { ask, pace, freeAt };
  }

  test('gets one message a second from all of them', async () => {
    const { ask, freeAt } = await shared(['C1'], ['C2', 'C1']);
    expect(await ask('one', 'a')).toBe(0);
    const first = await freeAt('C1');
    expect(await ask('two', 'b')).toBeGreaterThan(0);
    await until(async () => expect(await ask('two', 'b')).toBe(0));
    const second = await freeAt('C1');
    expect(second).toBeGreaterThanOrEqual(first + 1_000);
    expect(await freeAt('C2')).toBe(second);
    await until(async () => expect(await ask('one', 'c')).toBe(0));
    expect(await freeAt('C1')).toBeGreaterThanOrEqual(second + 1_000);
  });

  test('hears of each of them in turn, and of what is critical in its turn’s next', async () => {
    const { ask } = await shared(['C1'], ['C1']);
    const { went, come, gone } = playing(({ request_id, tier }) =>
      ask(request_id.slice(0, 3), request_id, tier === undefined ? {} : { tier }),
    );
    await come({ request_id: 'one taken' });
    for (const n of [1, 2, 3])
      for (const id of ['one', 'two']) await come({ request_id: `${id} low ${n}`, tier: 'low' });
    await come({ request_id: 'two critical', tier: 'critical' });
    await gone(4);
    expect(went.indexOf('two critical')).toBeLessThanOrEqual(2);
    expect(new Set(went.slice(1, 4).map((job) => job.slice(0, 3))).size).toBe(2);
  });

  test('keeps nobody waiting who has another', async () => {
    const { ask } = await shared(['C1', 'C2'], ['C3']);
    expect([await ask('one', 'a'), await ask('two', 'b')]).toEqual([0, 0]);
  });

  test('is free for the others while one of them is left alone', async () => {
    const { ask, pace } = await shared(['C1'], ['C1']);
    await redis.hset(pace('slack-one'), { held: Date.now() + 3_600_000 });
    expect(await ask('one', 'a')).toBeGreaterThan(3_000_000);
    expect(await ask('two', 'b')).toBe(0);
  });
});

describe('through two notifiers', () => {
  const notifiers: Notifier[] = [];
  beforeAll(async () => {
    for (let n = 0; n < 2; n++) {
      notifiers.push(
        await startNotifier({
          redisUrl: server.url,
          development: true,
          logger: pino({ level: 'silent' }),
          retrySchedule: [0, 20, 40],
          attemptTimeoutMs: 5_000,
        }),
      );
    }
  });
  afterAll(() => Promise.all(notifiers.map((notifier) => notifier.stop())));

  /** Somebody who takes two events a second, and what they have heard of, in order. */
  async function paged() {
    const pager = await startPagerDutyPeer();
    const { workspace } = begin();
    const listen = () =>
      workspace.addDestination(`${pager.url}/v2/enqueue`, { kind: 'pagerduty', secret: 'R'.repeat(32) });
    const heard = () => pager.incidents.map(({ dedup_key }) => dedup_key.split('/')[2]);
    return { pager, workspace, listen, heard };
  }
  const tier = (name: 'low' | 'critical') => ({ terms: { ...terms, tier: name } });
  const terms = {
    requirements: [],
    hold_ms: 0,
    on_rejection: 'fail' as const,
    editable: null,
    friction: { kind: 'none' as const, paths: [] },
  };
  const line = (workspace: TestWorkspace) => redis.zcard(workspace.keys.pace('pagerduty-dst_1:line'));

  test('a critical notice goes before a burst of low ones, and all arrive', async () => {
    const { pager, workspace, listen, heard } = await paged();
    await listen();
    await workspace.open();
    for (let n = 0; n < 20; n++) await workspace.create(`low_${n}`, tier('low'));
    await until(async () => expect(await line(workspace)).toBeGreaterThan(15));
    const before = heard().length;
    await workspace.create('critical', tier('critical'));
    await until(() => expect(heard()).toContain('critical'));
    expect(heard().indexOf('critical')).toBeLessThanOrEqual(before + 2);
    await until(() => expect(heard()).toHaveLength(21));
    expect(pager.calls).toHaveLength(21);
    expect(await line(workspace)).toBe(0);
    await pager.stop();
  });

  test('a new notice goes before what is replayed', async () => {
    const { pager, workspace, listen, heard } = await paged();
    await workspace.open();
    for (let n = 0; n < 30; n++) {
      await workspace.create(`old_${n}`, tier('critical'));
      await redis.zadd(workspace.keys.index('status', 'pending'), Date.now(), `old_${n}`);
    }
    await until(async () => expect(await workspace.unhandled()).toBe(0));
    await listen();
    const actor = { kind: 'person', id: 'ann' } as const;
    const data = { destination: 'dst_1', since: 0 };
    const wish = { type: 'delivery.replay_requested', at: Date.now(), actor, data } as const;
    await redis.xadd(workspace.keys.feed, '*', ...encodeEvent(wish));
    await until(async () => expect(await line(workspace)).toBeGreaterThan(20));
    const before = heard().length;
    await workspace.create('new', tier('low'));
    await until(() => expect(heard()).toContain('new'));
    expect(heard().indexOf('new')).toBeLessThanOrEqual(before + 2);
    await pager.stop();
  });

  test('what is decided while its notice waits for a moment costs none', async () => {
    const { pager, workspace, listen, heard } = await paged();
    await listen();
    await workspace.open();
    const ids = Array.from({ length: 30 }, (_, n) => `low_${n}`);
    for (const id of ids) await workspace.create(id, tier('low'));
    await until(async () => expect(await line(workspace)).toBeGreaterThan(20));
    for (const id of ids) await workspace.approve(id);
    await until(async () => expect(await line(workspace)).toBeLessThan(8));
    const before = heard().length;
    await workspace.create('last', tier('low'));
    await until(() => expect(heard()).toContain('last'));
    // Of those that were over by then nobody was told.
    expect(heard().length).toBeLessThan(before + 8);
    await pager.stop();
  });
});
