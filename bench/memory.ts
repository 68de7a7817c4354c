/** What a pending request takes in Redis, and where; against a delayed BullMQ job with the same body. */
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { type Figure, short } from './figures.ts';
import { gatedProposals } from './proposals.ts';
import { sendLoad } from './propose/send-load.ts';
import type { Setting } from './setting.ts';

/** Bytes a request takes under one kind of key. */
export type Share = { kind: string; bytes: number };

/** Fills Redis with `pending` requests, then with as many jobs. Run it before anything else is in there. */
export async function measureMemory(
  setting: Setting,
  pending: number,
): Promise<{ figures: Figure[]; shares: Share[] }> {
  const { proposals } = gatedProposals();
  const bodies = proposals.map((proposal) => JSON.stringify(proposal));
  const redis = new Redis(setting.redisUrl);
  try {
    // The first ones also make what is there once: sorted sets, the stream, caches of clients.
    const propose = (name: string, amount: number) =>
      sendLoad({ url: setting.intakeUrl, key: setting.keys.agent, bodies, connections: 32, amount, name });
    await propose('memory-first', 200);
    const before = await dataBytes(redis);
    await propose('memory', pending);
    const ours = ((await dataBytes(redis)) - before) / pending;
    const shares = await sharesOf(redis, pending + 200);
    const bare = await bytesOfJob(redis, setting.redisUrl, proposals, pending);
    return {
      figures: [
        {
          what: `Redis memory of a pending request, ${short(pending)} pending`,
          value: `${short(ours)} bytes`,
          against: `${short(bare)} bytes: a delayed BullMQ job with the same body`,
          ratio: `${(ours / bare).toFixed(2)}× the memory`,
        },
      ],
      shares,
    };
  } finally {
    redis.disconnect();
  }
}

/** Memory in use, without the buffers of connections and of the append-only file. */
async function dataBytes(redis: Redis): Promise<number> {
  const info = await redis.info('memory');
  const read = (name: string): number => Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(info)?.[1] ?? 0);
  return read('used_memory') - read('mem_clients_normal') - read('mem_aof_buffer');
}

async function bytesOfJob(redis: Redis, url: string, bodies: object[], count: number): Promise<number> {
  const { hostname, port } = new URL(url);
  const queue = new Queue('bare-memory', { connection: { host: hostname, port: Number(port) } });
  try {
    await queue.add('expire', {}, { delay: 3_600_000 });
    const before = await dataBytes(redis);
    const jobs = Array.from({ length: count }, (_, index) => ({
      name: 'expire',
      data: bodies[index % bodies.length] ?? {},
      opts: { delay: 3_600_000 },
    }));
    for (let from = 0; from < count; from += 500) await queue.addBulk(jobs.slice(from, from + 500));
    return ((await dataBytes(redis)) - before) / count;
  } finally {
    await queue.obliterate({ force: true });
    await queue.close();
  }
}

/** A request's keys are alike, so some of each kind speak for the rest; what all share is measured whole. */
const sampled = 200;

async function sharesOf(redis: Redis, requests: number): Promise<Share[]> {
  const keysByKind = new Map<string, string[]>();
  for await (const keys of redis.scanStream({ match: 'cs:{default}:*', count: 1000 })) {
    for (const key of keys as string[]) {
      const kind = kindOf(key);
      const alike = keysByKind.get(kind);
      if (alike === undefined) keysByKind.set(kind, [key]);
      else alike.push(key);
    }
  }
  const shares: Share[] = [];
  for (const [kind, keys] of keysByKind) {
    const sample = keys.slice(0, sampled);
    const sizes = await Promise.all(sample.map((key) => redis.memory('USAGE', key, 'SAMPLES', 0)));
    const total = (sizes.reduce<number>((sum, size) => sum + (size ?? 0), 0) / sample.length) * keys.length;
    shares.push({ kind, bytes: total / requests });
  }
  return shares.filter(({ bytes }) => bytes >= 1).sort((a, b) => b.bytes - a.bytes);
}

/** `cs:{default}:payload:req_…:1` → `payload`; what tells requests apart is left out. */
function kindOf(key: string): string {
  const [kind = '', field = ''] = key.split(':').slice(2);
  return kind === 'index' || kind === 'queue' ? `${kind}:${field}` : kind;
}
