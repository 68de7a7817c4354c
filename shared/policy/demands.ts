/** Filling what a rule leaves open: its tier's table first, then the built-in defaults. */
import type { Tier } from '../contracts/index.ts';
import type { BatchCaps, Demands, FilledDemands, ReviewTerms } from './rule.ts';

const HOUR_MS = 3_600_000;

export const DEFAULT_TIER: Tier = 'medium';

/** In whatever currency: an amount that is small in none of them goes to a single review. */
const BATCH: BatchCaps = { rows: 10, each: 100, sum: 500 };

/** Everything is looked at, within a day, unless policy says otherwise. */
export const REVIEW: ReviewTerms = { window_ms: 24 * HOUR_MS, sample: 1, undo_within_ms: HOUR_MS / 6 };

/** Every demand of a rule at a tier. `reviewers` of a tier or rule meet its quorum; a map names its own. */
export function fillDemands(
  rule: string,
  tier: Tier,
  stated: Demands,
  tiers: Partial<Record<Tier, Demands>>,
): FilledDemands {
  const filled: Demands = { ...tiers[tier], ...stated };
  const { quorum = 1, reviewers = null } = filled;
  const slots =
    typeof quorum === 'number'
      ? [{ from: reviewers, need: quorum }]
      : Object.entries(quorum).map(([group, need]) => ({ from: [group], need }));
  return {
    tier,
    requirement: { rule, slots },
    timeout_ms: timeoutOf(filled),
    hold_ms: filled.hold_ms ?? 0,
    valid_for_ms: filled.valid_for_ms ?? HOUR_MS,
    on_rejection: filled.on_rejection ?? 'fail',
    friction: filled.friction ?? { kind: 'none', paths: [] },
    batch: filled.batch === null ? null : { ...BATCH, ...filled.batch },
    review: { ...REVIEW, ...filled.review },
    channels: filled.channels ?? [],
    requires: filled.requires ?? [],
    editable: filled.editable ?? null,
    escalate: (filled.escalate ?? []).map((step) => ({ ...step, rules: [rule] })),
  };
}

/** How long such a request waits, in ms; null is for ever. */
export function timeoutOf({ timeout_ms = HOUR_MS }: Demands): number | null {
  return timeout_ms;
}
