import type { Json, JsonObject } from '@countersign/shared/contracts';
import type { At } from '@countersign/shared/plain';
import { type Field, textOf } from './fields.ts';

/** Why a box can not be read as its type. */
export type Misfit = 'number' | 'integer' | 'too_large' | 'json' | 'choice' | 'empty';

/** A box read back: its value (`undefined` leaves the field away), or why not. */
export type Read = { ok: true; value: Json | undefined } | { ok: false; misfit: Misfit };

/** Reads a box as the field's type. `1,000` is refused rather than guessed at: it is a thousand here, one there. */
export function read(field: Field, text: string): Read {
  switch (field.kind) {
    case 'text':
      return text === '' && field.absent ? { ok: true, value: undefined } : { ok: true, value: text };
    case 'number':
    case 'integer':
      if (text.trim() === '')
        return field.absent ? { ok: true, value: undefined } : { ok: false, misfit: 'empty' };
      return readNumber(text, field.kind === 'integer');
    case 'flag':
      if (text === '') return field.absent ? { ok: true, value: undefined } : { ok: false, misfit: 'empty' };
      return { ok: true, value: text === 'true' };
    case 'choice': {
      if (text === '' && field.absent) return { ok: true, value: undefined };
      const choice = field.choices.find((candidate) => String(candidate) === text);
      return choice === undefined ? { ok: false, misfit: 'choice' } : { ok: true, value: choice };
    }
    case 'list':
      return readList(field, text);
    case 'json':
      return readJson(field, text);
  }
}

function readNumber(text: string, whole: boolean): Read {
  const written = text.trim();
  if (!/^-?(0|[1-9]\d*)(\.\d+)?$/.test(written)) return { ok: false, misfit: 'number' };
  const value = Number(written);
  if (Math.abs(value) > Number.MAX_SAFE_INTEGER) return { ok: false, misfit: 'too_large' };
  if (whole && !Number.isInteger(value)) return { ok: false, misfit: 'integer' };
  return { ok: true, value: value === 0 ? 0 : value };
}

function readList(field: Field, text: string): Read {
  const lines = text.split('\n').map((line) => line.trim());
  const filled = lines.filter((line) => line !== '');
  if (field.items === 'text') return { ok: true, value: filled };
  const values: Json[] = [];
  for (const line of filled) {
    const item = readNumber(line, false);
    if (!item.ok) return item;
    if (item.value !== undefined) values.push(item.value);
  }
  return { ok: true, value: values };
}

function readJson(field: Field, text: string): Read {
  if (text.trim() === '')
    return field.absent ? { ok: true, value: undefined } : { ok: false, misfit: 'json' };
  try {
    return { ok: true, value: JSON.parse(text) };
  } catch {
    return { ok: false, misfit: 'json' };
  }
}

/** The edited arguments and what is wrong with them, by path. Untouched fields keep the very value they had. */
export type Edited = { args: JsonObject; misfits: Record<string, Misfit>; touched: string[] };

/**
 * Puts what was typed into the arguments. A field whose text is what it started with counts as untouched, and a
 * field that policy fixes is never changed, whatever a draft says.
 */
export function applyEdits(args: JsonObject, fields: Field[], edits: Record<string, string>): Edited {
  let edited = args;
  const misfits: Record<string, Misfit> = {};
  const touched: string[] = [];
  for (const field of fields) {
    const text = edits[field.path];
    if (text === undefined || !field.editable || text === textOf(field, args)) continue;
    touched.push(field.path);
    const result = read(field, text);
    if (!result.ok) misfits[field.path] = result.misfit;
    else if (result.value !== undefined) edited = put(edited, field.at, result.value);
  }
  return { args: edited, misfits, touched };
}

/** A copy of the arguments with one value replaced; the rest is shared. */
function put(args: JsonObject, at: At, value: Json): JsonObject {
  const [key, ...rest] = at;
  if (key === undefined) return args;
  const inner = Object.hasOwn(args, key) ? args[key] : undefined;
  const next =
    rest.length === 0 || typeof inner !== 'object' || inner === null || Array.isArray(inner)
      ? value
      : put(inner, rest, value);
  // Built from entries because assignment would lose a key called __proto__.
  const entries = Object.entries(args).map(([name, old]) => [name, name === key ? next : old] as const);
  return Object.fromEntries(inner === undefined ? [...entries, [key, next]] : entries);
}
