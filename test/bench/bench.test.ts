/** That the benchmarks run and compare what they say; their figures are for `npm run bench`, never for a test. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { aucOf } from '../../bench/auc.ts';
import { measureBacktest } from '../../bench/backtest.ts';
import { measureCanaries } from '../../bench/canaries/canaries.ts';
import { measureConditions } from '../../bench/conditions.ts';
import { measureDeliveries } from '../../bench/deliver/deliver.ts';
import { median, table } from '../../bench/figures.ts';
import { measureHistory } from '../../bench/history.ts';
import { measureInsights } from '../../bench/insights.ts';
import { measureJudging } from '../../bench/judge.ts';
import { measureMemory } from '../../bench/memory.ts';
import { measurePropose } from '../../bench/propose/propose.ts';
import { openSetting, type Setting } from '../../bench/setting.ts';
import { measureWait } from '../../bench/wait.ts';

const pace = { rounds: 1, milliseconds: 5 };

let setting: Setting;
beforeAll(async () => {
  setting = await openSetting();
});
afterAll(() => setting?.stop());

test('proposing is compared with a bare handler', async () => {
  const [figure] = await measurePropose(setting, { rounds: 1, amount: 64, warmUp: 16, connections: 8 });
  expect(Number(figure?.ratio)).toBeGreaterThan(0);
});

test('every waiting agent hears its decision', async () => {
  const [figure] = await measureWait(setting, { waiting: 10, decisions: 5 });
  expect(figure?.value).toMatch(/^[\d.]+ ms$/);
});

test('each call is timed on canaries and on the same made by their agent', async () => {
  const figures = await measureCanaries(setting, { pairs: 2, warmUp: 1 });
  expect(figures).toHaveLength(9);
  for (const { ratio } of figures) expect(ratio).toMatch(/^AUC [01]\.\d{3} \([01]\.\d{3}–[01]\.\d{3}\)$/);
});

test('an AUC counts the pairs that are in order, ties by half, and its interval narrows as they grow', () => {
  expect(aucOf([3, 4, 5], [1, 2, 2])).toEqual({ auc: 1, low: 1, high: 1 });
  expect(aucOf([1, 2], [1, 2]).auc).toBe(0.5);
  // Of nine pairs six are in order and one is a tie.
  expect(aucOf([2, 4, 6], [1, 3, 4]).auc).toBeCloseTo(6.5 / 9, 12);
  const many = (n: number, shift: number) => Array.from({ length: n }, (_, at) => ((at * 37) % 101) + shift);
  const [few, more] = [aucOf(many(101, 10), many(101, 0)), aucOf(many(1010, 10), many(1010, 0))];
  expect(few.auc).toBeCloseTo(more.auc, 2);
  expect(few.high - few.low).toBeGreaterThan(3 * (more.high - more.low));
});

test('conditions, CEL and closures give the same answers', async () => {
  expect(await measureConditions(pace, 20)).toHaveLength(2);
});

test('the memory of a pending request is told by kind of key', async () => {
  const { shares } = await measureMemory(setting, 64);
  expect(shares.map(({ kind }) => kind)).toEqual(
    expect.arrayContaining(['request', 'payload', 'feed', 'timers', 'index:status', 'queue:any']),
  );
});

test('reading and judging are timed', async () => {
  expect(await measureJudging(pace)).toHaveLength(2);
});

test('deliveries are compared with a bare worker, and timed from the feed', async () => {
  const size = { rounds: 1, amount: 40, warmUp: 10, paced: 5 };
  const [rate, soon] = await measureDeliveries(setting, size);
  expect(Number(rate?.ratio)).toBeGreaterThan(0);
  expect(soon?.value).toMatch(/^[\d.]+ ms$/);
});

test('searches of the sealed log are compared with the engine alone', async () => {
  const figures = await measureHistory({ rounds: 1, requests: 420 });
  expect(figures).toHaveLength(4);
});

test('a backtest judges every action and tells how far it is', async () => {
  const [figure] = await measureBacktest({ rounds: 1, rules: 5, actions: 300 });
  expect(figure?.value).toMatch(/ s$/);
});

test('a median of an even number is a value that was measured', () => {
  expect([median([3, 1, 2]), median([4, 1, 2, 3])]).toEqual([2, 2]);
});

test('the table is Markdown with columns of one width', () => {
  const lines = table([
    { what: 'a', value: '1', against: '2', ratio: '0.5', aim: '≥ 0.4' },
    { what: 'longer', value: '1', against: '' },
  ]).split('\n');
  expect(lines[0]).toBe('| what   | measured | against | ratio | aim   |');
  expect(new Set(lines.map(({ length }) => length)).size).toBe(1);
});

test('insights are asked over one decision and over many, and answer both', async () => {
  const figures = await measureInsights(setting, { rounds: 1, decisions: 120 });
  expect(figures.map(({ what }) => what.split(': ')[1])).toEqual([
    'figures of 30 days',
    'trend of 30 days',
    'load of 30 days',
    'mine of 30 days',
  ]);
});
