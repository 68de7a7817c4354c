/** Which numbers of a call are amounts: what caps apply to, and what is summed. */
import { type Cell, wordsOf } from './cells.ts';

/** `value` is NaN for what is called an amount and cannot be read as one. */
export type Amount = { path: string; value: number; currency?: string };

const called = /(^|_)(amount|price|total|subtotal|cost|fee|refund|charge|payment|balance|budget|sum)$/;
/** In cents or the like: capped as the number it is, and not summed as if it were the whole currency. */
const minor = /(^|_)(cents?|pence|minor|minor_units?)$/;
const currencyName = /^(currency|currency_code)$/;

/** The amounts of a call: by their name, or by a currency beside them. */
export function amountsOf(cells: readonly Cell[]): Amount[] {
  const currencies = new Map<string, string>();
  for (const { path, name, value } of cells) {
    if (currencyName.test(wordsOf(name)) && typeof value === 'string')
      currencies.set(parentOf(path), value.toUpperCase());
  }
  return cells.flatMap(({ path, name, value }): Amount[] => {
    const words = wordsOf(name);
    const currency = currencies.get(parentOf(path));
    const small = minor.test(words);
    const named = called.test(words) || small || (words === 'value' && currency !== undefined);
    const number = numberIn(value);
    if (!named || number === undefined) return [];
    return [{ path, value: number, ...(currency === undefined || small ? {} : { currency }) }];
  });
}

const parentOf = (path: string): string => path.slice(0, path.lastIndexOf('/'));

/** The number that a value writes; NaN for a text with digits that is none; undefined where no amount is meant. */
export function numberIn(value: Cell['value']): number | undefined {
  if (typeof value === 'number') return value;
  if (Array.isArray(value))
    return value.some((item) => numberIn(item) !== undefined) ? Number.NaN : undefined;
  if (typeof value !== 'string' || !/\d/.test(value)) return undefined;
  return /^-?(0|[1-9]\d{0,11})(\.\d{1,6})?$/.test(value) ? Number(value) : Number.NaN;
}
