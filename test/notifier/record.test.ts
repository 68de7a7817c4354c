import { workspaceKeys } from '@countersign/shared/keys';
import type { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import {
  claim,
  type DeliveryName,
  defineRecordScripts,
  settle,
  want,
} from '../../services/notifier/record/record.ts';
import { startTestRedis, type TestRedis } from '../support/redis.ts';
import { testWorkspace } from './workspace.ts';

let server: TestRedis;
let redis: Redis;
beforeAll(async () => {
  server = await startTestRedis();
  redis = server.client();
  defineRecordScripts(redis);
});
afterAll(() => server.stop());

let count = 0;
/** Deliveries of one request to one destination, by event. */
function begin(): (event: string) => DeliveryName {
  const workspace = `w${++count}`;
  return (event_id) => ({
    workspace,
    destination: 'webhook-d',
    request_id: 'r',
    event_id,
    event_type: 'request.created',
  });
}
const minute = 60_000;

describe('a delivery record', () => {
  test('gives the turn to one attempt at a time', async () => {
    const of = begin();
    expect(await claim(redis, of('1-0'), 'a', minute)).toMatchObject({ turn: 'go', interrupted: false });
    expect(await claim(redis, of('1-0'), 'b', minute)).toMatchObject({ turn: 'busy' });
    expect(await claim(redis, of('2-0'), 'b', minute)).toMatchObject({ turn: 'busy' });
    await settle(redis, of('1-0'), 'a', { result: 'delivered' });
    expect(await claim(redis, of('2-0'), 'b', minute)).toMatchObject({ turn: 'go' });
  });

  test('is in step with every event up to the one that was delivered, by number and not by letter', async () => {
    const of = begin();
    await claim(redis, of('9-10'), 'a', minute);
    await settle(redis, of('9-10'), 'a', { result: 'delivered' });
    for (const earlier of ['9-10', '9-9', '8-99']) {
      expect(await want(redis, of(earlier), false)).toBe(false);
      expect(await claim(redis, of(earlier), 'b', minute)).toMatchObject({ turn: 'done' });
    }
    for (const later of ['9-11', '10-0']) expect(await want(redis, of(later), false)).toBe(true);
  });

  test('lets an older event that is yet to be tried go first', async () => {
    const of = begin();
    await want(redis, of('1-0'), false);
    await want(redis, of('2-0'), false);
    expect(await claim(redis, of('2-0'), 'a', minute)).toMatchObject({ turn: 'busy' });
    expect(await claim(redis, of('1-0'), 'b', minute)).toMatchObject({ turn: 'go' });
  });

  test('lets a later event go ahead of one that has failed, which it then makes moot', async () => {
    const of = begin();
    await want(redis, of('1-0'), false);
    await claim(redis, of('1-0'), 'a', minute);
    await settle(redis, of('1-0'), 'a', { result: 'failed' });
    await want(redis, of('2-0'), false);
    expect(await claim(redis, of('1-0'), 'b', minute)).toMatchObject({ turn: 'superseded' });
    expect(await claim(redis, of('2-0'), 'c', minute)).toMatchObject({ turn: 'go' });
  });

  test('goes back to an earlier event when the later one was given up', async () => {
    const of = begin();
    await claim(redis, of('1-0'), 'a', minute);
    await settle(redis, of('1-0'), 'a', { result: 'failed' });
    await claim(redis, of('2-0'), 'b', minute);
    await settle(redis, of('2-0'), 'b', { result: 'dropped' });
    expect(await claim(redis, of('1-0'), 'c', minute)).toMatchObject({ turn: 'go' });
  });

  test('gives the turn of an attempt that never came back to the next, and says that it was interrupted', async () => {
    const of = begin();
    await claim(redis, of('1-0'), 'dead', 1);
    const turn = await vi.waitFor(async () => {
      const next = await claim(redis, of('1-0'), 'b', minute);
      expect(next.turn).toBe('go');
      return next;
    });
    expect(turn).toMatchObject({ interrupted: true });
  });

  test('gives the turn that it gave before to whoever asks again because the answer was lost', async () => {
    const of = begin();
    for (let n = 0; n < 2; n++)
      expect(await claim(redis, of('1-0'), 'a', minute)).toMatchObject({ turn: 'go', tried: false });
    expect(await claim(redis, of('1-0'), 'b', minute)).toMatchObject({ turn: 'busy' });
    await settle(redis, of('1-0'), 'a', { result: 'failed', nothing_sent: true });
    expect(await claim(redis, of('1-0'), 'b', minute)).toMatchObject({ turn: 'go', tried: false });
  });

  test('says that an earlier attempt was interrupted as often as it is asked', async () => {
    const of = begin();
    await claim(redis, of('1-0'), 'dead', 1);
    await vi.waitFor(async () => expect((await claim(redis, of('1-0'), 'b', minute)).turn).toBe('go'));
    const again = await claim(redis, of('1-0'), 'b', minute);
    expect(again).toMatchObject({ turn: 'go', interrupted: true, tried: true });
  });

  test('wants nothing again that was given up or made moot, and has no later event wait for it', async () => {
    const of = begin();
    await want(redis, of('1-0'), false);
    await claim(redis, of('1-0'), 'a', minute);
    await settle(redis, of('1-0'), 'a', { result: 'dropped' });
    await claim(redis, of('2-0'), 'b', minute);
    await settle(redis, of('2-0'), 'b', { result: 'failed' });
    await want(redis, of('3-0'), false);
    expect(await claim(redis, of('2-0'), 'c', minute)).toMatchObject({ turn: 'superseded' });
    for (const event of ['1-0', '2-0']) {
      expect(await want(redis, of(event), false)).toBe(false);
      expect(await claim(redis, of(event), 'd', minute)).toMatchObject({ turn: 'done' });
    }
    expect(await claim(redis, of('3-0'), 'e', minute)).toMatchObject({ turn: 'go' });
  });

  test('takes no failure from an attempt whose turn has passed to another, and does take its delivery', async () => {
    const of = begin();
    const late = async () => {
      await claim(redis, of('1-0'), 'late', 1);
      await vi.waitFor(async () => expect((await claim(redis, of('1-0'), 'b', minute)).turn).toBe('go'));
    };
    await late();
    expect(await settle(redis, of('1-0'), 'late', { result: 'failed' })).toBe(false);
    expect(await settle(redis, of('1-0'), 'late', { result: 'delivered' })).toBe(true);
    expect(await claim(redis, of('1-0'), 'c', minute)).toMatchObject({ turn: 'done' });
  });

  test('counts an attempt as tried from its beginning, unless it ended without having sent anything', async () => {
    const of = begin();
    await claim(redis, of('1-0'), 'a', minute);
    await settle(redis, of('1-0'), 'a', { result: 'delivered', nothing_sent: true });
    expect(await claim(redis, of('2-0'), 'b', minute)).toMatchObject({ turn: 'go', tried: false });
    await settle(redis, of('2-0'), 'b', { result: 'failed' });
    expect(await claim(redis, of('2-0'), 'c', minute)).toMatchObject({ turn: 'go', tried: true });
  });

  test('keeps what an attempt asked it to, a failed one as well, until another asks for something else', async () => {
    const of = begin();
    await claim(redis, of('1-0'), 'a', minute);
    await settle(redis, of('1-0'), 'a', { result: 'failed', keep: { reached: ['x'] } });
    expect(await claim(redis, of('1-0'), 'b', minute)).toMatchObject({ kept: { reached: ['x'] } });
    await settle(redis, of('1-0'), 'b', { result: 'delivered' });
    expect(await claim(redis, of('2-0'), 'c', minute)).toMatchObject({ kept: { reached: ['x'] } });
  });

  test('settled twice, as after a lost answer from Redis, puts one line in the log and one event in the feed', async () => {
    const of = begin();
    const { workspace } = of('1-0');
    await claim(redis, of('1-0'), 'a', minute);
    const settlement = {
      result: 'delivered',
      attempt: {
        at: 0,
        channel: 'webhook',
        destination: 'd',
        request_id: 'r',
        event_id: '1-0',
        event_type: 'request.created',
        attempt: 1,
        outcome: 'delivered',
      },
      notice: { type: 'notice.delivered', at: 0, actor: { kind: 'system', id: 'notifier' } },
    } as const;
    expect(await settle(redis, of('1-0'), 'a', settlement)).toBe(true);
    expect(await settle(redis, of('1-0'), 'a', settlement)).toBe(false);
    const written = testWorkspace(redis, workspace);
    expect([(await written.attempts()).length, (await written.feed()).length]).toEqual([1, 1]);
  });

  test('does not stay for ever', async () => {
    const of = begin();
    await want(redis, of('1-0'), false);
    const key = testWorkspace(redis, of('1-0').workspace).keys.delivery('webhook-d', 'r');
    expect(await redis.pttl(key)).toBeGreaterThan(3 * 86_400_000);
  });

  test('of those that are asked for in one breath each has its own answer, and what Redis refuses fails alone', async () => {
    const [broken, ...others] = Array.from({ length: 60 }, (_, n) => ({
      workspace: 'breath',
      destination: 'webhook-d',
      request_id: `r${n}`,
      event_id: '1-0',
      event_type: 'request.created',
    }));
    if (broken === undefined) throw new Error('none');
    await redis.set(workspaceKeys('breath').delivery(broken.destination, broken.request_id), 'no hash');
    const elsewhere = begin();
    const [refused, away, ...claims] = await Promise.allSettled(
      [broken, elsewhere('1-0'), ...others].map((name) => claim(redis, name, name.request_id, minute)),
    );
    expect(refused).toMatchObject({
      status: 'rejected',
      reason: { message: expect.stringContaining('WRONGTYPE') },
    });
    for (const one of [away, ...claims])
      expect(one).toMatchObject({ status: 'fulfilled', value: { turn: 'go' } });
    // Each holds its own turn and nobody else's.
    const ends = others.map((name) => settle(redis, name, name.request_id, { result: 'delivered' }));
    expect(await Promise.all(ends)).toEqual(others.map(() => true));
  });
});
