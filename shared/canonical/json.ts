/** A value that JSON can carry and RFC 8785 can canonicalize. */
export type Json = null | boolean | number | string | Json[] | JsonObject;
export type JsonObject = { [key: string]: Json };

/** How deeply arrays and objects may nest: `[[1]]` is two deep. */
export const MAX_DEPTH = 64;

/** Why a value, although perhaps grammatical JSON, has no canonical form that everyone would agree on. */
export type ValueCode =
  | 'unsafe_integer'
  | 'negative_zero'
  | 'non_finite'
  | 'lone_surrogate'
  | 'too_deep'
  | 'not_json';

/** `keys` counts the members of all objects inside; `message` is a sentence that names the place. */
export type JsonCheck =
  | { ok: true; value: Json; keys: number }
  | { ok: false; code: ValueCode; message: string };

/**
 * Whether a value is JSON that survives canonicalization unchanged: plain objects, arrays, strings without
 * lone surrogates, finite numbers that a double holds exactly where they are whole, at most
 * {@link MAX_DEPTH} deep. `undefined`, dates, maps and the like are `not_json`: they would silently be
 * dropped or changed, and then the digest would not be that of what was meant.
 */
export function checkJson(value: unknown): JsonCheck {
  const result = walk(value, 0);
  if (typeof result !== 'number') {
    return { ok: false, code: result.code, message: `${SENTENCES[result.code]} (at ${place(result.path)}).` };
  }
  // The walk has just looked at every part of it.
  return { ok: true, value: value as Json, keys: result };
}

const SENTENCES: Record<ValueCode, string> = {
  unsafe_integer: 'A whole number lies outside ±(2^53 − 1), where numbers lose digits; send it as a string',
  negative_zero: 'A number is negative zero, which has no canonical form; send 0',
  non_finite: 'A number is too large for a double, infinite or not a number',
  lone_surrogate: 'A string holds half of a surrogate pair, which is not valid Unicode',
  too_deep: `Arrays and objects nest more than ${MAX_DEPTH} deep`,
  not_json: 'A value is not plain JSON (null, boolean, number, string, array or plain object)',
};

type Problem = { code: ValueCode; path: (string | number)[] };

/** Counts keys, or finds the first problem; the path is gathered on the way back up, so only failures pay. */
function walk(value: unknown, depth: number): number | Problem {
  switch (typeof value) {
    case 'string':
      return value.isWellFormed() ? 0 : problem('lone_surrogate');
    case 'number':
      return numberProblem(value) ?? 0;
    case 'boolean':
      return 0;
    case 'object':
      if (value === null) return 0;
      if (depth === MAX_DEPTH) return problem('too_deep');
      if (Array.isArray(value)) return walkArray(value, depth + 1);
      return isPlain(value) ? walkObject(value, depth + 1) : problem('not_json');
    default:
      return problem('not_json');
  }
}

function walkArray(array: readonly unknown[], depth: number): number | Problem {
  let keys = 0;
  for (let index = 0; index < array.length; index++) {
    const found = walk(array[index], depth);
    if (typeof found !== 'number') return within(index, found);
    keys += found;
  }
  return keys;
}

function walkObject(object: object, depth: number): number | Problem {
  const entries = object as Record<string, unknown>;
  const names = Object.keys(object);
  let keys = names.length;
  for (const name of names) {
    const found = name.isWellFormed() ? walk(entries[name], depth) : problem('lone_surrogate');
    if (typeof found !== 'number') return within(name, found);
    keys += found;
  }
  return keys;
}

/**
 * Looks at the double, not at its spelling: a whole number outside the range is at least 2^53 as a double
 * in every notation, and every double of that size is whole.
 */
function numberProblem(value: number): Problem | undefined {
  if (!Number.isFinite(value)) return problem('non_finite');
  if (Math.abs(value) > Number.MAX_SAFE_INTEGER) return problem('unsafe_integer');
  if (Object.is(value, -0)) return problem('negative_zero');
  return undefined;
}

/** A plain object's prototype is null or an `Object.prototype`, that of another realm included. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function problem(code: ValueCode): Problem {
  return { code, path: [] };
}

function within(step: string | number, found: Problem): Problem {
  found.path.push(step);
  return found;
}

/** `$.items[2]["odd key"]`; the steps come innermost first. Long or odd keys are cut and escaped. */
function place(path: readonly (string | number)[]): string {
  let text = '$';
  for (const step of path.toReversed()) {
    if (typeof step === 'number') text += `[${step}]`;
    else if (/^[A-Za-z_]\w{0,39}$/.test(step)) text += `.${step}`;
    else text += `[${quoteKey(step)}]`;
  }
  return text.length <= 200 ? text : `${text.slice(0, 200)}…`;
}

/** A key for a message: quoted, escaped to printable ASCII and at most 40 characters of it. */
export function quoteKey(key: string): string {
  const escaped = JSON.stringify(key.slice(0, 40)).replace(
    /[^ -~]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return key.length > 40 ? `${escaped}…` : escaped;
}
