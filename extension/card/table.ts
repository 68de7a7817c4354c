import type { Json, JsonObject } from '@countersign/shared/contracts';
import {
  type At,
  currencyPlace,
  labelOf,
  moneyAt,
  pathOf,
  type Shown,
  shownAt,
  valueAt,
} from '@countersign/shared/plain';

/** A list of like things: one line a thing, one column a member. */
export type Table = {
  columns: { key: string; label: string; numeric: boolean }[];
  /** A cell is null where a thing has no such member. */
  rows: (Cell | null)[][];
  /** The sum of each column of money in one currency, null elsewhere; undefined where no column has one. */
  totals?: (string | null)[];
};
export type Cell = { at: At; path: string; shown: Shown };

/** More columns than this are no table on a popup. */
const mostColumns = 6;
/** A longer text in a cell would make the table unreadable. */
const longestCell = 200;

/** The list at a place as a table, if it holds two or more objects of plain values. */
export function tableAt(args: JsonObject, at: At, list: Json[], language: string): Table | undefined {
  if (list.length < 2 || !list.every(isPlainObject)) return undefined;
  const keys = [...new Set(list.flatMap((item) => Object.keys(item)))];
  if (keys.length === 0 || keys.length > mostColumns) return undefined;
  const rows = list.map((item, i) =>
    keys.map((key): Cell | null => {
      if (!Object.hasOwn(item, key)) return null;
      const place = [...at, String(i), key];
      return { at: place, path: pathOf(place), shown: shownAt(args, place, language) };
    }),
  );
  const columns = keys.map((key, column) => ({
    key,
    label: labelOf(key),
    numeric: rows.every((row) => {
      const kind = row[column]?.shown.kind;
      return kind === undefined || kind === 'number' || kind === 'money';
    }),
  }));
  const totals = keys.map((key) => totalOf(args, at, list.length, key, language));
  return { columns, rows, ...(totals.some((total) => total !== null) ? { totals } : {}) };
}

/** The exact sum of a column whose values are all money in one and the same currency. */
function totalOf(args: JsonObject, at: At, count: number, key: string, language: string): string | null {
  const places = Array.from({ length: count }, (_, i) => [...at, String(i), key]);
  const amounts = places.map((place) => moneyAt(args, place, language));
  const currency = amounts[0]?.currency;
  if (currency === undefined || amounts.some((money) => money?.currency !== currency)) return null;
  const texts = places.map((place) => String(valueAt(args, place)));
  if (!texts.every((text) => /^-?\d+(\.\d+)?$/.test(text))) return null;
  const decimals = Math.max(...texts.map((text) => text.split('.')[1]?.length ?? 0));
  const sum = texts.reduce((total, text) => total + scaled(text, decimals), 0n);
  const amount = Number(sum) / 10 ** decimals;
  // What a double can not hold exactly is not shown as if it were exact.
  if (sum > 2n ** 53n || sum < -(2n ** 53n)) return null;
  const name = places[0] && currencyPlace(args, places[0]) ? key : null;
  return name === null ? null : (moneyAt({ [name]: amount, currency }, [name], language)?.text ?? null);
}

function scaled(text: string, decimals: number): bigint {
  const [whole = '0', part = ''] = text.split('.');
  return BigInt(whole + part.padEnd(decimals, '0'));
}

function isPlainObject(item: Json): item is JsonObject {
  if (typeof item !== 'object' || item === null || Array.isArray(item)) return false;
  return Object.values(item).every(
    (value) =>
      (typeof value !== 'object' || value === null) &&
      !(typeof value === 'string' && value.length > longestCell),
  );
}
