/** What a row is read as, from sums like those that the rollups keep. */
import { expect, test } from 'vitest';
import { allTeams } from '../../services/ledger/insights/count.ts';
import { type Charts, driftOf } from '../../services/ledger/insights/drift.ts';
import { figuresOf } from '../../services/ledger/insights/figures.ts';
import type { DriftState } from '../../services/ledger/insights/memory.ts';
import type { CellSums } from '../../services/ledger/insights/sums.ts';

const window = { from: 3_600_000, to: 7_200_000 };
const people = ['ann', 'bo', 'cy', 'di', 'ed'];

/** 400 decisions on a tool, `caught` of 40 canaries, `fast` of 100 approvals too fast. */
function cell(
  tool: string,
  caught: number,
  { fast = 0, rejected = 0, team = 'finance', who = people } = {},
): CellSums {
  return {
    tool,
    rules: 'gate',
    tier: 'high',
    team,
    requests: { arrived: 400, approved: 400 - rejected, rejected, plain: 40, plain_caught: caught },
    verdicts: { gave_approve: 400, read_early: 100, fast_early: fast },
    people: who,
  };
}

const chart = (last_alarm: number | null, n = 80): DriftState => ({
  ...{ sum: 0, n, last_alarm },
  alarms: last_alarm === null ? 0 : 1,
});

/** Only the team's chart. */
const drift = (last_alarm: number | null): Charts => ({
  teams: new Map([['finance', chart(last_alarm)]]),
  ofCell: () => undefined,
});

/** The reading of the row of tool `a`. */
function readingOf(cells: CellSums[], last_alarm: number | null = null) {
  const { rows } = figuresOf(cells, drift(last_alarm), { window, by: ['tool', 'team'] });
  return rows.find(({ tool }) => tool === 'a')?.reading;
}

test('caught and nearly all approved is mis-tiered, unless the drift alarm came in the window', () => {
  const cells = [cell('a', 38)];
  expect(readingOf(cells)).toEqual({ reading: 'mis_tiered', because: 'canaries_caught' });
  expect(readingOf(cells, window.from - 1)).toEqual({ reading: 'mis_tiered', because: 'canaries_caught' });
  expect(readingOf(cells, window.from + 1)).toEqual({ reading: 'unknown', because: 'drift_alarm' });
});

test('missed says how: no time to read, by chance, here alone, or looked at', () => {
  const missed = { reading: 'rubber_stamped', because: 'canaries_missed' };
  expect(readingOf([cell('a', 8, { fast: 60 }), cell('b', 38)])).toEqual({ ...missed, how: 'unread' });
  expect(readingOf([cell('a', 8, { rejected: 80 }), cell('b', 8)])).toEqual({ ...missed, how: 'by_chance' });
  expect(readingOf([cell('a', 8), cell('b', 38)])).toEqual({ ...missed, how: 'only_here' });
  expect(readingOf([cell('a', 8), cell('b', 8)])).toEqual({ ...missed, how: 'looked_at' });
});

test('elsewhere is where the same team decides, and not where few people do', () => {
  const how = (other: CellSums) => readingOf([cell('a', 8), other])?.how;
  expect(how(cell('b', 38, { team: 'support' }))).toBe('looked_at');
  expect(how(cell('b', 38, { who: ['ann', 'bo', 'cy', 'di'] }))).toBe('looked_at');
});

test('of fewer than five people nothing is said of what they catch', () => {
  expect(readingOf([cell('a', 8, { who: ['ann', 'bo'] })])).toEqual({
    reading: 'unknown',
    because: 'hidden',
  });
});

test('a cell is not read as good after an alarm of its own chart, and the cell beside it may be', () => {
  const charts: Charts = {
    teams: new Map([
      ['finance', chart(null)],
      [allTeams, chart(null)],
    ]),
    ofCell: ({ tool }) => chart(tool === 'a' ? window.from + 1 : null, 40),
  };
  const read = (by: ('tool' | 'team')[]) =>
    figuresOf([cell('a', 38), cell('b', 38)], charts, { window, by }).rows.map(({ tool, reading, drift }) => [
      tool,
      reading.because,
      drift.enough && drift.alarms,
    ]);
  expect(read(['tool', 'team'])).toEqual([
    ['a', 'drift_alarm', 1],
    ['b', 'canaries_caught', 0],
  ]);
  expect(read(['team'])).toEqual([[undefined, 'drift_alarm', 1]]);
});

test('that nothing drifts is said from 20 canaries in one chart on, that something does whenever it is so', () => {
  expect(driftOf([])).toEqual({ enough: false, n: 0, needed: 20 });
  expect(driftOf([chart(null, 19), chart(null, 12), undefined])).toEqual({
    enough: false,
    n: 19,
    needed: 20,
  });
  expect(driftOf([chart(null, 20), chart(null, 12)])).toMatchObject({ enough: true, n: 32, alarms: 0 });
  expect(driftOf([chart(5, 4), { ...chart(null, 6), sum: 2 }])).toEqual({
    ...{ enough: true, n: 10, sum: 2, alarms: 1 },
    last_alarm: '1970-01-01T00:00:00.005Z',
  });
});

test('of fewer than five people it is not said whether they drift', () => {
  const { rows } = figuresOf([cell('a', 38, { who: ['ann', 'bo'] })], drift(window.from), {
    window,
    by: ['tool'],
  });
  expect(rows[0]?.drift).toEqual({ enough: false, hidden: 'fewer_than_five_people' });
});
