/** What a canary is given that its source had, so that it does not give itself away: names, and no days that have gone. */
import { decodeTime } from 'ulid';
import { expect, test } from 'vitest';
import { namesItsTime } from '../../../services/intake/canaries/dated.ts';
import { freshId } from '../../../services/intake/canaries/fresh-id.ts';

const now = Date.parse('2026-11-22T10:00:00Z');
/** Draws these numbers, then begins again. */
function drawing(...numbers: number[]): () => number {
  let at = 0;
  return () => numbers[at++ % numbers.length] ?? 0;
}
const fresh = (...known: string[]) => freshId(known, now, drawing(0.1, 0.42, 0.77, 0.93, 0.3));

test('a name by chance gets other letters and digits of the same kind', () => {
  expect(fresh('run-8f3a77', 'run-0b12cd')).toMatch(/^run-[0-9a-f]{6}$/);
  expect(fresh('call_Xk29aQz7')).toMatch(/^call_[0-9a-zA-Z]{8}$/);
  expect(fresh('RUN8F3A77')).toMatch(/^[0-9A-Z]{9}$/);
  expect(fresh('run-8f3a77')).not.toBe('run-8f3a77');
});

test('one that begins with a time begins with the time of now', () => {
  expect(fresh('r/7b2f3c9e-1d40-4c1b-9f3e-0a1b2c3d4e5f')).toMatch(
    /^r\/[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-9[0-9a-f]{3}-[0-9a-f]{12}$/,
  );
  const seventh = fresh('018f3c9e-1d40-7c1b-9f3e-0a1b2c3d4e5f')?.replaceAll('-', '') ?? '';
  expect(Number.parseInt(seventh.slice(0, 12), 16)).toBe(now);
  const sorted = fresh('run_01J8Z3K4M5N6P7Q8R9S0T1V2W3') ?? '';
  expect(sorted).toMatch(/^run_01[0-9A-Z]{24}$/);
  expect(decodeTime(sorted.slice(4))).toBe(now);
});

test('what counts up, says a day, or is of several makes can not be made up', () => {
  for (const known of [
    ['run-91001'],
    ['2026-11-22-0007'],
    ['nightly'],
    ['run-8f3a77', 'job-8f3a77'],
    ['run-8f3a77', 'run-8f3a7'],
    ['6b2f3c9e-1d40-1c1b-9f3e-0a1b2c3d4e5f'],
  ])
    expect(fresh(...known), known.join()).toBeUndefined();
});

test('a call that says when it was made can not be told again', () => {
  const written = Date.parse('2026-11-05T09:00:00Z');
  for (const text of [
    'Ordered on 2026-11-03.',
    'Due 2026-11-20T08:00:00Z.',
    `{"at":${written + 5}}`,
    `{"at":${written / 1000}}`,
    'From 2026-11-05T11:00:00+02:00.',
  ])
    expect(namesItsTime(text, written, now), text).toBe(true);
  for (const text of [
    'Born on 1974-11-03.',
    'Due 2027-01-20.',
    'Order 1500000000.',
    'C-2026-11-030.',
    'at noon',
  ])
    expect(namesItsTime(text, written, now), text).toBe(false);
});
