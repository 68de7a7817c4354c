import type { Json, JsonObject } from '@countersign/shared/contracts';
import { addressesAt } from './address.ts';
import { type At, pathOf, valueAt } from './at.ts';
import { type CodeLanguage, codeLanguage } from './code.ts';
import { labelOf } from './label.ts';
import { moneyAt } from './money.ts';
import { type WebAddress, webAddress } from './web-address.ts';
import { type When, whenOf } from './when.ts';

/** A value as a person reads it. */
export type Shown =
  | { kind: 'text'; text: string }
  | { kind: 'number'; text: string }
  | { kind: 'money'; text: string }
  /** A day or an instant; `raw` is what stands in the arguments. */
  | { kind: 'date'; when: When; raw: string }
  | { kind: 'code'; language: CodeLanguage; text: string }
  | { kind: 'link'; address: WebAddress; text: string }
  /** E-mail addresses, each as it stands there. */
  | { kind: 'addresses'; items: string[] }
  | { kind: 'flag'; on: boolean }
  | { kind: 'list'; items: string[] }
  /** null, an empty string, an empty list or an empty object: all of them are said, none is left blank. */
  | { kind: 'nothing'; what: 'null' | 'text' | 'list' | 'object' };

/** A line of the payload. Nested values keep their way in as labels: Customer › Address › City. */
export type PayloadRow = { at: At; path: string; labels: string[]; shown: Shown };

/** Every value in the arguments, in their own order, one line each. */
export function rowsOf(args: JsonObject, language: string): PayloadRow[] {
  return Object.entries(args).flatMap(([key, value]) => rowsBelow(args, [key], value, language));
}

/** The lines of the value at one place. */
export function rowsBelow(args: JsonObject, at: At, value: Json, language: string): PayloadRow[] {
  if (typeof value === 'object' && value !== null && !isPlainList(value)) {
    const entries = Object.entries(value);
    if (entries.length > 0)
      return entries.flatMap(([key, inner]) => rowsBelow(args, [...at, key], inner, language));
  }
  return [rowAt(args, at, language)];
}

/** One line for the value at a place. */
export function rowAt(args: JsonObject, at: At, language: string): PayloadRow {
  return { at, path: pathOf(at), labels: at.map(labelOf), shown: shownAt(args, at, language) };
}

/** The value at a place as a person reads it. */
export function shownAt(args: JsonObject, at: At, language: string): Shown {
  const value = valueAt(args, at);
  const money = moneyAt(args, at, language);
  if (money) return { kind: 'money', text: money.text };
  if (value === null || value === undefined) return { kind: 'nothing', what: 'null' };
  if (typeof value === 'boolean') return { kind: 'flag', on: value };
  if (typeof value === 'number') return { kind: 'number', text: String(value) };
  const addresses = addressesAt(at, value);
  if (addresses) return { kind: 'addresses', items: addresses };
  if (typeof value === 'string') return shownText(value, at.at(-1) ?? '');
  if (Object.keys(value).length === 0)
    return { kind: 'nothing', what: Array.isArray(value) ? 'list' : 'object' };
  if (isPlainList(value)) return { kind: 'list', items: value.map(String) };
  return { kind: 'text', text: JSON.stringify(value) };
}

/** A list of texts, numbers and flags is one line; a list that holds more is walked into. */
export function isPlainList(value: object): value is Json[] {
  return Array.isArray(value) && value.every((item) => typeof item !== 'object' || item === null);
}

function shownText(text: string, key: string): Shown {
  if (text === '') return { kind: 'nothing', what: 'text' };
  const when = whenOf(text);
  if (when) return { kind: 'date', when, raw: text };
  const code = codeLanguage(key, text);
  if (code) return { kind: 'code', language: code, text };
  const address = webAddress(text);
  return address ? { kind: 'link', address, text } : { kind: 'text', text };
}
