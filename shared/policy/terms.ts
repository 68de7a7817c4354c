/** What a request must satisfy, and how it can only ever grow. */
import type { OnRejection, Tier } from '../contracts/index.ts';

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

const TIERS: readonly [Tier, ...Tier[]] = ['low', 'medium', 'high', 'critical'];
const FRICTIONS: readonly [Friction['kind'], ...Friction['kind'][]] = ['none', 'acknowledge', 'retype'];

/**
 * Both terms at once: the highest tier, every requirement, the longest hold, `fail` before `continue`, only
 * what both let edit, the stronger friction on every path that either names. Never weaker than `recorded`;
 * `stricter` says whether anything was added.
 */
export function strengthen(recorded: Terms, answer: Terms): { terms: Terms; stricter: boolean } {
  const terms = strictest([recorded, answer]);
  return { terms, stricter: !sameTerms(terms, strictest([recorded])) };
}

/** All terms at once, as {@link strengthen} adds two. */
export function strictest(all: readonly Terms[]): Terms {
  return {
    tier: highest(
      TIERS,
      all.map(({ tier }) => tier),
    ),
    requirements: distinct(
      all.flatMap(({ requirements }) => requirements),
      requirementKey,
    ),
    hold_ms: Math.max(0, ...all.map(({ hold_ms }) => hold_ms)),
    on_rejection: all.some(({ on_rejection }) => on_rejection === 'fail') ? 'fail' : 'continue',
    editable: editableByAll(all.flatMap(({ editable }) => (editable === null ? [] : [editable]))),
    friction: {
      kind: highest(
        FRICTIONS,
        all.map(({ friction }) => friction.kind),
      ),
      paths: distinct(
        all.flatMap(({ friction }) => friction.paths),
        (path) => path,
      ),
    },
  };
}

/** The last of the scale that occurs; the scale's first where nothing does. */
function highest<T>(scale: readonly [T, ...T[]], values: readonly T[]): T {
  return scale.findLast((step) => values.includes(step)) ?? scale[0];
}

/** Each member once, by its key, where it stands first. */
export function distinct<T>(members: readonly T[], key: (member: T) => string): T[] {
  const seen = new Map<string, T>();
  for (const member of members) {
    const name = key(member);
    if (!seen.has(name)) seen.set(name, member);
  }
  return [...seen.values()];
}

function editableByAll(lists: string[][]): string[] | null {
  const [first, ...others] = lists;
  if (first === undefined) return null;
  return distinct(
    first.filter((field) => others.every((list) => list.includes(field))),
    (field) => field,
  );
}

/** Equal for demands that mean the same, however their groups and slots are ordered. */
export function requirementKey({ rule, slots }: Requirement): string {
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
