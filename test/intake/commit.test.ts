import { decodeEvent } from '@countersign/shared/feed';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { Commit, type Committed } from '../../services/intake/store/commit.ts';
import { defineCommit } from '../../services/intake/store/commit-group.ts';
import { startTestRedis, type TestRedis } from '../support/redis.ts';

let server: TestRedis;
let redis: Redis;
const key = (name: string) => `cs:{acme}:${name}`;
const state = key('state');

beforeAll(async () => {
  server = await startTestRedis();
  redis = server.client();
  defineCommit(redis);
});
afterAll(() => server.stop());
beforeEach(() => redis.flushall());

const set = (name: string, value = 'v') => new Commit().write('SET', key(name), value);
const outcomes = (committed: Committed[]) => committed.map(({ outcome }) => outcome);

describe('one commit', () => {
  test('names the comparison that failed, and writes nothing, in whatever order it was put together', async () => {
    await redis.hset(state, 'policy', 'p1', 'freeze', '3');
    await redis.set(key('taken'), '1');
    const check = (commit: Commit) => commit.write('SET', key('after'), 'v').run(redis);
    const free = () => new Commit().write('SET', key('before'), 'v').expectAbsent('free', key('free'));
    expect(await check(free().expectAbsent('taken', key('taken')))).toMatchObject({ on: 'taken' });
    expect(await check(free().expect(state, { policy: 'p1', freeze: '4' }))).toMatchObject({ on: 'freeze' });
    expect(await check(free().expect(state, { policy: 'p1', none: 'x' }))).toMatchObject({ on: 'none' });
    expect(await redis.exists(key('before'), key('after'))).toBe(0);
    expect(await check(free().expect(state, { policy: 'p1', freeze: '3', none: '' }))).toMatchObject({
      outcome: 'ok',
    });
    expect(await redis.exists(key('before'), key('after'))).toBe(2);
  });

  test('writes nothing after its last moment, by the clock of Redis', async () => {
    const late = set('a');
    late.noLaterThan(1);
    const inTime = set('b');
    inTime.noLaterThan(Date.now() + 3_600_000);
    expect(await late.run(redis)).toMatchObject({ outcome: 'late', now: expect.any(Number) });
    expect(await inTime.run(redis)).toMatchObject({ outcome: 'ok' });
    expect(await redis.keys('*')).toEqual([key('b')]);
  });
});

describe('a tally', () => {
  const tally = { members: key('tally:t'), sum: key('tally:t:sum') };
  const is = async (horizon: number, bound: number, without: string[] = []) => {
    const [within, past] = await Promise.all(
      (['<=', '>'] as const).map(async (sign) => {
        const commit = new Commit().expectCounted('limit', tally, { horizon, is: sign, bound, without });
        return (await commit.write('SET', key('x'), '1').run(redis)).outcome === 'ok';
      }),
    );
    expect(within).toBe(!past);
    return within ? 'within' : 'past';
  };
  const add = (member: string, at: number, window: number) =>
    new Commit().addToTally(tally, member, at, window).run(redis);
  const take = (member: string) => new Commit().takeFromTally(tally, member).run(redis);
  const now = Date.now();

  test('counts the amounts after a horizon, without the members that are left out', async () => {
    await add('2:a', now, 1000);
    await add('3:b', now + 1, 1000);
    expect(await is(now - 1, 5)).toBe('within');
    expect(await is(now - 1, 4)).toBe('past');
    expect(await is(now, 3)).toBe('within');
    expect(await is(now, 2)).toBe('past');
    expect(await is(now - 1, 2, ['3:b', '9:nobody'])).toBe('within');
    // What is not counted any more is not left out twice.
    expect(await is(now, 2, ['2:a'])).toBe('past');
    expect(await is(now + 1, -1)).toBe('past');
    expect(await is(now + 1, 0)).toBe('within');
  });

  test('holds each member once, and lets go of one once', async () => {
    await add('2:a', now, 1000);
    await add('2:a', now + 5, 1000);
    await add('3:b', now, 1000);
    expect(await redis.get(tally.sum)).toBe('5');
    await take('2:a');
    await take('2:a');
    expect(await redis.get(tally.sum)).toBe('3');
    await take('3:b');
    await add('7:c', now, 1000);
    expect(await redis.get(tally.sum)).toBe('7');
  });

  test('forgets what its window has left as soon as something is added, and not a millisecond earlier', async () => {
    await add('2:a', now, 1000);
    await add('3:b', now + 999, 1000);
    expect(await redis.get(tally.sum)).toBe('5');
    await add('4:c', now + 1000, 1000);
    expect(await redis.get(tally.sum)).toBe('7');
    await take('2:a');
    expect(await redis.get(tally.sum)).toBe('7');
  });

  test('is kept as long as anything in it counts, and both its keys go together', async () => {
    await add('2:a', now, 50_000);
    await add('3:b', now - 40_000, 50_000);
    const ends = await Promise.all([redis.pexpiretime(tally.members), redis.pexpiretime(tally.sum)]);
    expect(ends).toEqual([now + 170_000, now + 170_000]);
  });

  test('has its end put off a minute at a time, so that what it counts last is kept a minute longer at least', async () => {
    const ends = () => Promise.all([redis.pexpiretime(tally.members), redis.pexpiretime(tally.sum)]);
    await add('2:a', now, 50_000);
    await add('3:b', now + 60_000, 50_000);
    expect(await ends()).toEqual([now + 170_000, now + 170_000]);
    await add('4:c', now + 60_001, 50_000);
    expect(await ends()).toEqual([now + 230_001, now + 230_001]);
  });

  test('is exact where doubles are not', async () => {
    await add('4000000000000001:a', now, 1000);
    await add('4000000000000000:b', now, 1000);
    expect(await is(now - 1, 8_000_000_000_000_001)).toBe('within');
    expect(await is(now - 1, 8_000_000_000_000_000)).toBe('past');
  });
});

describe('commits of one turn', () => {
  test('go together, and each is compared after those before it: of a hundred for one key, one wins', async () => {
    const before = await calls();
    const committed = await Promise.all(
      Array.from({ length: 100 }, (_, n) => set('one', `${n}`).expectAbsent('one', key('one')).run(redis)),
    );
    expect(outcomes(committed)).toEqual(['ok', ...Array(99).fill('conflict')]);
    expect(await redis.get(key('one'))).toBe('0');
    expect((await calls()) - before).toBeLessThan(20);
  });

  test('compare what they share each on its own: nothing rests on what one before it has changed', async () => {
    await redis.hset(state, 'policy', 'p1', 'freeze', '3');
    const alike = { policy: 'p1', freeze: '3', none: '' };
    const under = (name: string, fields = alike) =>
      set(name).expectAbsent(name, key(name)).expectAlike(state, fields);
    const freezes = under('freezes').write('HSET', state, 'freeze', '4');
    const committed = await Promise.all(
      [
        under('first'),
        set('alone'),
        freezes,
        under('late'),
        under('newer', { ...alike, freeze: '4' }),
        under('stale', { ...alike, policy: 'p0' }),
        under('late too').expect(state, { policy: 'p0' }),
      ].map((commit) => commit.run(redis)),
    );
    expect(outcomes(committed)).toEqual(['ok', 'ok', 'ok', 'conflict', 'ok', 'conflict', 'conflict']);
    expect(committed.map((each) => (each.outcome === 'conflict' ? each.on : ''))).toEqual([
      '',
      '',
      '',
      'freeze',
      '',
      'policy',
      'freeze',
    ]);
    expect(await redis.exists(...['late', 'stale', 'late too'].map(key))).toBe(0);
    expect(() => under('twice').expectAlike(state, alike)).toThrow('one comparison');
  });

  test('tell a feed their events in order', async () => {
    const event = (type: 'policy.activated' | 'freeze.set', at: number) =>
      ({ type, at, actor: { kind: 'system', id: 'test' } }) as const;
    const feed = key('feed');
    await Promise.all([
      new Commit().tell(feed, event('policy.activated', 1), event('freeze.set', 2)).run(redis),
      new Commit().tell(feed, event('freeze.set', 3)).run(redis),
    ]);
    const told = (await redis.xrange(feed, '-', '+')).map(([id, fields]) => decodeEvent(id, fields));
    expect(told.map(({ type, at }) => [type, at])).toEqual([
      ['policy.activated', 1],
      ['freeze.set', 2],
      ['freeze.set', 3],
    ]);
  });

  test('fail alone: late, in conflict or refused, none takes another with it', async () => {
    await redis.set(key('text'), 'not a set');
    const late = set('late');
    late.noLaterThan(1);
    const settled = await Promise.allSettled([
      set('first').run(redis),
      late.run(redis),
      new Commit().write('ZADD', key('text'), 1, 'x').write('SET', key('never'), 'v').run(redis),
      set('conflict').expect(state, { policy: 'other' }).run(redis),
      set('last').run(redis),
    ]);
    expect(settled).toMatchObject([
      { value: { outcome: 'ok' } },
      { value: { outcome: 'late' } },
      { reason: { message: expect.stringMatching(/^WRONGTYPE/) } },
      { value: { outcome: 'conflict', on: 'policy' } },
      { value: { outcome: 'ok' } },
    ]);
    expect((await redis.keys('*')).sort()).toEqual([key('first'), key('last'), key('text')]);
  });

  test('of different workspaces go apart, since on a cluster they may live on different machines', async () => {
    const before = await calls();
    const other = new Commit().write('SET', 'cs:{other}:a', 'v');
    await Promise.all([set('a').run(redis), other.run(redis), set('b').run(redis)]);
    expect((await calls()) - before).toBe(2);
  });

  test('are all refused when Redis cannot be reached', async () => {
    const gone = new Redis(server.url, { lazyConnect: true, enableOfflineQueue: false });
    gone.on('error', () => {});
    defineCommit(gone);
    const settled = await Promise.allSettled([set('a').run(gone), set('b').run(gone)]);
    expect(settled.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    gone.disconnect();
  });
});

/** How many scripts this Redis has run. */
async function calls(): Promise<number> {
  const info = await redis.info('commandstats');
  return [...info.matchAll(/cmdstat_eval(?:sha)?:calls=(\d+)/g)].reduce(
    (sum, [, count]) => sum + Number(count),
    0,
  );
}
