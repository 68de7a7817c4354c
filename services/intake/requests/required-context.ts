/** A13: what a tier or rule wants to know before a person is asked. */
import type { Propose } from '@countersign/shared/contracts';

/** Blank text, an empty list and an absent value all tell a reviewer nothing. */
function saysSomething(value: unknown): boolean {
  if (value === undefined || value === null) return false;
  if (typeof value === 'string') return value.trim() !== '';
  return !Array.isArray(value) || value.length > 0;
}

/** The names in `requires` (dotted paths into the proposal, such as `preview.affected`) that the body leaves open. */
export function missingContext(requires: readonly string[], body: Propose): string[] {
  return requires.filter((path) => {
    let value: unknown = body;
    for (const key of path.split('.')) {
      if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return true;
      value = (value as Record<string, unknown>)[key];
    }
    return !saysSomething(value);
  });
}
