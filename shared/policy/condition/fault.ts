/** Why a condition has no answer. A value, not an exception: it is an expected end of an evaluation. */
import type { Json } from '../../contracts/index.ts';

/**
 * The answer of an expression that could not be evaluated. `reason` names paths and kinds of values, never
 * a value itself: it is shown, kept and logged where arguments may not be.
 */
export class Fault {
  readonly reason: string;

  constructor(reason: string) {
    this.reason = reason;
  }
}

/** What a value is, in the words of policy authors, with its article. */
export function kindOf(value: Json): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'string') return 'a text';
  if (typeof value === 'number') return 'a number';
  return typeof value === 'boolean' ? 'a boolean' : 'an object';
}
