/** What a request must satisfy, and how it can only ever grow. */
import { type OnRejection, Tier } from '../contracts/index.ts';

/** What a request must satisfy: kept on the request; only ever gets stronger (law 7). */
export type Terms = {
  tier: Tier;
  requirements: Requirement[];
  /** How long an approval is held before it takes effect, in ms. */
  hold_ms: number;
  on_rejection: OnRejection;
  /** Arguments that a reviewer may edit; null is all. */
  editable: string[] | null;
  friction: Friction;
};

/**
 * One rule's demand. `from: null` is any reviewer; otherwise group names or person ids. Slots of one
 * requirement are met by distinct people; different requirements may be met by the same person.
 */
export type Requirement = { rule: string; slots: { from: string[] | null; need: number }[] };

/** `paths` are dotted paths into the arguments whose values the reviewer confirms; the server compares. */
export type Friction = { kind: 'none' | 'acknowledge' | 'retype'; paths: string[] };

/** What an allowed call asks for: nothing. `strengthen` leaves every terms unchanged by these. */
export const NO_TERMS: Terms = {
  tier: 'low',
  requirements: [],
  hold_ms: 0,
  on_rejection: 'continue',
  editable: null,
  friction: { kind: 'none', paths: [] },
};

const TIERS = Tier.options;
const FRICTIONS: readonly Friction['kind'][] = ['none', 'acknowledge', 'retype'];

/** The higher of two tiers. */
export function higherTier(a: Tier, b: Tier): Tier {
  return TIERS.indexOf(a) >= TIERS.indexOf(b) ? a : b;
}

/**
 * Both terms at once: the highest tier, every requirement, the longest hold, `fail` before `continue`, only
 * what both let edit, the stronger friction on every path that either names. Never weaker than `recorded`;
 * `stricter` says whether anything was added.
 */
export function strengthen(recorded: Terms, answer: Terms): { terms: Terms; stricter: boolean } {
  const terms = both(recorded, answer);
  return { terms, stricter: !sameTerms(terms, both(recorded, recorded)) };
}

function both(a: Terms, b: Terms): Terms {
  return {
    tier: higherTier(a.tier, b.tier),
    requirements: union(a.requirements, b.requirements, requirementKey),
    hold_ms: Math.max(a.hold_ms, b.hold_ms),
    on_rejection: a.on_rejection === 'fail' ? 'fail' : b.on_rejection,
    editable: intersection(a.editable, b.editable),
    friction: strongerFriction(a.friction, b.friction),
  };
}

function strongerFriction(a: Friction, b: Friction): Friction {
  const kind = FRICTIONS.indexOf(a.kind) >= FRICTIONS.indexOf(b.kind) ? a.kind : b.kind;
  return { kind, paths: union(a.paths, b.paths, (path) => path) };
}

/** Members of `a`, then those of `b` that `a` has not, each once. */
function union<T>(a: readonly T[], b: readonly T[], key: (member: T) => string): T[] {
  const members = new Map<string, T>();
  for (const member of [...a, ...b]) if (!members.has(key(member))) members.set(key(member), member);
  return [...members.values()];
}

function intersection(a: string[] | null, b: string[] | null): string[] | null {
  if (a === null) return b === null ? null : union(b, [], (field) => field);
  return union(b === null ? a : a.filter((field) => b.includes(field)), [], (field) => field);
}

/** Equal for demands that mean the same, however their groups and slots are ordered. */
function requirementKey({ rule, slots }: Requirement): string {
  const keys = slots.map(({ from, need }) => JSON.stringify([from === null ? null : [...from].sort(), need]));
  return JSON.stringify([rule, keys.sort()]);
}

/** Since growing only ever adds, or takes away editable fields, sizes tell whether something changed. */
function sameTerms(grown: Terms, recorded: Terms): boolean {
  return (
    grown.tier === recorded.tier &&
    grown.hold_ms === recorded.hold_ms &&
    grown.on_rejection === recorded.on_rejection &&
    grown.friction.kind === recorded.friction.kind &&
    grown.friction.paths.length === recorded.friction.paths.length &&
    grown.requirements.length === recorded.requirements.length &&
    (grown.editable === null) === (recorded.editable === null) &&
    grown.editable?.length === recorded.editable?.length
  );
}
