/** Several rules, one answer: every demand of every deciding rule holds. */

import { type EscalationStep, inOneLadder } from './escalation.ts';
import type { BatchCaps, FilledDemands, ReviewTerms } from './rule.ts';
import { type Friction, strictest, type Terms } from './terms.ts';

export type Combined = {
  terms: Terms;
  /** The shortest; null only where every rule says never. */
  timeout_ms: number | null;
  /** The shortest. */
  valid_for_ms: number;
  channels: string[];
  /** In the order of time. */
  escalate: EscalationStep[];
  requires: string[];
  /** The smallest; null where any rule says never. */
  batch: BatchCaps | null;
  /** The longest window, the largest sample, the soonest answer. Counts only where the effect is `review_after`. */
  review: ReviewTerms;
};

/** What one rule alone asks for, where nothing of it depends on the call: the same for each that meets it. */
const alone = new WeakMap<FilledDemands, Combined>();

/**
 * Combines the demands of at least one rule: what each asks for, at its strictest. `frictionOf` finds the
 * values to confirm in the call at hand. The answer may be shared: it is not to be changed.
 */
export function combine(
  demands: readonly FilledDemands[],
  frictionOf: (friction: Friction) => Friction,
): Combined {
  const [first, ...others] = demands;
  if (first === undefined || others.length > 0 || first.friction.kind !== 'none') {
    return combineAll(demands, frictionOf);
  }
  const known = alone.get(first) ?? combineAll(demands, frictionOf);
  alone.set(first, known);
  return known;
}

function combineAll(
  demands: readonly FilledDemands[],
  frictionOf: (friction: Friction) => Friction,
): Combined {
  const timeouts = demands.flatMap(({ timeout_ms }) => timeout_ms ?? []);
  return {
    terms: strictest(
      demands.map((demand) => ({
        tier: demand.tier,
        requirements: [demand.requirement],
        hold_ms: demand.hold_ms,
        on_rejection: demand.on_rejection,
        editable: demand.editable,
        friction: frictionOf(demand.friction),
      })),
    ),
    timeout_ms: timeouts.length === 0 ? null : Math.min(...timeouts),
    valid_for_ms: Math.min(...demands.map(({ valid_for_ms }) => valid_for_ms)),
    channels: [...new Set(demands.flatMap(({ channels }) => channels))],
    escalate: inOneLadder(demands.flatMap(({ escalate }) => escalate)),
    requires: [...new Set(demands.flatMap(({ requires }) => requires))],
    batch: smallest(demands.map(({ batch }) => batch)),
    review: {
      window_ms: Math.max(...demands.map(({ review }) => review.window_ms)),
      sample: Math.max(...demands.map(({ review }) => review.sample)),
      undo_within_ms: Math.min(...demands.map(({ review }) => review.undo_within_ms)),
    },
  };
}

function smallest(all: readonly (BatchCaps | null)[]): BatchCaps | null {
  const caps = all.filter((batch) => batch !== null);
  if (caps.length < all.length) return null;
  return {
    rows: Math.min(...caps.map(({ rows }) => rows)),
    each: Math.min(...caps.map(({ each }) => each)),
    sum: Math.min(...caps.map(({ sum }) => sum)),
  };
}
