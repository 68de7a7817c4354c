import type { Json } from '@countersign/shared/contracts';

/** Where a value stands in the arguments: object keys and list positions from the outside in. */
export type At = readonly string[];

/** A key that a dotted path could not tell from two keys, or from none. */
const odd = (key: string): boolean => key === '' || /[."]/.test(key);

/**
 * The dotted form that policy and `confirm` use: `items.0.price`. Where a key would make it ambiguous, the list of keys
 * as JSON, so that two places never share a path: an agent could name its arguments so that one edit hit both.
 */
export function pathOf(at: At): string {
  // A path is also the name of a member in drafts, where this one would not be an ordinary name.
  const reserved = at.length === 1 && at[0] === '__proto__';
  return reserved || at.some(odd) ? JSON.stringify(at) : at.join('.');
}

/** The value at a place, own properties only; `undefined` where there is none. */
export function valueAt(args: Json | undefined, at: At): Json | undefined {
  let value = args;
  for (const step of at) {
    if (typeof value !== 'object' || value === null) return undefined;
    if (Array.isArray(value)) value = /^\d+$/.test(step) ? value[Number(step)] : undefined;
    else value = Object.hasOwn(value, step) ? value[step] : undefined;
  }
  return value;
}

/** The value at a dotted path. */
export function valueAtPath(args: Json, path: string): Json | undefined {
  return valueAt(args, path.split('.'));
}
