import type { Json, JsonObject, RequestView } from '@countersign/shared/contracts';
import { valueAtPath } from '@countersign/shared/plain';

/** What a reviewer has ticked or typed, by path. */
export type Confirmations = { ticked: Record<string, boolean>; typed: Record<string, string> };

export const noConfirmations: Confirmations = { ticked: {}, typed: {} };

type Friction = RequestView['friction'];

/** The paths that still want a tick or a value. Empty means that the button may act. */
export function unconfirmed(friction: Friction, args: JsonObject, given: Confirmations): string[] {
  return friction.paths.filter((path) => !isConfirmed(friction, args, given, path));
}

export function isConfirmed(
  friction: Friction,
  args: JsonObject,
  given: Confirmations,
  path: string,
): boolean {
  // An edit can leave nothing at a path; the server asks for nothing there either.
  if (valueAtPath(args, path) === undefined) return true;
  if (friction.kind === 'acknowledge') return given.ticked[path] === true;
  if (friction.kind === 'retype') return matches(given.typed[path] ?? '', valueAtPath(args, path));
  return true;
}

/** What goes to the server as `confirm`: each path with its value as the reviewer gave it. */
export function confirmOf(friction: Friction, args: JsonObject): Record<string, Json> | undefined {
  if (friction.kind === 'none' || friction.paths.length === 0) return undefined;
  return Object.fromEntries(
    friction.paths.flatMap((path) => {
      const value = valueAtPath(args, path);
      return value === undefined ? [] : [[path, value]];
    }),
  );
}

/**
 * Whether what was typed is the value. Numbers may be typed with trailing zeros; texts have to be exact but for
 * spaces around them; anything else is typed as its JSON.
 */
function matches(typed: string, value: Json | undefined): boolean {
  const text = typed.trim();
  if (text === '') return false;
  if (typeof value === 'number') return /^-?\d+(\.\d+)?$/.test(text) && Number(text) === value;
  if (typeof value === 'string') return text === value.trim();
  return text === JSON.stringify(value ?? null);
}
