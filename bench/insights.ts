/** What insights cost over a history of one decision and over one of a million: the same, since they are read from sums. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStore, type Store } from '../services/ledger/history/store.ts';
import { takeTurns } from '../services/ledger/history/turns.ts';
import { dayMs } from '../services/ledger/insights/cell.ts';
import { figuresOf } from '../services/ledger/insights/figures.ts';
import { loadFigures } from '../services/ledger/insights/load.ts';
import { cellSums, hourSums, inHours } from '../services/ledger/insights/sums.ts';
import type { Entry } from '../services/ledger/sealing/entry.ts';
import { type Figure, median, short } from './figures.ts';

export type InsightsSize = { rounds: number; decisions: number };

const limits = { memory: 256, threads: 2 };
/** The decisions are spread over so long, so that the window of 30 days holds a third of them. */
const over = 90 * dayMs;
const end = Date.UTC(2026, 5, 1);
/** So many entries are taken in at once: the bench is about asking. */
const atOnce = 65_536;

/** What is sealed of one request that a person decides: three entries that count. */
function lifeOf(n: number, of: number): Omit<Entry, 'seq' | 'feed_id'>[] {
  const at = Math.floor(end - ((of - n) * over) / (of + 60));
  const kind = n % 20;
  const about = { request_id: `req_${n}`, agent: 'a', tool: `tool-${kind}`, tier: 'medium' };
  const rules = [`rule-${kind % 7}`];
  const person = { kind: 'person', id: `p_${(n * 7) % 12}` } as const;
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

async function filled(folder: string, decisions: number): Promise<Store> {
  const store = await openStore(folder, limits, takeTurns(2), { between: async () => new Map() });
  let waiting: Entry[] = [];
  let size = 0;
  const take = async (): Promise<void> => {
    size += waiting.length;
    await store.take(waiting, { origin: 'bench', size, leaf: '' });
    waiting = [];
  };
  for (let n = 0; n < decisions; n++) {
    for (const entry of lifeOf(n, decisions))
      waiting.push({ ...entry, seq: size + waiting.length, feed_id: null });
    if (waiting.length >= atOnce) await take();
  }
  await take();
  return store;
}

/** Both questions that a lead's page opens with. */
async function ask({ engine, memory }: Store): Promise<void> {
  const window = inHours(end - 30 * dayMs, end + dayMs);
  const cells = await cellSums(engine, window);
  const remembered = await memory();
  const by = ['tool', 'rule', 'tier', 'team'] as const;
  const { rows } = figuresOf(cells, remembered.all('drift'), { window, by: [...by] });
  loadFigures(await hourSums(engine, inHours(end - 7 * dayMs, end + dayMs)), window);
  if (rows.length === 0) throw new Error('there are no figures');
}

/** Medians over the rounds, taken in turns. */
export async function measureInsights({ rounds, decisions }: InsightsSize): Promise<Figure[]> {
  const root = await mkdtemp(join(tmpdir(), 'countersign-bench-insights-'));
  const [one, many] = [await filled(join(root, 'one'), 1), await filled(join(root, 'many'), decisions)];
  try {
    const times: [number[], number[]] = [[], []];
    for (let round = -3; round < rounds; round++)
      for (const [which, store] of [one, many].entries()) {
        const begun = performance.now();
        await ask(store);
        if (round >= 0) times[which]?.push(performance.now() - begun);
      }
    const [few, all] = [median(times[0]), median(times[1])];
    return [
      {
        what: `insights over ${short(decisions)} decisions: figures of 30 days by 20 cells, load of a week`,
        value: `${short(all)} ms`,
        against: `${short(few)} ms: over one decision`,
        ratio: `${short(all / few)}× the time`,
        aim: '< 2×',
      },
    ];
  } finally {
    one.engine.close();
    many.engine.close();
    await rm(root, { recursive: true, force: true });
  }
}
