/** G5: what is a reason for an alert, what is none, and when one is over. */
import type { AlertAbout } from '@countersign/shared/contracts';
import { type Count, rateOf, watched, wilson } from '@countersign/shared/figures';
import { expect, test } from 'vitest';
import { approvalFindings } from '../../../services/ledger/alerts/always-approved.ts';
import { type Catches, catchFindings } from '../../../services/ledger/alerts/catch-rate.ts';
import { floodFindings, type Held } from '../../../services/ledger/alerts/flooding.ts';
import { loadFindings } from '../../../services/ledger/alerts/load.ts';
import { type Ends, timeoutFindings } from '../../../services/ledger/alerts/timeouts.ts';
import type { CellSums } from '../../../services/ledger/insights/sums.ts';

const now = Date.UTC(2026, 5, 1, 12);
const [hour, day] = [3_600_000, 86_400_000];

const ends = (tool: string, today: Count, usual: Count = { k: 2, n: 60 }): Ends => ({
  tool,
  rules: 'big-refunds',
  tier: 'high',
  team: 'finance',
  now: today,
  days: Array.from({ length: 28 }, () => usual),
});
const statesOf = (cells: Ends[], times = 2) =>
  timeoutFindings(cells, { times }).map(({ about, state, told }) => [
    about.tool ?? 'team',
    state,
    told ?? false,
  ]);

test('timeouts: far more than usual is a reason, with what was usual beside it; a little more is none', () => {
  const [found] = timeoutFindings([ends('pay', { k: 20, n: 60 })], { times: 2 });
  expect(found).toMatchObject({
    kind: 'timeouts',
    about: { tool: 'pay', rules: ['big-refunds'], tier: 'high', team: 'finance' },
    state: 'on',
    figures: {
      share: { k: 20, n: 60, ...wilson({ k: 20, n: 60 }) },
      usual: { k: 56, n: 1_680, days: 28 },
    },
  });
  expect(found?.figures.chance).toBeLessThan(1e-9);
  expect(statesOf([ends('pay', { k: 4, n: 60 })])).toEqual([['pay', 'off', false]]);
  expect(statesOf([ends('pay', { k: 6, n: 60 })])).toEqual([['pay', 'between', false]]);
  // Surely more, and not so many times as many as policy wants to hear of.
  expect(statesOf([ends('pay', { k: 20, n: 60 })], 20)).toEqual([['pay', 'between', false]]);
});

test('timeouts: four are nothing to call anyone for, and twice of nothing is nothing', () => {
  expect(statesOf([ends('pay', { k: 4, n: 400 }, { k: 0, n: 400 })])).toEqual([['pay', 'off', false]]);
  expect(statesOf([ends('pay', { k: 7, n: 400 }, { k: 0, n: 400 })])).toEqual([['pay', 'between', false]]);
});

test('timeouts: with too few today one that stands stays, until there are hardly any', () => {
  expect(statesOf([ends('pay', { k: 9, n: 20 })])).toEqual([['pay', 'between', false]]);
  expect(statesOf([ends('pay', { k: 2, n: 20 })])).toEqual([['pay', 'off', false]]);
});

test('timeouts: where the whole team has gone, one alert tells it, and none for each of its cells', () => {
  const some = Array.from({ length: 6 }, (_, at) => ends(`tool-${at}`, { k: 6, n: 40 }, { k: 1, n: 40 }));
  expect(statesOf(some)[0]).toEqual(['team', 'on', false]);
  expect(statesOf([...some, ends('pay', { k: 30, n: 60 })]).at(-1)).toEqual(['pay', 'on', true]);
});

const catches = (change: Partial<Catches> = {}): Catches => ({
  about: { team: 'finance' },
  drift: { sum: 0.5, n: 40, alarms: 1, last_alarm: now - day },
  people: 5,
  caught: { k: 24, n: 40 },
  since: { k: 3, n: 4 },
  ...change,
});
const pay: AlertAbout = { tool: 'pay', rules: [], tier: 'high', team: 'finance' };
const stateOf = (...charts: Partial<Catches>[]) =>
  catchFindings(charts.map(catches), now).map(({ about, state, told }) => [
    about.tool ?? about.team ?? 'all',
    state,
    told ?? false,
  ]);
const calm = { drift: { sum: 0, n: 40, alarms: 0, last_alarm: null } };

test('catch rate: a drift alarm is a reason, with what was caught and its interval where there are enough', () => {
  const since = new Date(now - day).toISOString();
  const share = { k: 24, n: 40, rate: 0.6, ...wilson({ k: 24, n: 40 }) };
  const of = { kind: 'catch_rate', about: { team: 'finance' }, state: 'on' };
  expect(catchFindings([catches()], now)).toEqual([{ ...of, figures: { share, since } }]);
  expect(catchFindings([catches({ caught: { k: 2, n: 6 } })], now)).toEqual([{ ...of, figures: { since } }]);
});

test('catch rate: of fewer than five people, or without an alarm, nothing is said', () => {
  expect(stateOf({ people: 4 })).toEqual([]);
  expect(stateOf(calm)).toEqual([]);
});

test('catch rate: it is over after twenty canaries of which few are missed, and an old alarm is no news', () => {
  expect(stateOf({ since: { k: 18, n: 20 } })).toEqual([['finance', 'off', false]]);
  const again = { sum: 2, n: 60, alarms: 1, last_alarm: now - day };
  expect(stateOf({ since: { k: 12, n: 20 }, drift: again })).toEqual([['finance', 'on', false]]);
  const old = { sum: 0, n: 40, alarms: 1, last_alarm: now - 15 * day };
  expect(stateOf({ drift: old })).toEqual([['finance', 'between', false]]);
});

test('catch rate: a cell says nothing beside its team, and all teams nothing beside either', () => {
  const other = { about: { team: 'oncall' }, ...calm };
  expect(stateOf({ about: pay }, {}, other, { about: {} })).toEqual([
    ['pay', 'on', true],
    ['finance', 'on', false],
    ['all', 'on', true],
  ]);
  expect(stateOf({ about: pay }, calm, other, { about: {} })).toEqual([
    ['pay', 'on', false],
    ['all', 'on', true],
  ]);
  expect(stateOf({ people: 3 }, other, { about: {} })).toEqual([['all', 'on', false]]);
  // Where there is but one team, all of them is that one.
  expect(stateOf(calm, { about: {} })).toEqual([['all', 'on', true]]);
});

const cell = (approved: number, rejected: number, change: Partial<CellSums> = {}): CellSums => ({
  tool: 'pay',
  rules: '',
  tier: 'low',
  team: 'anyone',
  requests: { approved, rejected },
  verdicts: {},
  people: [],
  ...change,
});
const approvals = (cells: CellSums[], drifting = false) =>
  approvalFindings(cells, { above: 0.97, drifting: () => drifting });

test('always approved: by the interval for what is watched all the time, not by the one for a single look', () => {
  // A single look would be sure of it at 214 of 214; the watched bound is not, until many more.
  expect(rateOf({ k: 214, n: 214 }, 30)).toMatchObject({ low: expect.closeTo(0.982, 3) });
  expect(approvals([cell(214, 0)])).toMatchObject([{ state: 'between' }]);
  const [found] = approvals([cell(400, 0)]);
  expect(found).toMatchObject({
    state: 'on',
    about: { tool: 'pay', rules: [], tier: 'low', team: 'anyone' },
    figures: { share: { k: 400, n: 400, ...watched({ k: 400, n: 400 }) }, reading: 'unknown' },
  });
});

test('always approved: some rejections end it, and below a hundred decisions nothing is said', () => {
  expect(approvals([cell(400, 40)])).toMatchObject([{ state: 'off' }]);
  expect(approvals([cell(99, 0)])).toMatchObject([{ state: 'off', figures: {} }]);
});

test('always approved: it says what canaries say of it, and while a team drifts nothing', () => {
  const people = ['1', '2', '3', '4', '5'];
  const read = (caught: number, drifting = false) =>
    approvals(
      [cell(400, 0, { people, requests: { approved: 400, plain: 60, plain_caught: caught } })],
      drifting,
    )[0]?.figures.reading;
  expect([read(57), read(57, true), read(20)]).toEqual(['mis_tiered', 'unknown', 'rubber_stamped']);
});

const loaded = (busy: number | null, change: object = {}, timed = 100) =>
  loadFindings(
    [
      {
        team: 'finance',
        load: {
          enough: true,
          hours: 168,
          arrivals_an_hour: 6,
          on_duty: 1.2,
          busy,
          too_busy: true,
          ...change,
        },
        timed,
      },
    ],
    { above: 0.8 },
  )[0];

test('load: a reason where even the lower end is above the bound, over where it is well below', () => {
  const found = loaded(1.1);
  expect(found).toMatchObject({
    kind: 'load',
    about: { team: 'finance' },
    state: 'on',
    figures: { arrivals: 1_008, hours: 168, on_duty: 1.2, busy: { rate: 1.1 } },
  });
  // 1,008 arrivals vary by 1.96 ÷ √1,008 = 6.2%.
  expect(found?.figures.busy?.low).toBeCloseTo(1.1 * (1 - 0.0617), 3);
  expect([loaded(0.83)?.state, loaded(0.75)?.state, loaded(0.69)?.state]).toEqual([
    'between',
    'between',
    'off',
  ]);
});

test('load: with nobody there for what arrives it is one; with little known it is none', () => {
  expect(loaded(null)?.state).toBe('on');
  expect([loaded(2, {}, 29)?.state, loaded(2, { arrivals_an_hour: 0.1 })?.state]).toEqual(['off', 'off']);
  expect(
    loadFindings([{ team: 'x', load: { enough: false, n: 20, needed: 168 }, timed: 99 }], { above: 0.8 }),
  ).toMatchObject([{ state: 'off' }]);
});

const held = (at: number, change: Partial<Held> = {}): Held => ({
  agent: 'mailer',
  at,
  lifted: false,
  why: 'asks',
  until: at + 300_000,
  ...change,
});

test('flooding: an agent that was held back, with how often; over after an hour within bounds, or once somebody lifts it', () => {
  expect(floodFindings([held(now - 2 * hour), held(now - 50 * 60_000)], now)).toEqual([
    {
      kind: 'flooding',
      about: { agent: 'mailer' },
      state: 'on',
      figures: {
        since: new Date(now - 50 * 60_000).toISOString(),
        times: 2,
        why: 'asks',
        until: new Date(now - 45 * 60_000).toISOString(),
      },
    },
  ]);
  expect(floodFindings([held(now - 61 * 60_000)], now)[0]?.state).toBe('off');
  expect(floodFindings([held(now - 2 * hour, { until: now + hour })], now)[0]?.state).toBe('on');
  const lifted: Held = { agent: 'mailer', at: now - 1_000, lifted: true };
  expect(floodFindings([held(now - 60_000), lifted], now)[0]?.state).toBe('off');
});
