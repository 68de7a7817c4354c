/** Arguments must mean the same before and after JSON: the reviewer judges JSON, and the tool runs it. */
import type { JsonObject } from '@countersign/shared/contracts';
import { InvalidArgs } from './errors.ts';

/**
 * A copy of the arguments as JSON carries them, so that what is consumed later is what was proposed.
 *
 * Refuses what `JSON.stringify` would quietly change: NaN and infinities, dates, maps and other class instances,
 * functions, symbols, holes and `undefined` in arrays. A property that is `undefined` counts as absent.
 * What JSON can carry but the server does not take (unsafe integers, lone surrogates) the server names itself.
 *
 * @throws {InvalidArgs} naming the place.
 */
export function plainArgs(args: object): JsonObject {
  if (Array.isArray(args)) throw new InvalidArgs('args must be one object with a name for each value.');
  visit(args, 'args', []);
  return JSON.parse(JSON.stringify(args));
}

function visit(value: unknown, path: string, above: object[]): void {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return;
  if (typeof value === 'number') {
    if (Number.isFinite(value)) return;
    throw new InvalidArgs(`${path} is ${value}, which JSON can not carry.`);
  }
  if (typeof value !== 'object')
    throw new InvalidArgs(`${path} is ${typeof value}, which JSON can not carry.`);
  if (above.includes(value)) throw new InvalidArgs(`${path} contains itself.`);
  const within = [...above, value];
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) visit(item, `${path}[${index}]`, within);
    return;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null) {
    throw new InvalidArgs(`${path} is a ${value.constructor?.name ?? 'class instance'}, not a plain object.`);
  }
  if ('toJSON' in value) throw new InvalidArgs(`${path} has a toJSON, which would change it.`);
  for (const [key, item] of Object.entries(value)) {
    if (item !== undefined) visit(item, `${path}.${key}`, within);
  }
}
