/** The arguments of a call as single values, each with its place, so that calls can be held against each other. */
import type { Json, JsonObject } from '@countersign/shared/contracts';

/** `path` is a JSON Pointer (RFC 6901). A list of plain values is one value; a list that holds more is walked into. */
export type Cell = { path: string; name: string; value: Json };

const token = (key: string): string => key.replaceAll('~', '~0').replaceAll('/', '~1');

/** Every value in the arguments, in their own order. `name` is the innermost key that is not a list's position. */
export function cellsOf(args: JsonObject): Cell[] {
  const cells: Cell[] = [];
  const walk = (value: Json, path: string, name: string): void => {
    const entries = typeof value === 'object' && value !== null ? Object.entries(value) : [];
    if (entries.length === 0 || (Array.isArray(value) && value.every(isPlain))) {
      cells.push({ path, name, value });
      return;
    }
    for (const [key, inner] of entries)
      walk(inner, `${path}/${token(key)}`, Array.isArray(value) ? name : key);
  };
  for (const [key, value] of Object.entries(args)) walk(value, `/${token(key)}`, key);
  return cells;
}

function isPlain(value: Json): boolean {
  return typeof value !== 'object' || value === null;
}

/** The same for arguments that have the same places with the same kinds of values in them. */
export function shapeOf(cells: readonly Cell[]): string {
  return JSON.stringify(cells.map(({ path, value }) => [path, kindOf(value)]).sort());
}

function kindOf(value: Json): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'list' : typeof value;
}

/** A key's words, in small letters: `orderId`, `order-id` and `order_id` are all `order_id`. */
export function wordsOf(name: string): string {
  return name
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replaceAll(/[^A-Za-z0-9]+/g, '_')
    .toLowerCase();
}
