/** G1, G3, I3: what the ledger tells Prometheus: counts, nobody's name, and of how people decide never one person's step. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type History, openHistory } from '../../services/ledger/history/history.ts';
import { takeTurns } from '../../services/ledger/history/turns.ts';
import { openMetrics } from '../../services/ledger/metrics/metrics.ts';
import { decided, type SealedLog, sealedLog, type Told } from './sealed-log.ts';

const minute = 60_000;
// Within the week that gauges are of.
const start = Date.now() - 24 * 60 * minute;
let root: string;
let log: SealedLog;
let history: History;
const open = (): History =>
  openHistory({ folder: join(root, 'w'), limits: { memory: 128, threads: 1 }, turns: takeTurns(2) });

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'countersign-metrics-'));
  log = await sealedLog(join(root, 'w'));
  history = open();
});
afterEach(async () => {
  await history.close();
  await rm(root, { recursive: true, force: true });
});

let made = 0;
type Life = {
  by: string;
  tool?: string;
  approve?: boolean;
  end?: 'timed_out' | 'cancelled';
  canary?: 'caught' | 'missed';
};

/** A request to the team `finance`, with a claim of attention. */
function life({ by, tool = 'pay', approve = true, end, canary }: Life): Told[] {
  made += 1;
  const at = start + made * minute;
  const told = decided({ id: `req_${made}`, at, args: { note: `n ${made}` }, tool, reviewer: by, approve });
  const [proposed, created, verdict, ended] = told as [Told, Told, Told, Told];
  created.data = { ...created.data, groups: ['finance'] };
  verdict.data = { ...verdict.data, attention: { visible_ms: 4_000 } };
  if (end !== undefined) return [proposed, created, { ...ended, type: `request.${end}` }];
  if (canary === undefined) return told;
  const bit = { canary: { planted: true, salt: 's' } };
  verdict.data = { ...verdict.data, ...bit };
  const data = { ...bit, result: { caught: canary === 'caught', difficulty: 'plain' } };
  return [proposed, created, verdict, { ...ended, type: 'request.cancelled', data }];
}

async function seal(...lives: Life[]): Promise<void> {
  await log.add(lives.flatMap(life));
  await history.bringUp();
}

const text = (): Promise<string> =>
  openMetrics({
    workspaces: () => ['w'],
    historyOf: async () => history,
    health: () => ({ ok: true, redis: true, stuck: [], behind: [] }),
    logger: pino({ level: 'silent' }),
  }).text();

/** Series → value, of the metrics whose name begins so. */
async function series(name: string): Promise<Record<string, number>> {
  const lines = (await text()).split('\n').filter((line) => line.startsWith(`countersign_${name}`));
  return Object.fromEntries(
    lines.map((line) => {
      const [, of = '', value = ''] = /^countersign_(.*) (\S+)$/.exec(line) ?? [];
      return [of.replace('workspace="w",', ''), Number(value)];
    }),
  );
}

test('requests are counted by tool, tier, team and how they ended, each once; canaries and policy’s answers apart', async () => {
  await seal(
    { by: 'ann' },
    { by: 'ann', approve: false },
    { by: 'bo', end: 'timed_out' },
    { by: 'bo', canary: 'missed' },
  );
  const requests = await series('insights_requests_total');
  const of = (outcome: string) =>
    requests[`insights_requests_total{tool="pay",tier="high",team="finance",outcome="${outcome}"}`];
  expect(['approved', 'edited', 'rejected', 'batched', 'timed_out', 'cancelled'].map(of)).toEqual([
    1, 0, 1, 0, 1, 0,
  ]);
  expect(Object.values(await series('insights_wait_seconds_count'))).toEqual([2]);
  expect(await series('insights_week_')).toMatchObject({
    'insights_week_arrivals{team="finance"}': 3,
    'insights_week_arrivals{team="all"}': 3,
  });
});

test('what is about how people decide comes with the fifth of them, all at once, and then with the fifth again', async () => {
  const told = async () => ({
    ...(await series('insights_verdict_seconds_count')),
    ...(await series('insights_canaries_total')),
    ...(await series('insights_drift_canaries')),
  });
  await seal(...['ann', 'bo', 'cy', 'di', 'ann'].map((by) => ({ by })), { by: 'di', canary: 'missed' });
  expect(await told()).toEqual({});
  await seal({ by: 'ed' });
  const first = await told();
  expect(first).toMatchObject({
    'insights_verdict_seconds_count{team="finance"}': 6,
    'insights_canaries_total{team="finance",difficulty="plain",result="missed"}': 1,
    'insights_canaries_total{team="finance",difficulty="plain",result="caught"}': 0,
    'insights_drift_canaries{team="finance"}': 1,
  });
  await seal({ by: 'ann' }, { by: 'bo', canary: 'caught' }, { by: 'ed' }, { by: 'cy', canary: 'missed' });
  expect(await told()).toEqual(first);
  await seal({ by: 'di' });
  expect(await told()).toMatchObject({
    'insights_verdict_seconds_count{team="finance"}': 9,
    'insights_canaries_total{team="finance",difficulty="plain",result="caught"}': 1,
    'insights_drift_canaries{team="finance"}': 3,
  });
});

test('nobody is named, not by pseudonym either', async () => {
  await seal(...['ann', 'bo', 'cy', 'di', 'ed'].map((by) => ({ by })));
  const all = await text();
  for (const by of ['ann', 'bo', 'cy', 'di', 'ed'])
    expect(all).not.toMatch(new RegExp(`"${by}"|${log.names.find(by)}`));
});

test('a histogram’s buckets hold those below them, and the last holds all', async () => {
  await seal(...['ann', 'bo', 'cy', 'di', 'ed'].map((by) => ({ by })));
  const buckets = Object.entries(await series('insights_verdict_seconds_bucket'));
  const counts = buckets.map(([, n]) => n);
  expect(counts).toEqual(counts.toSorted((a, b) => a - b));
  expect(buckets.at(-1)).toEqual([expect.stringContaining('le="+Inf"'), 5]);
  expect(Object.values(await series('insights_verdict_seconds_sum'))).toEqual([20]);
});

test('taken in bit by bit or all at once, it comes to the same; and while it is made anew no counter is told', async () => {
  const people = ['ann', 'bo', 'cy', 'di', 'ed', 'flo', 'gus'];
  const lives = Array.from({ length: 24 }, (_, n) => ({
    by: people[(n * 5) % 7] ?? '',
    tool: `t${n % 2}`,
    ...(n % 4 === 1 && { canary: n % 3 === 0 ? ('caught' as const) : ('missed' as const) }),
  })).flatMap(life);
  // Cut in the middle of a request's life, and of a portion.
  for (const [from, to] of [
    [0, 14],
    [14, 21],
    [21, 50],
    [50, lives.length],
  ]) {
    await log.add(lives.slice(from, to));
    await history.bringUp();
  }
  const lines = async () => (await text()).split('\n').toSorted();
  const stepwise = await lines();
  await history.close();
  await rm(join(root, 'w', 'history'), { recursive: true });
  history = open();
  expect(Object.keys(await series('insights_requests_total'))).toEqual([]);
  expect(await series('ledger_entries')).toMatchObject({
    'ledger_entries{state="counted"}': 0,
  });
  await history.bringUp();
  expect(await lines()).toEqual(stepwise);
});

test('a hundred tools have series of their own, and those that come later share one', async () => {
  await seal(...Array.from({ length: 103 }, (_, n) => ({ by: 'ann', tool: `tool-${n}` })));
  await seal({ by: 'ann', tool: 'tool-7' }, { by: 'ann', tool: 'tool-102' });
  const approved = Object.entries(await series('insights_requests_total')).filter(([of]) =>
    of.includes('outcome="approved"'),
  );
  expect(approved).toHaveLength(101);
  expect(approved.find(([of]) => of.includes('(other)'))?.[1]).toBe(4);
  expect(approved.find(([of]) => of.includes('"tool-7"'))?.[1]).toBe(2);
});
