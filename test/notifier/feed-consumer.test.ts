import { consumeFeeds, encodeEvent, type FeedConsumer, type FeedEvent } from '@countersign/shared/feed';
import { globalKeys, workspaceKeys } from '@countersign/shared/keys';
import type { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { startTestRedis, type TestRedis } from '../support/redis.ts';

let server: TestRedis;
let redis: Redis;
const consumers = new Set<FeedConsumer>();
const until = <T>(check: () => T | Promise<T>): Promise<T> =>
  vi.waitFor(check, { timeout: 10_000, interval: 10 });

beforeAll(async () => {
  server = await startTestRedis();
  redis = server.client({ maxRetriesPerRequest: null });
});
afterEach(async () => {
  await Promise.all([...consumers].map((consumer) => consumer.stop()));
  consumers.clear();
});
afterAll(() => server.stop());

let count = 0;
/** A workspace with a feed of numbered events, and a consumer of it. */
function begin(handle: (numbers: number[], workspace: string) => Promise<void>, errors: unknown[] = []) {
  const workspace = `w${++count}`;
  const { feed } = workspaceKeys(workspace);
  const numberOf = ({ data }: FeedEvent): number => Number(data?.n);
  return {
    workspace,
    feed,
    append: async (...numbers: number[]): Promise<void> => {
      for (const n of numbers) {
        const event = {
          type: 'request.viewed',
          at: 0,
          actor: { kind: 'system', id: 'test' },
          data: { n },
        } as const;
        await redis.xadd(feed, '*', ...encodeEvent(event));
      }
    },
    open: () => redis.sadd(globalKeys.workspaces, workspace),
    consume: (): FeedConsumer => {
      const consumer = consumeFeeds({
        redis,
        group: `group-${workspace}`,
        handle: async (from, events) => {
          if (from === workspace) await handle(events.map(numberOf), from);
        },
        onError: (error, from) => from === workspace && errors.push(error),
        takeOverMs: 300,
        discoverMs: 20,
      });
      consumers.add(consumer);
      return consumer;
    },
    pending: async (): Promise<number> => Number((await redis.xpending(feed, `group-${workspace}`))[0]),
  };
}

test('hands over everything from the beginning, in order, and acknowledges it', async () => {
  const seen: number[] = [];
  const feed = begin(async (numbers) => void seen.push(...numbers));
  await feed.append(1, 2, 3);
  await feed.open();
  feed.consume();
  await until(() => expect(seen).toEqual([1, 2, 3]));
  await feed.append(4);
  await until(() => expect(seen).toEqual([1, 2, 3, 4]));
  await until(async () => expect(await feed.pending()).toBe(0));
});

test('finds workspaces that are made while it runs', async () => {
  const seen: number[] = [];
  const feed = begin(async (numbers) => void seen.push(...numbers));
  feed.consume();
  await feed.append(1);
  await feed.open();
  await until(() => expect(seen).toEqual([1]));
});

test('hands over again what the handler could not take, before anything later, and says that it is stuck', async () => {
  const seen: number[] = [];
  const errors: unknown[] = [];
  let failures = 3;
  const feed = begin(async (numbers) => {
    if (numbers.includes(2) && failures-- > 0) throw new Error('not now');
    seen.push(...numbers);
  }, errors);
  await feed.open();
  const consumer = feed.consume();
  await feed.append(1);
  await until(() => expect(seen).toEqual([1]));
  await feed.append(2, 3);
  await until(() =>
    expect(consumer.stuck()).toMatchObject([{ workspace: feed.workspace, error: 'not now' }]),
  );
  await until(() => expect(seen).toEqual([1, 2, 3]));
  expect(errors).toHaveLength(3);
  // It moves again once what was handled is acknowledged.
  await until(() => expect(consumer.stuck()).toEqual([]));
});

test('takes over what a dead consumer has read and not acknowledged, before what is new', async () => {
  const seen: number[] = [];
  const feed = begin(async (numbers) => void seen.push(...numbers));
  await feed.append(1, 2);
  await redis.xgroup('CREATE', feed.feed, `group-${feed.workspace}`, '0');
  await redis.xreadgroup('GROUP', `group-${feed.workspace}`, 'dead', 'COUNT', 2, 'STREAMS', feed.feed, '>');
  await until(async () => {
    const [entry] = (await redis.xpending(feed.feed, `group-${feed.workspace}`, '-', '+', 1)) as [
      string,
      string,
      number,
    ][];
    expect(entry?.[2]).toBeGreaterThan(300);
  });
  await feed.append(3);
  await feed.open();
  feed.consume();
  await until(() => expect(seen).toEqual([1, 2, 3]));
  await until(async () => expect(await feed.pending()).toBe(0));
});

test('shares a feed out between two consumers of a group, each event to one of them', async () => {
  const seen: number[] = [];
  const feed = begin(async (numbers) => void seen.push(...numbers));
  await feed.open();
  feed.consume();
  feed.consume();
  const numbers = Array.from({ length: 200 }, (_, n) => n);
  await feed.append(...numbers);
  await until(() => expect(seen).toHaveLength(200));
  expect([...seen].sort((a, b) => a - b)).toEqual(numbers);
});

test('makes its group again when the feed is deleted under it', async () => {
  const seen: number[] = [];
  const feed = begin(async (numbers) => void seen.push(...numbers));
  await feed.append(1);
  await feed.open();
  feed.consume();
  await until(() => expect(seen).toEqual([1]));
  await redis.del(feed.feed);
  await feed.append(2);
  await until(() => expect(seen).toEqual([1, 2]));
});

test('stopping lets the handler finish and acknowledge', async () => {
  let finish = (): void => {};
  const begun = new Promise<void>((resolve) => {
    finish = resolve;
  });
  let handling = false;
  const feed = begin(async () => {
    handling = true;
    await begun;
  });
  await feed.append(1);
  await feed.open();
  const consumer = feed.consume();
  await until(() => expect(handling).toBe(true));
  const stopped = consumer.stop();
  finish();
  await stopped;
  expect(await feed.pending()).toBe(0);
});

test('stopping asks Redis to end a read that waits for news', async () => {
  const feed = begin(async () => {});
  await feed.open();
  const consumer = feed.consume();
  const reads = async () => String(await redis.client('LIST')).match(/ flags=b.* cmd=xreadgroup /g) ?? [];
  const ended = async () => /client\|unblock:calls=(\d+)/.exec(await redis.info('commandstats'))?.[1] ?? '0';
  // Nobody else reads here: of the others' consumers all have stopped.
  await until(async () => expect((await reads()).length).toBeGreaterThan(0));
  const before = Number(await ended());
  await consumer.stop();
  expect(Number(await ended())).toBeGreaterThan(before);
  expect(await reads()).toEqual([]);
});

test('goes on by itself when Redis has been killed and is back', async () => {
  const seen: number[] = [];
  const feed = begin(async (numbers) => void seen.push(...numbers));
  await feed.append(1);
  await feed.open();
  feed.consume();
  await until(() => expect(seen).toEqual([1]));
  await server.kill9();
  await server.restart();
  await feed.append(2);
  await until(() => expect(seen.at(-1)).toBe(2));
});
