/** The friction a tier asks for, verified here and not in the browser (law 6). */

import { canonicalize, type Json, type JsonObject } from '@countersign/shared/canonical';
import { valueAt } from '@countersign/shared/card';
import type { Friction } from '@countersign/shared/policy';

/** A re-typed value arrives as text: `"2400"` confirms 2400. */
function same(actual: Json, given: Json): boolean {
  if (typeof given === 'string' && typeof actual === 'number') return given.trim() === String(actual);
  return canonicalize(actual) === canonicalize(given);
}

/** Paths whose value the reviewer had to confirm and did not, or got wrong. */
export function missingConfirmations(friction: Friction, args: JsonObject, confirm: JsonObject): string[] {
  if (friction.kind === 'none') return [];
  return friction.paths.filter((path) => {
    const actual = valueAt(args, path);
    if (actual === undefined) return false;
    const given = Object.hasOwn(confirm, path) ? confirm[path] : undefined;
    return given === undefined || !same(actual, given);
  });
}
