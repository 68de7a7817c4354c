/**
 * Counts entries in the log's order: what each adds to which cell and hour. The same entries come to the same sums,
 * however they are parted. Canaries are counted by themselves, and what they had added before their end is taken back.
 */
import type { Entry } from '../sealing/entry.ts';
import { type Cards, remembered } from './cards.ts';
import { type Cell, cellKey, dayMs, hourOf, joined, type Place, teamOf } from './cell.ts';
import { chartAfter } from './drift.ts';
import { count, type Measures, spread } from './measures.ts';
import type { Memory, Waiting } from './memory.ts';
import { hold } from './portions.ts';
import { addToTotals } from './totals.ts';
import { countGiven, given } from './verdict.ts';

/** What entries add, by place. */
export type Added = { place: Place; measures: Measures }[];

/** The key of a team's CUSUM; of all teams together, `''`. */
export const allTeams = '';

const ends = new Set([
  'request.approved',
  'request.rejected',
  'request.timed_out',
  'request.cancelled',
  'request.superseded',
]);
const byPolicy: Record<string, 'allowed' | 'denied' | 'granted'> = {
  'action.allowed': 'allowed',
  'action.denied': 'denied',
  'grant.used': 'granted',
};

type Result = { caught: boolean; difficulty: 'plain' | 'buried' };

function resultIn(data: Entry['data']): Result | undefined {
  const { caught, difficulty } = (data?.result ?? {}) as Partial<Result>;
  if (typeof caught !== 'boolean') return undefined;
  return { caught, difficulty: difficulty === 'plain' ? 'plain' : 'buried' };
}

const isPlanted = (data: Entry['data']): boolean =>
  (data?.canary as { planted?: unknown } | undefined)?.planted === true;

const stringsIn = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];

/** Counts these entries, which follow those that were counted before; `memory` goes on with them. */
export async function countEntries(entries: readonly Entry[], memory: Memory, cards: Cards): Promise<Added> {
  await cards.prepare(entries);
  const sums = new Map<string, Added[number]>();
  function at(cell: Cell, ms: number, reviewer = ''): Measures {
    const place = { ...cell, at: hourOf(ms), reviewer };
    const key = JSON.stringify([place.at, cell.tool, cell.rules, cell.tier, cell.team, reviewer]);
    const there = sums.get(key) ?? { place, measures: {} };
    sums.set(key, there);
    return there.measures;
  }
  for (const entry of entries) await countEntry(entry, { memory, cards, at });
  const added = [...sums.values()];
  addToTotals(added, memory);
  return added;
}

type Counting = {
  memory: Memory;
  cards: Cards;
  /** The sums of a cell in an hour. */
  at: (cell: Cell, ms: number, reviewer?: string) => Measures;
};

async function countEntry(entry: Entry, counting: Counting): Promise<void> {
  const { memory, at } = counting;
  const { type, request_id: id, data, tool = '', tier = '' } = entry;
  if (id === undefined) return;
  if (type === 'action.proposed') {
    const rules = joined(stringsIn(data?.rules));
    const waiting = { id, tool, rules, team: '', made: entry.at, asked: false, opened: {}, given: [] };
    const asks = data?.effect === 'approval_required';
    memory.set('waiting', id, asks ? await withCard(entry, waiting, counting) : waiting);
    return;
  }
  if (type === 'payload.erased') return forget(id, counting);
  const waiting = memory.get('waiting', id);
  if (waiting === undefined) return;
  const policy = byPolicy[type];
  if (policy !== undefined) {
    count(at({ ...waiting, tier, team: '' }, entry.at), policy);
    memory.drop('waiting', id);
    return;
  }
  if (type === 'request.created') return created(entry, waiting, counting);
  if (!waiting.asked) return;
  if (ends.has(type)) {
    if (isPlanted(data)) endOfCanary(entry, waiting, counting);
    else endOfRequest(entry, waiting, counting);
    memory.drop('waiting', id);
    return;
  }
  const next = await goneOn(entry, waiting, counting);
  if (next !== waiting) memory.set('waiting', id, next);
}

/** The request after something that does not end it. */
async function goneOn(entry: Entry, waiting: Waiting, counting: Counting): Promise<Waiting> {
  const { type, actor, data } = entry;
  switch (type) {
    case 'request.viewed':
      return { ...waiting, opened: { ...waiting.opened, [actor.id]: entry.at } };
    case 'request.edited':
      return withCard(entry, waiting, counting);
    case 'verdict.given':
      if (isPlanted(data)) return { ...waiting, answered_by: actor.id };
      return {
        ...waiting,
        given: [...waiting.given, await given(entry, waiting, counting.memory, counting.cards)],
      };
    case 'verdict.undone':
      return {
        ...waiting,
        given: data?.held === true ? [] : waiting.given.filter(({ by }) => by !== actor.id),
      };
    default:
      return waiting;
  }
}

/** The request with the card that lies beside the entry. */
async function withCard({ seq, payload }: Entry, waiting: Waiting, { cards }: Counting): Promise<Waiting> {
  if (payload === undefined) return waiting;
  const card = await cards.at(seq, waiting.tool);
  if (card !== undefined) return { ...waiting, card: { seq, look: card.look } };
  const { card: _erased, ...rest } = waiting;
  return rest;
}

/** From now on a human is asked. */
function created({ at, tier = '', data }: Entry, waiting: Waiting, { memory, at: sumsOf }: Counting): void {
  const asked = { ...waiting, asked: true, made: at, team: teamOf(data?.groups) };
  const { id, card } = asked;
  const repeat = card !== undefined && looksLikeOne(card.look, memory);
  const sums = sumsOf({ ...asked, tier }, at);
  count(sums, 'arrived');
  if (card !== undefined) {
    count(sums, 'known');
    if (repeat) count(sums, 'repeats');
    memory.set('card', String(card.seq), { look: card.look, request: id });
    if (memory.size('card') > remembered)
      for (const [oldest] of memory.all('card')) {
        memory.drop('card', oldest);
        break;
      }
  }
  memory.set('waiting', id, { ...asked, arrived: { tier, known: card !== undefined, repeat } });
}

/** Whether one of the cards before it looks the same. */
function looksLikeOne(look: string, memory: Memory): boolean {
  for (const [, card] of memory.all('card')) if (card.look === look) return true;
  return false;
}

function endOfCanary({ at, tier = '', data }: Entry, waiting: Waiting, counting: Counting): void {
  const { memory, at: sumsOf } = counting;
  const { team, arrived, made, answered_by } = waiting;
  // Nobody could tell it from the others until now, and it was counted among them.
  const before = sumsOf({ ...waiting, tier: arrived?.tier ?? tier }, made);
  count(before, 'arrived', -1);
  if (arrived?.known === true) count(before, 'known', -1);
  if (arrived?.repeat === true) count(before, 'repeats', -1);
  const result = resultIn(data);
  if (result === undefined) {
    count(sumsOf({ ...waiting, tier }, at), 'unanswered');
    return;
  }
  const { caught, difficulty } = result;
  const countResult = (sums: Measures): void => {
    count(sums, difficulty);
    if (caught) count(sums, `${difficulty}_caught`);
  };
  const rows = [undefined, ...(answered_by === undefined ? [] : [answered_by])];
  for (const reviewer of rows) countResult(sumsOf({ ...waiting, tier }, at, reviewer));
  const charts = [
    ['cell_drift', cellKey({ ...waiting, tier })],
    ['drift', team],
    ['drift', allTeams],
  ] as const;
  for (const [kind, key] of charts) memory.set(kind, key, chartAfter(memory.get(kind, key), caught, at));
  hold(memory, team, answered_by, countResult);
}

function endOfRequest(entry: Entry, waiting: Waiting, counting: Counting): void {
  const { at, tier = '', type, actor } = entry;
  const { memory, at: sumsOf } = counting;
  const sums = sumsOf({ ...waiting, tier }, at);
  const status = type === 'request.superseded' ? 'request.cancelled' : type;
  const decided = status === 'request.approved' || status === 'request.rejected';
  if (status === 'request.timed_out') count(sums, 'timed_out');
  else if (!decided) count(sums, 'cancelled');
  // The active policy has denied what people were still to decide: outside every rate.
  else if (actor.kind === 'policy') count(sums, 'denied');
  else {
    const approved = status === 'request.approved';
    spread(sums, 'wait', at - waiting.made);
    count(sums, 'waited_ms', at - waiting.made);
    if (isAnother(waiting, approved, at, memory)) count(sums, 'batched');
    else {
      count(sums, approved ? 'approved' : 'rejected');
      if (approved && waiting.given.some(({ verdict }) => verdict === 'edit')) count(sums, 'edited');
    }
  }
  for (const [by, ms] of Object.entries(waiting.opened))
    count(sumsOf({ ...waiting, tier }, ms, by), 'opened');
  for (const one of waiting.given) {
    countGiven(one, sumsOf({ ...waiting, tier }, one.at, one.by));
    hold(memory, waiting.team, one.by, (held) => countGiven(one, held));
  }
}

/** Whether its verdict was one of a batch that has been counted as one decision already. */
function isAnother({ given: all }: Waiting, approved: boolean, at: number, memory: Memory): boolean {
  const batch = all.findLast((one) => (one.verdict !== 'reject') === approved)?.batch;
  if (batch === undefined) return false;
  for (const [key, counted] of memory.all('batch')) if (counted < at - dayMs) memory.drop('batch', key);
  const key = `${batch} ${approved}`;
  if (memory.get('batch', key) !== undefined) return true;
  memory.set('batch', key, at);
  return false;
}

/** Digests of an erased card are let go of, too. */
function forget(id: string, { memory, cards }: Counting): void {
  for (const [seq, { request }] of memory.all('card')) {
    if (request !== id) continue;
    memory.drop('card', seq);
    cards.forget(Number(seq));
  }
  for (const [by, reader] of memory.all('reader')) {
    const seen = reader.seen.filter(({ request }) => request !== id);
    if (seen.length < reader.seen.length) memory.set('reader', by, { ...reader, seen });
  }
}
