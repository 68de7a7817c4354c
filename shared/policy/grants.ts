/** Standing grants: where policy lets one approval stand for the next calls like it, and what "like it" means. */
import { valueAt } from '../card/index.ts';
import type { JsonObject } from '../contracts/index.ts';
import type { ToolFacts } from './rule.ts';
import type { Terms } from './terms.ts';

/** What a reviewer may grant at most, beside approving the call at hand. */
export type Grants = {
  /** Calls after the approved one. */
  calls: number;
  for_ms: number;
  /**
   * Paths such as `param.to` or `context.customer`: calls with the same values there are alike. null: calls with
   * exactly the same arguments are.
   */
  per: string[] | null;
};

/** No policy may let more be granted than this. */
export const MOST_GRANTED = { calls: 50, for_ms: 86_400_000 };

/** Sensitivities of a tools table that are never granted, whatever a rule says. */
const SECRET: readonly string[] = ['secret', 'credentials'];

/** Why calls of such a tool are never granted, or undefined. */
export function neverGranted(facts: ToolFacts | undefined): string | undefined {
  if (facts?.reversible === false) return 'it can not be taken back (reversible: false)';
  const { sensitivity } = facts ?? {};
  if (sensitivity !== undefined && SECRET.includes(sensitivity.toLowerCase())) {
    return `what it touches is secret (sensitivity: ${sensitivity})`;
  }
  return undefined;
}

/**
 * Why a request on these terms takes no grant, or undefined: a grant lets calls through that nobody looks at, so it
 * can stand only for a request that one person decides at once, without a high tier and without any friction.
 */
export function neverOn({ tier, hold_ms, friction, requirements }: Terms): string | undefined {
  if (tier === 'high' || tier === 'critical') return `its tier is ${tier}`;
  if (hold_ms > 0) return 'its approval is held';
  if (friction.kind !== 'none') return 'its values have to be confirmed';
  const alone = requirements.every(({ slots }) => slots.reduce((sum, { need }) => sum + need, 0) === 1);
  return alone ? undefined : 'more than one person has to approve it';
}

/** What every one of these lets be granted: the fewest calls, the shortest time, likeness in all that any names. */
export function leastOf(all: readonly Grants[]): Grants {
  return {
    calls: Math.min(...all.map(({ calls }) => calls)),
    for_ms: Math.min(...all.map(({ for_ms }) => for_ms)),
    per: all.some(({ per }) => per === null) ? null : [...new Set(all.flatMap(({ per }) => per ?? []))],
  };
}

/**
 * The values that make calls alike, by path in the order of `per`; undefined where the call has none at one of the
 * paths: what is not there is like nothing. `context` only where it counts (law 14).
 */
export function likeness(
  per: readonly string[],
  { args, context = {} }: { args: JsonObject; context?: JsonObject },
): { path: string; value: NonNullable<ReturnType<typeof valueAt>> | null }[] | undefined {
  const found = per.map((path) => {
    const [root = '', ...rest] = path.split('.');
    const value = valueAt(root === 'param' ? args : context, rest.join('.'));
    return value === undefined ? undefined : { path, value };
  });
  return found.every((pair) => pair !== undefined) ? found : undefined;
}
