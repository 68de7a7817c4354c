/** Which of several values stands out from the others. Small samples, so nothing finer than medians. */
import type { Json } from '@countersign/shared/contracts';
import { numberIn } from './amounts.ts';
import { type Cell, wordsOf } from './cells.ts';

/** So many deviations from the median are far. */
const far = 3;
/** Where most are equal any other would be far: what is within half of the median never is. */
const leeway = 0.5;
/** Where at least so many rows, and this share of them, are equal, one that is not is rare. */
const rare = { rows: 4, share: 0.75 };

/** Numbers that name something instead of measuring it. */
const naming = /(^|_)(id|ids|no|number|nr|code|index|ref|reference|version|zip|postcode|year|phone|account)$/;

/** What stands out in one column of like requests: for each row, how; undefined where it does not. */
export function standOut(column: readonly Cell[]): ('far_value' | 'rare_value' | undefined)[] {
  const numbers = column.map(({ name, value }) => (naming.test(wordsOf(name)) ? undefined : numberIn(value)));
  const measured = numbers.filter((number) => number !== undefined && !Number.isNaN(number));
  const isFar = measured.length === column.length ? farFrom(measured as number[]) : column.map(() => false);
  const isRare = rareAmong(column.map(({ value }) => value));
  return column.map((_, row) => (isFar[row] ? 'far_value' : isRare[row] ? 'rare_value' : undefined));
}

/** By the median absolute deviation (1.4826 makes it comparable to a standard deviation). */
function farFrom(values: readonly number[]): boolean[] {
  const middle = median(values);
  const spread = 1.4826 * median(values.map((value) => Math.abs(value - middle)));
  const deviation = Math.max(spread, (leeway * Math.abs(middle)) / far);
  return values.map((value) => Math.abs(value - middle) > far * deviation);
}

function rareAmong(values: readonly Json[]): boolean[] {
  const texts = values.map((value) => JSON.stringify(value));
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  const most = Math.max(0, ...counts.values());
  const dominated = texts.length >= rare.rows && most >= rare.share * texts.length;
  return texts.map((text) => dominated && counts.get(text) !== most);
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  const upper = sorted[half] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[half - 1] ?? 0) + upper) / 2;
}
