/** `--since`: a moment, or how long ago it was. */
import { whenOf } from '@countersign/shared/plain';
import { parseDuration } from '@countersign/shared/policy';

/**
 * Milliseconds since 1970 of a day (from its UTC midnight), of an instant with its offset, or of so long before `now`
 * (`90s`, `30m`, `2h`, `3d`). Undefined for anything else.
 *
 * @param now milliseconds since 1970
 */
export function sinceOf(text: string, now: number): number | undefined {
  // A bare number would be seconds, which is what nobody means who writes 2026.
  const ago = /[a-z]$/.test(text) ? parseDuration(text) : undefined;
  return typeof ago === 'number' ? now - ago : whenOf(text)?.at;
}
