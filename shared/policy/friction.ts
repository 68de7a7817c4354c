/** Which values a reviewer has to confirm. */
import { cardPaths, valueAt } from '../card/index.ts';
import type { JsonObject } from '../contracts/index.ts';
import type { ToolFacts } from './rule.ts';
import type { Friction } from './terms.ts';

/** Confirming everything confirms nothing: this many values where nobody chose any. */
const UNCHOSEN = 3;

/**
 * The friction with the paths that exist in these args: those that policy names, else the tool's `confirm`,
 * else the values on its card, else the first three plain values. What is re-typed is a plain value; an
 * acknowledgement may be of a list or an object too.
 */
export function frictionFor(friction: Friction, facts: ToolFacts | undefined, args: JsonObject): Friction {
  const { kind } = friction;
  if (kind === 'none') return friction;
  const isPlain = (path: string): boolean => {
    const value = valueAt(args, path);
    return value !== undefined && (typeof value !== 'object' || value === null);
  };
  const confirmable = kind === 'retype' ? isPlain : (path: string) => valueAt(args, path) !== undefined;
  const choices = [friction.paths, facts?.confirm ?? [], cardPaths(facts?.card?.title ?? '')];
  for (const choice of choices) {
    const paths = choice.filter(confirmable);
    if (paths.length > 0) return { kind, paths: [...new Set(paths)] };
  }
  // A key that is empty or has a dot or quote in it could not be told from a path.
  const plain = Object.keys(args).filter((key) => /^[^."]+$/.test(key) && isPlain(key));
  return { kind, paths: plain.slice(0, UNCHOSEN) };
}
