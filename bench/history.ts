/** Searches over a log of a size, against the same questions put by hand to the engine alone, over a table of its own. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { openDisk } from '../services/ledger/disk/disk.ts';
import type { Filter } from '../services/ledger/history/filter.ts';
import { type History, openHistory } from '../services/ledger/history/history.ts';
import { storeFile } from '../services/ledger/history/store.ts';
import { takeTurns } from '../services/ledger/history/turns.ts';
import { openNames } from '../services/ledger/sealing/names.ts';
import { decided, sealedLog } from '../test/ledger/sealed-log.ts';
import { type Figure, median, short } from './figures.ts';

/** A request has four entries. */
export type HistorySize = { rounds: number; requests: number };

const limits = { memory: 256, threads: 2 };
const page = { limit: 50 };
const note = 'The customer was charged twice for one order, and asks for the money back. '.repeat(4);

async function seal(folder: string, requests: number): Promise<void> {
  const log = await sealedLog(folder);
  for (let at = 0; at < requests; at += 1_024) {
    const some = Array.from({ length: Math.min(1_024, requests - at) }, (_, n) => at + n);
    await log.add(
      some.flatMap((n) =>
        decided({
          id: `req_${String(n).padStart(26, '0')}`,
          at: 1_700_000_000_000 + n * 1_000,
          args: { order: `ORD-${n}`, email: `user${n % 5_000}@example.com`, note },
          agent: `agent-${n % 4}`,
          tool: `tool-${n % 20}`,
          rules: [`rule-${n % 7}`],
          reviewer: `person-${n % 12}`,
          approve: n % 5 !== 0,
        }),
      ),
    );
  }
}

/** The engine by itself, with what the history holds in tables of its own in memory. */
async function alone(folder: string): Promise<DuckDBConnection> {
  const instance = await DuckDBInstance.create(':memory:', { threads: String(limits.threads) });
  const connection = await instance.connect();
  await connection.run(`ATTACH '${join(folder, 'history', storeFile)}' AS made (READ_ONLY)`);
  await connection.run('CREATE TABLE entries AS SELECT * FROM made.entries ORDER BY seq');
  const texts = join(folder, 'history', 'texts', '*.parquet');
  await connection.run(`CREATE TABLE texts AS SELECT * FROM read_parquet('${texts}')`);
  await connection.run('DETACH made');
  return connection;
}

type Question = {
  what: string;
  ours: (history: History) => Promise<unknown[]>;
  sql: string;
  values: Record<string, string>;
};

const requests = (filter: Filter) => async (history: History) => (await history.requests(filter, page)).items;
const entries = (filter: Filter) => async (history: History) => (await history.entries(filter, page)).items;

function questions(person: string): Question[] {
  return [
    {
      what: 'entries by type, reviewer and tool',
      ours: entries({ type: 'verdict.given', reviewer: 'person-3', tool: 'tool-3' }),
      sql: `SELECT * FROM entries WHERE type = 'verdict.given' AND actor = $person AND tool = $tool
        ORDER BY seq DESC LIMIT 50`,
      values: { person, tool: 'tool-3' },
    },
    {
      what: 'requests by status, rule and reviewer',
      ours: requests({ status: 'rejected', rule: 'rule-3', reviewer: 'person-3' }),
      sql: `SELECT request_id, min(seq) AS first, arg_max(status, seq) AS status FROM entries
        WHERE request_id IN (SELECT request_id FROM entries WHERE type = 'verdict.given' AND actor = $person)
          AND request_id IN (SELECT request_id FROM entries WHERE list_contains(rules, $rule))
        GROUP BY request_id HAVING arg_max(status, seq) = 'rejected' ORDER BY first DESC LIMIT 50`,
      values: { person, rule: 'rule-3' },
    },
    {
      what: 'requests by their words',
      ours: requests({ q: 'user77@example.com' }),
      sql: `SELECT request_id, min(seq) AS first FROM entries
        WHERE request_id IN (SELECT request_id FROM texts WHERE contains(words, $words))
        GROUP BY request_id ORDER BY first DESC LIMIT 50`,
      values: { words: 'user77@example.com' },
    },
  ];
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await work();
  return performance.now() - begun;
}

/** Medians over the rounds, of the times and of the ratio in each. */
export async function measureHistory({ rounds, requests: count }: HistorySize): Promise<Figure[]> {
  const folder = await mkdtemp(join(tmpdir(), 'countersign-bench-history-'));
  try {
    await seal(folder, count);
    const making = openHistory({ folder, limits, turns: takeTurns(2) });
    const made = await timed(() => making.bringUp());
    // The engine alone reads the file before we open it again.
    await making.close();
    const engine = await alone(folder);
    const history = openHistory({ folder, limits, turns: takeTurns(2) });
    const person = (await openNames(openDisk(folder))).find('person-3') ?? '';
    const figures: Figure[] = [];
    for (const { what, ours, sql, values } of questions(person)) {
      const times = { ours: [] as number[], alone: [] as number[], ratio: [] as number[] };
      for (let round = 0; round <= rounds; round++) {
        const one = await timed(async () => {
          if ((await ours(history)).length === 0) throw new Error(`nothing was found: ${what}`);
        });
        const other = await timed(async () => (await engine.runAndReadAll(sql, values)).getRowObjects());
        if (round === 0) continue;
        times.ours.push(one);
        times.alone.push(other);
        times.ratio.push(one / other);
      }
      figures.push({
        what: `search of ${short(count * 4)} sealed entries: ${what}, a page of 50`,
        value: `${short(median(times.ours))} ms`,
        against: `${short(median(times.alone))} ms: the engine alone, its own tables in memory`,
        ratio: `${short(median(times.ratio))}× the time`,
        aim: '< 1 s',
      });
    }
    figures.push({
      what: 'taking sealed entries into the history, all of them anew',
      value: `${short((count * 4 * 1_000) / made)}/s`,
      against: '',
    });
    engine.closeSync();
    await history.close();
    return figures;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
