/** The page on oversight says what the figures do. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  BUSY,
  CATCH_DRIFT,
  CAUGHT,
  FASTEST_WORDS_A_MINUTE,
  LEAST,
  NEARLY_ALL,
  OFTEN_TOO_FAST,
  rateOf,
  zeroBadBound,
} from '@countersign/shared/figures';
import { expect, test } from 'vitest';
import { ROOT } from '../support/sources.ts';

const page = readFileSync(join(ROOT, 'docs/oversight.md'), 'utf8');

/** The cells of the row of the first table that is about a figure. */
function row(figure: string): { how: string; read: string; least: string } {
  const line = page.split('\n').find((text) => text.startsWith(`| ${figure} |`));
  const [, , how = '', read = '', least = ''] = (line ?? '').split('|').map((cell) => cell.trim());
  return { how, read, least };
}

const percent = (share: number): string => `${Math.round(100 * share)}%`;

test('the least n of each figure', () => {
  expect(row('approval rate').least).toBe(
    `${LEAST.approval} to be shown, ${LEAST.suggestion} for a suggestion`,
  );
  expect(row('too fast to have read').least).toBe(`${LEAST.tooFast}`);
  expect(row('catch rate').least).toBe(
    `${LEAST.catchTeam} for a team, ${LEAST.catchPerson} for a person's own`,
  );
  expect(row('repeats').least).toBe(`${LEAST.repeats}`);
  expect(row('load').least).toBe(`${LEAST.load} hours`);
  expect(row('drift over a session').least).toContain(`${LEAST.tooFast}`);
});

test('the thresholds', () => {
  expect(row('approval rate').read).toContain(`lower end of ${percent(NEARLY_ALL)}`);
  expect(row('too fast to have read').how).toContain(`${FASTEST_WORDS_A_MINUTE} a minute`);
  expect(row('load').read).toContain(percent(BUSY));
  const { miss, hit, alarm } = CATCH_DRIFT;
  expect(row('drift').how).toContain(`+${miss} a miss, −${-hit} a catch, alarm at ${alarm}`);
  expect(page).toContain(`excludes ${percent(CAUGHT.bad)} and not ${percent(CAUGHT.good)}`);
  expect(page).toContain(`more than ${percent(OFTEN_TOO_FAST)} of approvals`);
});

test('the examples', () => {
  const shown = (k: number, n: number): string => {
    const rate = rateOf({ k, n }, 1);
    expect.assert(rate.enough);
    return `${k} of ${n} is ${[rate.low, rate.high].map((end) => Number((100 * end).toFixed(n < 100 ? 0 : 1))).join('–')}%`;
  };
  expect(row('approval rate').read).toContain(shown(214, 214));
  expect(row('catch rate').read).toContain(shown(17, 20));
  expect([29, 59, 299].map((n) => percent(zeroBadBound(n)))).toEqual(['10%', '5%', '1%']);
});
