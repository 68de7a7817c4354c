import type { Json } from '@countersign/shared/contracts';

/** Where a value stands in the arguments: object keys and list positions from the outside in. */
export type At = readonly string[];

/** The dotted form that policy and `confirm` use: `items.0.price`. */
export function pathOf(at: At): string {
  return at.join('.');
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
