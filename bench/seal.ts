/** Events sealed a second, against the least that reads them in order and says so: XREADGROUP and XACK in a loop. */
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type EventBody, type EventType, encodeEvent } from '@countersign/shared/feed';
import { workspaceKeys } from '@countersign/shared/keys';
import { Redis } from 'ioredis';
import { openDisk } from '../services/ledger/disk/disk.ts';
import { defineSealingScripts, sealFeed } from '../services/ledger/sealing/sequencer.ts';
import { type Figure, median, short } from './figures.ts';
import type { Setting } from './setting.ts';

export type SealSize = { rounds: number; events: number };

const workspace = 'bench-seal';
const keys = workspaceKeys(workspace);
/** As many events as the other side reads at once, too. */
const batch = 4_096;

/** What a decided call leaves in the feed. */
const story: EventType[] = [
  'action.proposed',
  'request.created',
  'notice.delivered',
  'request.viewed',
  'verdict.given',
  'request.approved',
  'token.consumed',
  'outcome.reported',
];

function eventOf(n: number): EventBody {
  const type = story[n % story.length] ?? 'action.proposed';
  const id = `req_${String(Math.floor(n / story.length)).padStart(26, '0')}`;
  const by = type === 'verdict.given' || type === 'request.viewed';
  return {
    type,
    at: Date.now(),
    actor: by ? { kind: 'person', id: `person-${n % 20}` } : { kind: 'agent', id: 'order-processor' },
    request_id: id,
    agent: 'order-processor',
    tool: 'orders.process_refund',
    tier: 'high',
    status: 'pending',
    revision: 1,
    version: 1,
    audience: ['any'],
    data: { rules: ['big-refunds'], policy_digest: `sha256:${'1'.repeat(64)}` },
  };
}

/** Medians over the rounds; both read the same events of the same stream, one after the other. */
export async function measureSealing(setting: Setting, size: SealSize): Promise<Figure[]> {
  const redis = new Redis(setting.redisUrl);
  defineSealingScripts(redis);
  const writing = redis.pipeline();
  for (let n = 0; n < size.events; n++) writing.xadd(keys.feed, '*', ...encodeEvent(eventOf(n)));
  await writing.exec();
  try {
    const rates = { ours: [] as number[], bare: [] as number[], ratio: [] as number[] };
    let bytes = 0;
    // The first round is to warm up.
    for (let round = 0; round <= size.rounds; round++) {
      const bare = await readOnly(redis, size.events);
      const ours = await seal(redis, size.events);
      if (round === 0) continue;
      rates.bare.push(bare);
      rates.ours.push(ours.rate);
      rates.ratio.push(ours.rate / bare);
      bytes = ours.bytes;
    }
    return [
      {
        what: `events sealed, ${short(size.events)} waiting`,
        value: `${short(median(rates.ours))}/s`,
        against: `${short(median(rates.bare))}/s: XREADGROUP and XACK, nothing else`,
        ratio: median(rates.ratio).toFixed(2),
        aim: '≥ 0.5',
      },
      {
        what: `on disk for a decided call, ${story.length} events, without its texts`,
        value: `${short((bytes / size.events) * story.length)} bytes`,
        against: '',
        aim: '',
      },
    ];
  } finally {
    redis.disconnect();
  }
}

async function readOnly(redis: Redis, events: number): Promise<number> {
  await redis.xgroup('CREATE', keys.feed, 'bare', '0');
  const begun = performance.now();
  for (let read = 0; read < events; ) {
    const reply = await redis.xreadgroup('GROUP', 'bare', 'one', 'COUNT', batch, 'STREAMS', keys.feed, '>');
    const ids = (reply?.[0]?.[1] ?? []).map(([id]) => id);
    await redis.xack(keys.feed, 'bare', ...ids);
    read += ids.length;
  }
  const rate = (events / (performance.now() - begun)) * 1_000;
  await redis.xgroup('DESTROY', keys.feed, 'bare');
  return rate;
}

async function seal(redis: Redis, events: number): Promise<{ rate: number; bytes: number }> {
  const dir = await mkdtemp(join(tmpdir(), 'countersign-bench-'));
  const done = new AbortController();
  const begun = performance.now();
  let ended = begun;
  await sealFeed({
    redis,
    disk: openDisk(dir),
    workspace,
    sealAfterMs: 10_000,
    renewAfterMs: 600_000,
    readForMs: 1,
    onSealed: ({ size }) => {
      ended = performance.now();
      // What is left of a bundle would wait for more.
      if (size > events - 256) done.abort();
    },
    signal: done.signal,
  });
  const bytes = await sizeOf(dir);
  await Promise.all([
    rm(dir, { recursive: true }),
    redis.xgroup('DESTROY', keys.feed, 'ledger'),
    redis.del(keys.sealed),
  ]);
  return { rate: (events / (ended - begun)) * 1_000, bytes };
}

async function sizeOf(dir: string): Promise<number> {
  const names = await readdir(dir, { recursive: true });
  const sizes = await Promise.all(names.map(async (name) => stat(join(dir, name))));
  return sizes.reduce((sum, file) => sum + (file.isFile() ? file.size : 0), 0);
}
