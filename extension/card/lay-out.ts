import type { Json, JsonObject } from '@countersign/shared/contracts';
import { type At, labelOf, pathOf, rowAt, rowsBelow, type Shown, shownAt } from '@countersign/shared/plain';
import { type ComparedRow, compareRows } from '../edit/changes.ts';
import { type Table, tableAt } from './table.ts';

/** A line of the payload as it is laid out: a value, a value beside what it was, or a list of things as a table. */
export type LaidRow = ComparedRow & { table?: Table };

/** Names for what was and what is to be. `from` and `to` only where a change is listed: a mail has them too. */
const pairs = [
  ['before', 'after'],
  ['old', 'new'],
  ['old_value', 'new_value'],
  ['oldValue', 'newValue'],
  ['old_string', 'new_string'],
  ['old_text', 'new_text'],
  ['previous', 'current'],
] as const;
const listedPairs = [...pairs, ['from', 'to']] as const;
const changeNames = ['field', 'path', 'key', 'name', 'column', 'property'];

/**
 * The payload by its kinds: what holds a before and an after reads as a difference, a list of like things as a table,
 * everything else as one line a value. Every value of the arguments is in it.
 */
export function layOut(args: JsonObject, language: string): LaidRow[] {
  const walk = (at: At, value: Json): LaidRow[] => {
    if (typeof value !== 'object' || value === null) return [rowAt(args, at, language)];
    const key = at.at(-1) ?? '';
    if (/^(changes|updates|diff|edits)$/i.test(key)) {
      const listed = listedChanges(args, at, value, language);
      if (listed) return listed;
    }
    if (Array.isArray(value)) {
      const table = tableAt(args, at, value, language);
      if (table) return [{ at, path: pathOf(at), labels: at.map(labelOf), shown: asJson(value), table }];
      if (!value.some((item) => typeof item === 'object' && item !== null))
        return rowsBelow(args, at, value, language);
      return value.flatMap((item, i) => walk([...at, String(i)], item));
    }
    const entries = Object.entries(value);
    if (entries.length === 0) return [rowAt(args, at, language)];
    return members(at, value, entries);
  };
  const members = (at: At, value: JsonObject, entries: [string, Json][]): LaidRow[] => {
    const pair = pairIn(value, pairs);
    return entries.flatMap(([key, inner]) => {
      if (pair && key === pair[0]) return [];
      if (pair && key === pair[1]) return differences(args, at, pair, value, at.map(labelOf), language);
      return walk([...at, key], inner);
    });
  };
  return members([], args, Object.entries(args));
}

type Pair = readonly [string, string];

function pairIn(value: JsonObject, names: readonly Pair[]): Pair | undefined {
  return names.find(
    ([old, now]) => Object.hasOwn(value, old) && Object.hasOwn(value, now) && alike(value[old], value[now]),
  );
}

/** Both are objects, or neither is: anything else is no change of one thing. */
function alike(old: Json | undefined, now: Json | undefined): boolean {
  return isObject(old) === isObject(now) && !hasObjects(old) && !hasObjects(now);
}

/** The lines of a pair: member by member for objects, one line for anything else. */
function differences(
  args: JsonObject,
  at: At,
  pair: Pair,
  value: JsonObject,
  labels: string[],
  language: string,
): LaidRow[] {
  const [oldKey, nowKey] = pair;
  const old = value[oldKey];
  const now = value[nowKey];
  if (isObject(old) && isObject(now)) {
    return compareRows(now, old, language).map((row) => {
      const place = [...at, row.gone ? oldKey : nowKey, ...row.at];
      return { ...row, at: place, path: pathOf(place), labels: [...labels, ...row.labels] };
    });
  }
  const place = [...at, nowKey];
  const shown = shownAt(args, place, language);
  const before = shownAt(args, [...at, oldKey], language);
  const row = {
    at: place,
    path: pathOf(place),
    labels: labels.length > 0 ? labels : [labelOf(nowKey)],
    shown,
  };
  return [
    JSON.stringify(before) === JSON.stringify(shown)
      ? { ...row, labels: [...labels, labelOf(oldKey), labelOf(nowKey)] }
      : { ...row, before },
  ];
}

/** `changes: [{field, from, to}]` and `changes: {field: {from, to}}`, if every member is one. */
function listedChanges(
  args: JsonObject,
  at: At,
  value: Json[] | JsonObject,
  language: string,
): LaidRow[] | undefined {
  const rows: LaidRow[] = [];
  for (const [key, item] of Object.entries(value)) {
    if (!isObject(item)) return undefined;
    const pair = pairIn(item, listedPairs);
    const others = Object.keys(item).filter((name) => !pair?.includes(name));
    if (!pair) return undefined;
    const [name] = others;
    const named = name === undefined ? undefined : item[name];
    if (Array.isArray(value)) {
      if (
        others.length !== 1 ||
        name === undefined ||
        !changeNames.includes(name) ||
        typeof named !== 'string'
      )
        return undefined;
    } else if (others.length > 0) return undefined;
    const label = Array.isArray(value) ? String(named) : labelOf(key);
    rows.push(...differences(args, [...at, key], pair, item, [...at.map(labelOf), label], language));
  }
  return rows.length > 0 ? rows : undefined;
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function hasObjects(value: Json | undefined): boolean {
  return Array.isArray(value) && value.some((item) => typeof item === 'object' && item !== null);
}

function asJson(value: Json): Shown {
  return { kind: 'text', text: JSON.stringify(value) };
}
