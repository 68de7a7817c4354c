import type { Json, JsonObject } from '@countersign/shared/contracts';
import { type At, pathOf, valueAt } from './at.ts';
import { labelOf } from './label.ts';
import { moneyAt } from './money.ts';

/** A value as a person reads it. */
export type Shown =
  | { kind: 'text'; text: string }
  | { kind: 'number'; text: string }
  | { kind: 'money'; text: string }
  /** A day or an instant; `raw` is what stands in the arguments. */
  | { kind: 'date'; text: string; raw: string }
  | { kind: 'flag'; on: boolean }
  | { kind: 'list'; items: string[] }
  /** null, an empty string, an empty list or an empty object: all of them are said, none is left blank. */
  | { kind: 'nothing'; what: 'null' | 'text' | 'list' | 'object' };

/** A line of the payload. Nested values keep their way in as labels: Customer › Address › City. */
export type PayloadRow = { at: At; path: string; labels: string[]; shown: Shown };

/** Every value in the arguments, in their own order, one line each. */
export function rowsOf(args: JsonObject, language: string): PayloadRow[] {
  const rows: PayloadRow[] = [];
  const walk = (value: Json, at: At) => {
    if (typeof value === 'object' && value !== null && !isPlainList(value)) {
      const entries = Object.entries(value);
      if (entries.length > 0) {
        for (const [key, inner] of entries) walk(inner, [...at, key]);
        return;
      }
    }
    rows.push({ at, path: pathOf(at), labels: at.map(labelOf), shown: shownAt(args, at, language) });
  };
  for (const [key, value] of Object.entries(args)) walk(value, [key]);
  return rows;
}

/** The value at a place as a person reads it. */
export function shownAt(args: JsonObject, at: At, language: string): Shown {
  const value = valueAt(args, at);
  const money = moneyAt(args, at, language);
  if (money) return { kind: 'money', text: money.text };
  if (value === null || value === undefined) return { kind: 'nothing', what: 'null' };
  if (typeof value === 'boolean') return { kind: 'flag', on: value };
  if (typeof value === 'number') return { kind: 'number', text: String(value) };
  if (typeof value === 'string') return shownText(value, language);
  if (Object.keys(value).length === 0)
    return { kind: 'nothing', what: Array.isArray(value) ? 'list' : 'object' };
  if (isPlainList(value)) return { kind: 'list', items: value.map(String) };
  return { kind: 'text', text: JSON.stringify(value) };
}

/** A list of texts, numbers and flags is one line; a list that holds more is walked into. */
function isPlainList(value: object): value is Json[] {
  return Array.isArray(value) && value.every((item) => typeof item !== 'object' || item === null);
}

function shownText(text: string, language: string): Shown {
  if (text === '') return { kind: 'nothing', what: 'text' };
  const day = /^\d{4}-\d{2}-\d{2}$/.test(text);
  const instant = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/.test(text);
  if (!day && !instant) return { kind: 'text', text };
  const date = new Date(text);
  // 2026-02-31 is text that looks like a day: shown as it stands.
  if (Number.isNaN(date.getTime()) || (day && !date.toISOString().startsWith(text)))
    return { kind: 'text', text };
  const format = day
    ? new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeZone: 'UTC' })
    : new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short' });
  return { kind: 'date', text: format.format(date), raw: text };
}
