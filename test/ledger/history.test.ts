/** F3: what the sealed log holds is found by every column and by its words, and nothing that was erased is. */
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Filter } from '../../services/ledger/history/filter.ts';
import { type History, openHistory } from '../../services/ledger/history/history.ts';
import { takeTurns } from '../../services/ledger/history/turns.ts';
import { decided, type SealedLog, sealedLog } from './sealed-log.ts';

const limits = { memory: 128, threads: 2 };
const turns = takeTurns(2);
const start = Date.UTC(2026, 0, 1);
const agents = ['support', 'orders', 'ops'];
const people = ['ann', 'bo', 'cy', "o'neil"];

/** Requests that differ in everything that can be asked for. */
const requests = Array.from({ length: 300 }, (_, n) => ({
  id: `req_${n}`,
  at: start + n * 60_000,
  args: { order: `ORD-${n}`, note: n % 10 === 0 ? 'The ＣＡＲＤ was char\u200bged twice' : 'A plain refund' },
  agent: agents[n % agents.length] ?? '',
  tool: `orders.tool_${n % 4}`,
  tier: n % 2 === 0 ? 'high' : 'low',
  rules: [`rule-${n % 5}`, ...(n % 7 === 0 ? ['sevenths'] : [])],
  reviewer: people[n % people.length] ?? '',
  approve: n % 3 !== 0,
}));

let root: string;
let folder: string;
let log: SealedLog;
let history: History;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'countersign-history-'));
  folder = join(root, 'default');
  log = await sealedLog(folder);
  for (let at = 0; at < requests.length; at += 100)
    await log.add(requests.slice(at, at + 100).flatMap(decided));
  history = openHistory({ folder, limits, turns });
  await history.bringUp();
});
afterAll(async () => {
  await history.close();
  await rm(root, { recursive: true, force: true });
});

const all = { limit: 10_000 };
async function entryIds(filter: Filter, of: History = history): Promise<string[]> {
  const { items } = await of.entries(filter, all);
  return items.map(({ entry }) => `${entry.request_id} ${entry.type}`);
}
async function requestIds(filter: Filter, of: History = history): Promise<string[]> {
  return (await of.requests(filter, all)).items.map(({ request_id }) => request_id);
}

test('all that is sealed is searched', async () => {
  expect(await history.progress()).toEqual({ searched: 1_200, sealed: 1_200 });
  const { items } = await history.entries({}, all);
  expect(items.map(({ index }) => index)).toEqual(Array.from({ length: 1_200 }, (_, n) => 1_199 - n));
});

describe('requests', () => {
  const given = <T>(values: readonly T[]) =>
    fc.option(fc.constantFrom(...values), { nil: undefined, freq: 1 });
  const filters = fc.record({
    status: given(['approved', 'rejected', 'pending']),
    agent: given([...agents, 'nobody']),
    tool: given(['orders.tool_0', 'orders.tool_3', "x' OR 1=1 --"]),
    tier: given(['high', 'low']),
    rule: given(['rule-1', 'sevenths', '%']),
    reviewer: given([...people, 'zoe']),
    from: given([start, start + 3_000_000]),
    to: given([start + 6_000_000, start + 15_000_000]),
    q: given(['ord-1', 'card CHARGED', 'refund', "'", ' ']),
  });

  test('any filter finds what looking at each of them finds, the newest first', async () => {
    const words = (request: (typeof requests)[number]): string =>
      `${request.args.order}\n${request.args.note.replace('\u200b', '').normalize('NFKC')}\nBecause of ${request.id}.`.toLowerCase();
    const isWanted = (request: (typeof requests)[number], filter: Filter): boolean =>
      (filter.status ?? (request.approve ? 'approved' : 'rejected')) ===
        (request.approve ? 'approved' : 'rejected') &&
      (filter.agent ?? request.agent) === request.agent &&
      (filter.tool ?? request.tool) === request.tool &&
      (filter.tier ?? request.tier) === request.tier &&
      (filter.rule === undefined || request.rules.includes(filter.rule)) &&
      (filter.reviewer ?? request.reviewer) === request.reviewer &&
      request.at >= (filter.from ?? 0) &&
      request.at < (filter.to ?? Number.POSITIVE_INFINITY) &&
      (filter.q === undefined ||
        (filter.q.trim() !== '' &&
          filter.q
            .toLowerCase()
            .split(' ')
            .every((word) => words(request).includes(word))));
    let found = 0;
    await fc.assert(
      fc.asyncProperty(filters, async (filter) => {
        const wanted = requests.filter((request) => isWanted(request, filter)).map(({ id }) => id);
        found += wanted.length;
        expect(await requestIds(filter)).toEqual(wanted.toReversed());
      }),
      { numRuns: 60 },
    );
    expect(found).toBeGreaterThan(100);
  });

  test('each says what became of it, by whose verdict, when and where in the log', async () => {
    const { items } = await history.requests({ request_id: 'req_7' }, all);
    expect(items).toHaveLength(1);
    expect(items[0]).toMatchObject({
      agent: 'orders',
      tool: 'orders.tool_3',
      tier: 'low',
      status: 'approved',
      rules: ['rule-2', 'sevenths'],
      created_at: '2026-01-01T00:07:00.000Z',
      decided_at: '2026-01-01T00:07:01.000Z',
      entries: { first: 28, decision: 31, last: 31 },
    });
    expect(Object.values(items[0]?.names ?? {})).toEqual(["o'neil"]);
  });
});

describe('entries', () => {
  test('each filter is about the entry itself', async () => {
    expect(await entryIds({ request_id: 'req_7', status: 'approved' })).toEqual(['req_7 request.approved']);
    expect(await entryIds({ request_id: 'req_7', reviewer: "o'neil", type: 'verdict.given' })).toEqual([
      'req_7 verdict.given',
    ]);
    expect(await entryIds({ request_id: 'req_7', rule: 'sevenths' })).toEqual([
      'req_7 request.created',
      'req_7 action.proposed',
    ]);
    expect(await entryIds({ from: start + 420_000, to: start + 420_001 })).toHaveLength(2);
  });

  test('words are those of its request, too: who decided what was asked so', async () => {
    expect(await entryIds({ q: 'ord-77', type: 'verdict.given' })).toEqual(['req_77 verdict.given']);
    expect(await entryIds({ q: 'salt' })).toEqual([]);
  });

  test('they are given as they are sealed', async () => {
    const { items } = await history.entries({ request_id: 'req_9', type: 'verdict.given' }, all);
    const [found] = items;
    expect(found?.entry).toMatchObject({ seq: 38, type: 'verdict.given', data: { verdict: 'reject' } });
    expect(found?.entry.actor.id).toMatch(/^p_/);
    expect(found?.names).toEqual({ [found?.entry.actor.id ?? '']: 'bo' });
  });
});

test('pages follow each other without gap or repeat, though more is sealed meanwhile', async () => {
  const own = await sealedLog(join(root, 'pages'));
  await own.add(requests.slice(0, 50).flatMap(decided));
  const paged = openHistory({ folder: join(root, 'pages'), limits, turns });
  await paged.bringUp();
  const seen: string[] = [];
  let before: number | undefined;
  for (let page = 0; page < 100; page++) {
    const { items, next } = await paged.requests({ tier: 'high' }, { limit: 4, before });
    seen.push(...items.map(({ request_id }) => request_id));
    if (next === undefined) break;
    before = next;
    await own.add(decided({ ...requests[0], id: `late_${page}`, at: start, args: {} }));
    await paged.bringUp();
  }
  expect(seen).toEqual(Array.from({ length: 25 }, (_, n) => `req_${48 - 2 * n}`));
  await paged.close();
});

describe('F5: what is erased', () => {
  test('a text is found no more, and no file of its words is left', async () => {
    const own = await sealedLog(join(root, 'erased'));
    await own.add(decided({ id: 'req_a', at: start, args: { to: 'anna@example.com' } }));
    await own.add(decided({ id: 'req_b', at: start, args: { to: 'bert@example.com' } }));
    const searched = openHistory({ folder: join(root, 'erased'), limits, turns });
    await searched.bringUp();
    expect(await requestIds({ q: 'ANNA@example' }, searched)).toEqual(['req_a']);
    const files = () => readdir(join(root, 'erased', 'history', 'texts'));
    const [before] = await files();

    expect(await own.beside.erase(new Set(['req_a']))).toBe(1);
    expect(await requestIds({ q: 'anna@example' }, searched)).toEqual([]);
    expect(await requestIds({ q: 'bert@example' }, searched)).toEqual(['req_b']);
    expect(await files()).toEqual([expect.not.stringContaining(before ?? '')]);
    await searched.close();
  });

  test('a person is found by name no more, and what they did says no name', async () => {
    const own = await sealedLog(join(root, 'nameless'));
    await own.add(decided({ id: 'req_a', at: start, args: {}, reviewer: 'dee' }));
    const searched = openHistory({ folder: join(root, 'nameless'), limits, turns });
    await searched.bringUp();
    expect(await requestIds({ reviewer: 'dee' }, searched)).toEqual(['req_a']);
    await own.names.erase('dee');
    expect(await requestIds({ reviewer: 'dee' }, searched)).toEqual([]);
    const { items } = await searched.requests({}, all);
    expect(items[0]?.reviewers).toEqual([expect.stringMatching(/^p_/)]);
    expect(items[0]?.names).toEqual({});
    await searched.close();
  });
});

test('a group is found where it was asked, told or let decide since, and whoever acted is no group', async () => {
  const own = await sealedLog(join(root, 'groups'));
  const about = { at: start, actor: { kind: 'timer', id: 'timer' }, status: 'pending' } as const;
  await own.add([
    { ...about, type: 'request.created', request_id: 'req_asked', data: { groups: ['finance'] } },
    { ...about, type: 'request.reminded', request_id: 'req_told', data: { notify: ['finance'] } },
    { ...about, type: 'request.escalated', request_id: 'req_since', data: { reviewers: ['finance'] } },
    { ...about, type: 'request.claimed', request_id: 'req_acted', actor: { kind: 'person', id: 'finance' } },
  ]);
  const searched = openHistory({ folder: join(root, 'groups'), limits, turns });
  await searched.bringUp();
  expect(await requestIds({ group: 'finance' }, searched)).toEqual(['req_since', 'req_told', 'req_asked']);
  expect(await requestIds({ group: 'oncall' }, searched)).toEqual([]);
  await searched.close();
});

test('a search that nobody waits for any more ends', async () => {
  const gone = AbortSignal.abort(new Error('gone'));
  await expect(history.requests({ q: 'refund' }, all, gone)).rejects.toThrow('gone');
});
