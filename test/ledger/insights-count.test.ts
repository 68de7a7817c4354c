/** G1, G2: what entries of the log add up to. */
import { CATCH_DRIFT, cusumOf } from '@countersign/shared/figures';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openCards } from '../../services/ledger/insights/cards.ts';
import { cellKey, joined } from '../../services/ledger/insights/cell.ts';
import { type Added, allTeams, countEntries } from '../../services/ledger/insights/count.ts';
import { addTo, histogramIn, type Measures, valueIn } from '../../services/ledger/insights/measures.ts';
import { type Memory, openMemory } from '../../services/ledger/insights/memory.ts';
import type { Beside } from '../../services/ledger/sealing/beside.ts';
import type { Entry } from '../../services/ledger/sealing/entry.ts';

const hour = 3_600_000;
const start = Date.UTC(2026, 0, 5);

/** A log in memory, with what lies beside it. */
function writing() {
  const entries: Entry[] = [];
  const beside = new Map<number, Beside[]>();
  function tell(told: Partial<Entry> & Pick<Entry, 'type' | 'at'>, text?: unknown): void {
    const seq = entries.length;
    const entry = { actor: { kind: 'system', id: 'x' }, seq, feed_id: `${told.at}-${seq}`, ...told } as Entry;
    if (text !== undefined) {
      entry.payload = { version: 1, commitment: `c${seq}` };
      const line = {
        seq,
        request_id: told.request_id ?? '',
        commitment: `c${seq}`,
        text: JSON.stringify(text),
      };
      beside.set(seq, [line]);
    }
    entries.push(entry);
  }
  return { entries, beside, tell };
}

type Life = {
  id: string;
  at: number;
  tool: string;
  end: 'approved' | 'rejected' | 'timed_out' | 'cancelled' | 'waits';
  canary?: boolean;
  by: string;
  batch?: string;
  ms?: number;
  words?: string;
  groups?: string[];
};

function live({ tell }: ReturnType<typeof writing>, life: Life): void {
  const { id, at, tool, end, canary = false, by, batch, ms, words = id, groups } = life;
  const about = { request_id: id, tool, agent: 'a', tier: 'high' };
  const person = { kind: 'person', id: by } as const;
  tell(
    { ...about, type: 'action.proposed', at, data: { effect: 'approval_required', rules: ['r1', 'r0'] } },
    { args: { note: words }, salt: 's' },
  );
  tell({ ...about, type: 'request.created', at, data: { rules: ['r1'], ...(groups && { groups }) } });
  tell({ ...about, type: 'request.viewed', at: at + 1_000, actor: person });
  if (end === 'waits') return;
  const bit = { canary: { planted: canary, salt: 's' } };
  if (end === 'approved' || end === 'rejected')
    tell({
      ...about,
      type: 'verdict.given',
      at: at + 9_000,
      actor: person,
      data: {
        verdict: end === 'approved' ? 'approve' : 'reject',
        ...(batch && { batch }),
        ...(ms !== undefined && { attention: { visible_ms: ms } }),
        ...(canary && bit),
      },
    });
  const result = { caught: end === 'rejected', difficulty: 'plain' };
  const isAnswered = canary && (end === 'approved' || end === 'rejected');
  tell({
    ...about,
    type: isAnswered ? 'request.cancelled' : `request.${end}`,
    at: at + 9_000,
    actor: person,
    data: { ...bit, ...(isAnswered && { result }) },
  });
}

/** Counts all of it at once. Without texts, as where all of them were erased. */
async function counted({
  entries,
  beside = new Map(),
}: {
  entries: Entry[];
  beside?: Map<number, Beside[]>;
}): Promise<{ added: Added; memory: Memory }> {
  const between = async (from: number, to: number) =>
    new Map([...beside].filter(([seq]) => seq >= from && seq < to));
  const memory = openMemory();
  return { added: await countEntries(entries, memory, openCards({ between }, 'secret')), memory };
}

function total(added: Added, which: (place: Added[number]['place']) => boolean = () => true): Measures {
  const sums: Measures = {};
  for (const { place, measures } of added) if (which(place)) addTo(sums, measures);
  return sums;
}
const ofRequests = (added: Added) => total(added, ({ reviewer }) => reviewer === '');

test('a batch is one decision for each verdict given in it; every row of it waited', async () => {
  const log = writing();
  for (let n = 0; n < 5; n++)
    live(log, { id: `b${n}`, at: start + n, tool: 't', end: 'approved', by: 'p1', batch: 'bat_1' });
  live(log, { id: 'b5', at: start + 5, tool: 't', end: 'rejected', by: 'p1', batch: 'bat_1' });
  live(log, { id: 'alone', at: start + 6, tool: 't', end: 'approved', by: 'p1' });
  const { added, memory } = await counted(log);
  const sums = ofRequests(added);
  expect(['approved', 'rejected', 'batched', 'arrived'].map((name) => sums[name])).toEqual([2, 1, 4, 7]);
  expect(histogramIn(sums, 'wait').reduce((a, b) => a + b)).toBe(7);
  expect(memory.get('reader', 'p1')?.streak).toEqual({ now: 1, longest: 1 });
});

test('what a batch took is counted once; of none of its rows is said how fast it was read', async () => {
  const log = writing();
  for (let n = 0; n < 5; n++)
    live(log, {
      id: `b${n}`,
      at: start + n,
      tool: 't',
      end: 'approved',
      by: 'p1',
      batch: 'bat_1',
      ms: 60_000,
    });
  const batch = total((await counted(log)).added, ({ reviewer }) => reviewer === 'p1');
  expect([batch.gave_approve, batch.timed, batch.timed_ms]).toEqual([5, 1, 60_000]);
  expect([batch.read_early, batch.read_late]).toEqual([undefined, undefined]);
  live(log, { id: 'alone', at: start + 6, tool: 't', end: 'approved', by: 'p1', ms: 5_000 });
  const all = total((await counted(log)).added, ({ reviewer }) => reviewer === 'p1');
  expect([all.timed, all.timed_ms, all.read_early]).toEqual([2, 65_000, 1]);
});

test('a canary is in no count but its own, and nothing of it is left where it was counted before its end', async () => {
  const log = writing();
  live(log, { id: 'real', at: start, tool: 't', end: 'approved', by: 'p1' });
  const alone = await counted(log);
  for (const end of ['approved', 'rejected', 'timed_out'] as const)
    live(log, { id: `c-${end}`, at: start + hour, tool: 't', end, by: 'p2', canary: true, ms: 1 });
  const { added, memory } = await counted(log);
  const canaries = { plain: 2, plain_caught: 1, unanswered: 1 };
  const nonZero = (sums: Measures) => Object.fromEntries(Object.entries(sums).filter(([, n]) => n !== 0));
  expect(nonZero(ofRequests(added))).toEqual({ ...nonZero(ofRequests(alone.added)), ...canaries });
  expect(nonZero(total(added, ({ reviewer }) => reviewer === 'p2'))).toEqual({ plain: 2, plain_caught: 1 });
  expect(memory.get('drift', allTeams)).toMatchObject({ n: 2, alarms: 0 });
  expect(memory.size('waiting')).toBe(0);
});

test('each cell has a chart of its own, of exactly its canaries; those of team and all take every one', async () => {
  const draw = (n: number) => (n * 7919) % 11;
  const log = writing();
  const misses = new Map<string, boolean[]>();
  for (let n = 0; n < 60; n++) {
    // Of one tool nearly all are missed, of the others few.
    const tool = `t${n % 3}`;
    const missed = tool === 't0' ? draw(n) > 1 : draw(n) > 8;
    misses.set(tool, [...(misses.get(tool) ?? []), missed]);
    const end = missed ? 'approved' : 'rejected';
    live(log, { id: `c${n}`, at: start + n * hour, tool, end, by: 'p1', canary: true });
  }
  const { memory } = await counted(log);
  for (const [tool, each] of misses) {
    const { sum, n, alarms } = cusumOf(each, CATCH_DRIFT);
    const chart = memory.get(
      'cell_drift',
      cellKey({ tool, rules: joined(['r0', 'r1']), tier: 'high', team: 'anyone' }),
    );
    expect(chart).toMatchObject({ sum, n, alarms: alarms.length });
    expect(alarms.length > 0).toBe(tool === 't0');
  }
  expect(memory.size('cell_drift')).toBe(3);
  expect([memory.get('drift', 'anyone')?.n, memory.get('drift', allTeams)?.n]).toEqual([60, 60]);
});

test('too fast is less than half the time for the words that are new, and a near-identical card has few', async () => {
  const words = Array.from({ length: 100 }, (_, n) => `word${String.fromCharCode(97 + (n % 26))}x`).join(' ');
  const log = writing();
  // 100 words are 20 s at least: 9 s are too fast the first time, and time enough once only the number is new.
  live(log, { id: '1', at: start, tool: 't', end: 'approved', by: 'p1', words: `${words} 1`, ms: 9_000 });
  live(log, {
    id: '2',
    at: start + hour,
    tool: 't',
    end: 'approved',
    by: 'p1',
    words: `${words} 2`,
    ms: 9_000,
  });
  live(log, {
    id: '3',
    at: start + 2 * hour,
    tool: 't',
    end: 'approved',
    by: 'p2',
    words: `${words} 3`,
    ms: 9_000,
  });
  const { added } = await counted(log);
  const of = (by: string) => total(added, ({ reviewer }) => reviewer === by);
  expect([of('p1').read_early, of('p1').fast_early]).toEqual([2, 1]);
  expect([of('p2').read_early, of('p2').fast_early]).toEqual([1, 1]);
  expect([ofRequests(added).known, ofRequests(added).repeats]).toEqual([3, 2]);
});

test('where the texts were erased nothing is said of reading, and everything else is counted the same', async () => {
  const log = writing();
  live(log, { id: '1', at: start, tool: 't', end: 'approved', by: 'p1', ms: 1 });
  const [known, erased] = [await counted(log), await counted({ entries: log.entries })];
  expect(valueIn(total(known.added), 'read_early')).toBe(1);
  expect(valueIn(total(erased.added), 'read_early')).toBe(0);
  expect(ofRequests(erased.added)).toMatchObject({ arrived: 1, approved: 1 });
  expect(valueIn(total(erased.added), 'timed')).toBe(1);
});

test('an erasure takes the digests of its cards along', async () => {
  const log = writing();
  live(log, { id: '1', at: start, tool: 't', end: 'approved', by: 'p1', ms: 1 });
  log.tell({ type: 'payload.erased', at: start + hour, request_id: '1' });
  const { memory } = await counted(log);
  expect(memory.size('card')).toBe(0);
  expect(memory.get('reader', 'p1')?.seen).toEqual([]);
});

test('a request counts for the team that it asked: groups, anyone, people by name', async () => {
  const log = writing();
  const teams = [['audit', 'finance'], undefined, []];
  for (const [n, groups] of teams.entries())
    live(log, { id: `${n}`, at: start, tool: 't', end: 'approved', by: 'p1', ...(groups && { groups }) });
  const { added } = await counted(log);
  const found = added.filter(({ place }) => place.reviewer === '').map(({ place }) => place.team);
  expect(found.toSorted()).toEqual(['anyone', 'audit + finance', 'named people']);
});

test('what policy decides alone, and what a grant lets through, is outside every rate', async () => {
  const log = writing();
  for (const type of ['action.allowed', 'action.denied', 'grant.used'] as const) {
    const about = { request_id: type, tool: 't', tier: 'low' };
    log.tell({ ...about, type: 'action.proposed', at: start, data: { effect: 'allow', rules: [] } });
    log.tell({ ...about, type, at: start });
  }
  const { added, memory } = await counted(log);
  expect(total(added)).toEqual({ allowed: 1, denied: 1, granted: 1 });
  expect(memory.size('waiting')).toBe(0);
});

const lives = fc.array(
  fc.record({
    at: fc.nat(5 * hour),
    tool: fc.constantFrom('t', 'u'),
    end: fc.constantFrom('approved', 'rejected', 'timed_out', 'cancelled', 'waits') as fc.Arbitrary<
      Life['end']
    >,
    canary: fc.boolean(),
    by: fc.constantFrom('p1', 'p2'),
    ms: fc.nat(20_000),
    words: fc.constantFrom('pay ann 5', 'pay ann 6', 'a much longer text about something else'),
  }),
  { maxLength: 25 },
);

test('whatever happens: no count is below zero, every end is counted once, and canaries never among the others', async () => {
  await fc.assert(
    fc.asyncProperty(lives, async (all) => {
      const log = writing();
      const ordered = all.toSorted((a, b) => a.at - b.at);
      for (const [n, life] of ordered.entries()) live(log, { ...life, id: `req${n}`, at: start + life.at });
      const { added } = await counted(log);
      const sums = ofRequests(added);
      const real = all.filter(({ canary, end }) => !canary || end === 'waits');
      const count = (end: Life['end']) => real.filter((life) => life.end === end).length;
      expect(valueIn(sums, 'arrived')).toBe(real.length);
      for (const end of ['approved', 'rejected', 'timed_out', 'cancelled'] as const)
        expect(valueIn(sums, end)).toBe(count(end));
      for (const { measures } of added)
        for (const n of Object.values(measures)) expect(n).toBeGreaterThanOrEqual(0);
    }),
    { numRuns: 80, seed: 6 },
  );
});
