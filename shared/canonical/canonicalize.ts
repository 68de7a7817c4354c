import serialize from 'canonicalize';
import { checkJson, type Json, type JsonObject } from './json.ts';

/**
 * The canonical text of a JSON value: RFC 8785 (JCS), sorted keys, no white space, shortest numbers. Equal
 * values have equal texts, and parsing the text gives the value back.
 *
 * @throws TypeError for what `parseStrict` would refuse (unsafe integers, `-0`, lone surrogates, …) and for
 * what is not JSON at all: values from outside are parsed strictly first, so this is a bug in the caller
 */
export function canonicalize(value: Json): string {
  const check = checkJson(value);
  if (!check.ok) throw new TypeError(`${check.code}: ${check.message}`);
  return canonicalizeParsed(value);
}

/** The same for (a part of) what `parseStrict` gave, which has been checked: for whoever does this at every call. */
export function canonicalizeParsed(value: Json): string {
  // RFC 8785 writes numbers and strings as JSON.stringify does, so only the order of keys is left. Where an object can
  // hold them in order the engine writes the text, at half of what it costs the library.
  const ordered = inOrder(value);
  const text = ordered === undefined ? serialize(value) : JSON.stringify(ordered);
  if (text === undefined) throw new TypeError('not_json: nothing to serialize');
  return text;
}

/** The value with all keys in canonical order; undefined where an object would put them in another. */
function inOrder(value: Json): Json | undefined {
  if (typeof value !== 'object' || value === null) return value;
  return Array.isArray(value) ? itemsInOrder(value) : membersInOrder(value);
}

function itemsInOrder(items: Json[]): Json[] | undefined {
  const ordered: Json[] = [];
  for (const item of items) {
    const each = inOrder(item);
    if (each === undefined) return undefined;
    ordered.push(each);
  }
  return ordered;
}

function membersInOrder(object: JsonObject): JsonObject | undefined {
  const ordered: JsonObject = {};
  for (const name of Object.keys(object).sort()) {
    const value = keepsNoPlace(name) ? undefined : inOrder(object[name] as Json);
    if (value === undefined) return undefined;
    ordered[name] = value;
  }
  return ordered;
}

/** Keys such as `10` come first in every object, by their number; `__proto__` is not set as others are. */
function keepsNoPlace(name: string): boolean {
  const first = name.charCodeAt(0);
  return (first >= 0x30 && first <= 0x39) || name === '__proto__';
}
