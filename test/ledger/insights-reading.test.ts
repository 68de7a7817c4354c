/** What a row is read as, from sums like those that the rollups keep. */
import { expect, test } from 'vitest';
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

const drift = (last_alarm: number | null): [string, DriftState][] => [
  ['finance', { sum: 0, n: 80, alarms: last_alarm === null ? 0 : 1, last_alarm }],
];

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
