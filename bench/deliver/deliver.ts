/** Deliveries a second to a local receiver, against a bare BullMQ worker that does the same POST; and how soon one leaves. */
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { bullPrefix, queues } from '@countersign/shared/keys';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { startServer } from '../child.ts';
import { type Figure, median, short } from '../figures.ts';
import type { Setting } from '../setting.ts';
import { keys, type Sample, sampleOf, storeLike, tellOnly } from './events.ts';

export type DeliverSize = {
  rounds: number;
  /** Deliveries in a round. */
  amount: number;
  warmUp: number;
  /** Events that are sent one by one, a hundred a second. */
  paced: number;
};

/** Between two events of those that come one by one, ms. */
const paceMs = 10;

const now = (): number => performance.timeOrigin + performance.now();
let named = 0;
const idsFor = (count: number): string[] => Array.from({ length: count }, () => `bench_${named++}`);

/** Medians over the rounds, of the rates and of the ratio in each; both begin with all their jobs in the queue. */
export async function measureDeliveries(setting: Setting, size: DeliverSize): Promise<Figure[]> {
  const redis = new Redis(setting.redisUrl);
  const env = { REDIS_URL: setting.redisUrl };
  const receiver = await startServer('deliver/receiver.ts', {});
  const bare = await startServer('deliver/bare-worker.ts', { ...env, TARGET: `${receiver.url}/bare` });
  const sample = await sampleOf(setting, redis);
  // What was announced before, by other benchmarks too, is told to nobody.
  await redis.xgroup('CREATE', keys.feed, 'notifier', '$', 'MKSTREAM');
  const notifier = await startServer('deliver/notifier.ts', env);
  const queue = new Queue(queues.deliveries, { connection: redis, prefix: bullPrefix });
  try {
    await tellOnly(redis, `${receiver.url}/ours`);
    const rateOf = async (count: number, begin: () => Promise<unknown>): Promise<number> => {
      const begun = now();
      await begin();
      const response = await fetch(`${receiver.url}/after/${count}`);
      const { at } = (await response.json()) as { at: number };
      return (count / (at - begun)) * 1_000;
    };
    const ours = async (count: number): Promise<number> => {
      const events = await storeLike(redis, sample, idsFor(count));
      await queue.pause();
      const writing = redis.pipeline();
      for (const event of events) writing.xadd(keys.feed, '*', ...event);
      await writing.exec();
      while ((await queue.getWaitingCount()) < count) await sleep(10);
      return rateOf(count, () => queue.resume());
    };
    const theirs = async (count: number): Promise<number> => {
      await fetch(`${bare.url}/${count}`, { method: 'POST', body: sample.body });
      return rateOf(count, () => fetch(bare.url));
    };

    const rates = { ours: [] as number[], bare: [] as number[], ratio: [] as number[] };
    await ours(size.warmUp);
    await theirs(size.warmUp);
    for (let round = 0; round < size.rounds; round++) {
      const one = await ours(size.amount);
      const other = await theirs(size.amount);
      rates.ours.push(one);
      rates.bare.push(other);
      // Of two runs that follow each other, so that a machine that is busy for a while is so for both.
      rates.ratio.push(one / other);
    }
    const soon = median(await timesToArrive(redis, sample, size.paced));
    return [
      {
        what: `webhooks to a local receiver, ${short(Buffer.byteLength(sample.body))} bytes, signed twice`,
        value: `${short(median(rates.ours))}/s`,
        against: `${short(median(rates.bare))}/s: bare BullMQ worker, body in the job, the same POST`,
        ratio: median(rates.ratio).toFixed(2),
        aim: '≥ 0.8',
      },
      {
        what: 'event in the feed → its webhook arrives, 100 events a second',
        value: `${short(soon)} ms`,
        against: '',
        aim: '< 50 ms',
      },
    ];
  } finally {
    await notifier.stop();
    await bare.stop();
    await receiver.stop();
    await queue.close();
    redis.disconnect();
  }
}

/** How long each takes from its event to its arrival here, ms. */
async function timesToArrive(redis: Redis, sample: Sample, count: number): Promise<number[]> {
  const sent = new Map<string, number>();
  const times: number[] = [];
  const server = createServer(async (request, response) => {
    const arrived = now();
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    response.writeHead(204).end();
    const { data } = JSON.parse(Buffer.concat(chunks).toString()) as { data: { request: { id: string } } };
    times.push(arrived - (sent.get(data.request.id) ?? arrived));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await tellOnly(redis, `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`);
  const ids = idsFor(count);
  const events = await storeLike(redis, sample, ids);
  for (const [index, event] of events.entries()) {
    sent.set(ids[index] ?? '', now());
    await redis.xadd(keys.feed, '*', ...event);
    await sleep(paceMs);
  }
  while (times.length < count) await sleep(paceMs);
  server.closeAllConnections();
  server.close();
  return times;
}
