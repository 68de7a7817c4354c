/** The sums of insights are made from the log: in one go, bit by bit, or anew after a crash, they are the same. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type History, openHistory } from '../../services/ledger/history/history.ts';
import { takeTurns } from '../../services/ledger/history/turns.ts';
import { type CellSums, cellSums, daySums, hourSums } from '../../services/ledger/insights/sums.ts';
import { decided, sealedLog, type Told } from './sealed-log.ts';

const limits = { memory: 128, threads: 1 };
const turns = takeTurns(2);
const start = Date.UTC(2026, 0, 1, 22);
const hour = 3_600_000;
let root: string;
let folder: string;
const open = (): History => openHistory({ folder, limits, turns });

/** Requests over some days, near-identical ones among them, with claims of attention, some of which still wait. */
function lives(from: number, to: number): Told[] {
  return Array.from({ length: to - from }, (_, n) => from + n).flatMap((n) => {
    const told = decided({
      id: `req_${n}`,
      at: start + n * 0.4 * hour,
      args: { order: `ORD-${n % 7}`, note: n % 3 === 0 ? 'Charged twice, pays back' : `Case ${n}` },
      tool: `tool-${n % 2}`,
      reviewer: `person-${n % 5}`,
      approve: n % 4 !== 0,
    }).map((event) =>
      event.type === 'verdict.given'
        ? { ...event, data: { ...event.data, attention: { visible_ms: 200 + n * 31 } } }
        : event,
    );
    return n % 9 === 8 ? told.slice(0, 2) : told;
  });
}

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'countersign-insights-'));
  folder = join(root, 'w');
});
afterAll(() => rm(root, { recursive: true, force: true }));

const window = { from: start - hour, to: start + 200 * hour };
const byName = (cells: CellSums[]) => cells.toSorted((a, b) => (a.tool < b.tool ? -1 : 1));

async function said(history: History) {
  return history.insights(async ({ engine, memory }) => ({
    cells: byName(await cellSums(engine, window)).map((cell) => ({
      ...cell,
      people: cell.people.toSorted(),
    })),
    days: await daySums(engine, window),
    hours: await hourSums(engine, window),
    ofTeam: await hourSums(engine, window, 'anyone'),
    waiting: [...memory.all('waiting')].map(([id]) => id).toSorted(),
    streaks: [...memory.all('reader')].map(([by, { streak }]) => [by, streak]).toSorted(),
  }));
}

test('taken in bit by bit, with an end of the process in between, or all at once', async () => {
  const log = await sealedLog(folder);
  let history = open();
  for (let at = 0; at < 60; at += 12) {
    // Cut in the middle of a request's life.
    const some = lives(at, at + 12);
    await log.add(some.slice(0, 5));
    await history.bringUp();
    await log.add(some.slice(5));
    await history.bringUp();
    await history.close();
    history = open();
  }
  const stepwise = await said(history);
  await history.close();
  await rm(join(folder, 'history'), { recursive: true });
  history = open();
  await history.bringUp();
  const anew = await said(history);
  await history.close();
  expect(anew).toEqual(stepwise);
  expect(anew.waiting.length).toBeGreaterThan(3);
  expect(anew.cells.reduce((sum, { requests }) => sum + (requests.repeats ?? 0), 0)).toBeGreaterThan(5);
});

test('hours and days add up to the same, wherever the window begins', async () => {
  const history = open();
  await history.bringUp();
  const arrived = (cells: { requests: Record<string, number> }[]) =>
    cells.reduce((sum, { requests }) => sum + (requests.arrived ?? 0), 0);
  await history.insights(async ({ engine }) => {
    for (const from of [0, 1, 2, 3, 25].map((h) => start + h * hour))
      for (const length of [1, 2, 5, 26, 70]) {
        const part = { from, to: from + length * hour };
        const hours = await hourSums(engine, part);
        expect(arrived(await cellSums(engine, part))).toBe(
          hours.reduce((sum, hour) => sum + hour.arrived, 0),
        );
      }
  });
  await history.close();
});
