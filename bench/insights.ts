/**
 * What each call of insights costs over a history of one decision and over one of a million: the same, since it is read
 * from sums. Timed is the whole answer: whose key it is, the figures, the event that says who read them, the JSON; and the
 * processor's time for it, which whatever else runs on the machine leaves as it is.
 */
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serve } from '@hono/node-server';
import { Redis } from 'ioredis';
import { pino } from 'pino';
import { developmentPeople } from '../services/intake/development.ts';
import { openBacktests } from '../services/ledger/backtest/backtests.ts';
import { openDisk } from '../services/ledger/disk/disk.ts';
import type { History } from '../services/ledger/history/history.ts';
import { openStore, type Store } from '../services/ledger/history/store.ts';
import { takeTurns } from '../services/ledger/history/turns.ts';
import { ledgerApp } from '../services/ledger/http/app.ts';
import { dayMs } from '../services/ledger/insights/cell.ts';
import type { Entry } from '../services/ledger/sealing/entry.ts';
import { type Names, openNames } from '../services/ledger/sealing/names.ts';
import { type Figure, median, short } from './figures.ts';
import type { Setting } from './setting.ts';

export type InsightsSize = { rounds: number; decisions: number };

const limits = { memory: 256, threads: 2 };
/** The decisions are spread over so long, so that the window of 30 days holds a third of them. */
const over = 90 * dayMs;
const end = Date.UTC(2026, 5, 1);
/** Both asked with the window that the lead's page asks with. */
const window = `from=${new Date(end - 30 * dayMs).toISOString()}&to=${new Date(end + dayMs).toISOString()}`;
const calls = ['figures', 'trend', 'load', 'mine'] as const;
/** So many entries are taken in at once: the bench is about asking. */
const atOnce = 65_536;

/** What is sealed of one request that a person decides: three entries that count. */
function lifeOf(n: number, of: number, lead: string): Omit<Entry, 'seq' | 'feed_id'>[] {
  const at = Math.floor(end - ((of - n) * over) / (of + 60));
  const kind = n % 20;
  const about = { request_id: `req_${n}`, agent: 'a', tool: `tool-${kind}`, tier: 'medium' };
  const rules = [`rule-${kind % 7}`];
  const who = (n * 7) % 12;
  const person = { kind: 'person', id: who === 0 ? lead : `p_${who}` } as const;
  const approve = n % 5 !== 0;
  const data = { verdict: approve ? 'approve' : 'reject', attention: { visible_ms: 900 + (n % 90_000) } };
  return [
    {
      ...about,
      type: 'action.proposed',
      at,
      actor: { kind: 'agent', id: 'a' },
      data: { effect: 'approval_required', rules },
    },
    {
      ...about,
      type: 'request.created',
      at,
      actor: { kind: 'policy', id: 'policy' },
      data: { rules, groups: [`team-${kind % 3}`] },
    },
    { ...about, type: 'verdict.given', at: at + 60_000, actor: person, data },
    { ...about, type: `request.${approve ? 'approved' : 'rejected'}`, at: at + 60_000, actor: person },
  ];
}

async function filled(folder: string, decisions: number, lead: string): Promise<Store> {
  const store = await openStore(folder, limits, takeTurns(2), { between: async () => new Map() });
  let waiting: Entry[] = [];
  let size = 0;
  const take = async (): Promise<void> => {
    size += waiting.length;
    await store.take(waiting, { origin: 'bench', size, leaf: '' });
    waiting = [];
  };
  for (let n = 0; n < decisions; n++) {
    for (const entry of lifeOf(n, decisions, lead))
      waiting.push({ ...entry, seq: size + waiting.length, feed_id: null });
    if (waiting.length >= atOnce) await take();
  }
  await take();
  return store;
}

const notAsked = (): never => {
  throw new Error('not asked here');
};

/** The store as insights find it; nothing else of the history is asked. */
function historyOf(store: Store, names: Names): History {
  return {
    progress: async () => ({ searched: store.taken()?.size ?? 0, sealed: store.taken()?.size ?? 0 }),
    insights: async (work) =>
      work({ engine: store.engine, memory: await store.memory(), names, isCurrent: true }),
    bringUp: notAsked,
    entries: notAsked,
    requests: notAsked,
    eachEntry: notAsked,
    eachRequest: notAsked,
    close: notAsked,
  };
}

async function urlOf(server: ReturnType<typeof serve>): Promise<string> {
  if (!server.listening) await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('it listens nowhere');
  return `http://127.0.0.1:${address.port}`;
}

/** Medians over the rounds, one history and the other in turn. */
export async function measureInsights(
  { redisUrl, keys }: Setting,
  { rounds, decisions }: InsightsSize,
): Promise<Figure[]> {
  const root = await mkdtemp(join(tmpdir(), 'countersign-bench-insights-'));
  const names = await openNames(openDisk(root));
  const lead = names.pseudonymOf(developmentPeople.lead);
  const stores = [
    await filled(join(root, 'one'), 1, lead),
    await filled(join(root, 'many'), decisions, lead),
  ];
  const redis = new Redis(redisUrl);
  const backtests = openBacktests();
  const closing: ReturnType<typeof serve>[] = [];
  try {
    const servers = stores.map((store) => {
      const answers = ledgerApp({
        redis,
        logOf: async () => undefined,
        historyOf: async () => historyOf(store, names),
        backtests,
        folderOf: () => root,
        health: notAsked,
        metrics: notAsked,
        logger: pino({ level: 'silent' }),
      });
      return serve({ fetch: answers, hostname: '127.0.0.1', port: 0 });
    });
    closing.push(...servers);
    const urls = await Promise.all(servers.map(urlOf));
    const figures: Figure[] = [];
    for (const call of calls) {
      const times: number[][] = urls.map(() => []);
      const work: number[][] = urls.map(() => []);
      for (let round = -3; round < rounds; round++)
        for (const [which, url] of urls.entries()) {
          const [begun, before] = [performance.now(), process.cpuUsage()];
          const answer = await fetch(`${url}/v1/insights/${call}?${window}`, {
            headers: { authorization: `Bearer ${keys.lead}` },
          });
          const { length } = await answer.text();
          if (!answer.ok || length === 0) throw new Error(`${call} was answered with ${answer.status}`);
          if (round < 0) continue;
          times[which]?.push(performance.now() - begun);
          const { user, system } = process.cpuUsage(before);
          work[which]?.push(user + system);
        }
      const [few = 0, all = 0] = times.map(median);
      const [little = 0, much = 0] = work.map(median);
      figures.push({
        what: `insights over ${short(decisions)} decisions: ${call} of 30 days`,
        value: `${short(all)} ms`,
        against: `${short(few)} ms: over one decision`,
        ratio: `${short(all / few)}× the time, ${short(much / little)}× the processor’s`,
        aim: '< 2×',
      });
    }
    return figures;
  } finally {
    for (const server of closing) server.close();
    await backtests.close();
    redis.disconnect();
    for (const { engine } of stores) engine.close();
    await rm(root, { recursive: true, force: true });
  }
}
