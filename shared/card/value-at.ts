/** Reading a value by its dotted path. */
import type { Json } from '../contracts/index.ts';

/**
 * The value at a dotted path such as `customer.email` or `items.0.price`, or undefined. Own properties and
 * list positions only: `constructor` and `length` are as absent as anything else that was not sent.
 */
export function valueAt(value: Json, path: string): Json | undefined {
  let current: Json | undefined = value;
  for (const key of path.split('.')) {
    if (typeof current !== 'object' || current === null) return undefined;
    if (Array.isArray(current)) {
      current = /^\d+$/.test(key) ? current[Number(key)] : undefined;
    } else {
      current = Object.hasOwn(current, key) ? current[key] : undefined;
    }
  }
  return current;
}
