/** The order of effects (law 4). */
import type { Effect } from '../contracts/index.ts';

const STRENGTH: Record<Effect, number> = { allow: 0, review_after: 1, approval_required: 2, deny: 3 };

/** Positive when `a` is stronger than `b`: deny, approval_required, review_after, allow. */
export function compareEffects(a: Effect, b: Effect): number {
  return STRENGTH[a] - STRENGTH[b];
}

/** The stronger of two effects. */
export function strongest(a: Effect, b: Effect): Effect {
  return compareEffects(a, b) >= 0 ? a : b;
}
