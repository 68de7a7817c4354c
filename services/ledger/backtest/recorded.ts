/** What the log tells of an action: how policy answered it then, and what became of it. Pure; holds no arguments. */
import { Effect, Tier } from '@countersign/shared/contracts';
import type { Entry } from '../sealing/entry.ts';

/**
 * Evidence that an action was not right, each kind shown apart (oversight design, "Suggestions that stay honest"): a
 * reviewer rejected it, changed its arguments before approving, took it back afterwards, its agent reported that it
 * failed, or an audit found it wrong.
 */
export const faults = ['rejected', 'edited', 'undone', 'failed', 'audited'] as const;
export type Fault = (typeof faults)[number];

/** One proposed action. */
export type Recorded = {
  /** The index of its `action.proposed` in the log. */
  seq: number;
  /** Redis ms. */
  at: number;
  request_id: string;
  agent: string;
  tool: string;
  run_id?: string;
  cost?: number;
  /** Whether policy could go by its context (law 14); of entries that do not say, it could not. */
  context_trusted: boolean;
  /** Policy's answer then. A freeze or a standing grant that went before it is no matter of policy, and left out here. */
  was: { effect: Effect; tier: Tier; rules: string[] };
  /** What the shadow rules of then would have come to. */
  shadow?: { effect: Effect; rules: string[] };
  /** When it ended without having run, or was revoked before: what limits counted of it was given back. Redis ms. */
  given_back?: number;
  /** A person has looked at it and said so: approved, rejected or reviewed it. */
  judged: boolean;
  faults: Set<Fault>;
  /** An audit has said whether it was right. */
  audited: boolean;
  /** A planted test of attention: no action of anybody's, and counted nowhere. */
  planted: boolean;
};

const effects: readonly string[] = Effect.options;
const tiers: readonly string[] = Tier.options;
const isEffect = (value: unknown): value is Effect => typeof value === 'string' && effects.includes(value);
const isTier = (value: unknown): value is Tier => typeof value === 'string' && tiers.includes(value);
const namesIn = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((name) => typeof name === 'string') : [];

function shadowIn(value: unknown): Recorded['shadow'] {
  if (typeof value !== 'object' || value === null) return undefined;
  const { effect, rules } = value as { effect?: unknown; rules?: unknown };
  return isEffect(effect) ? { effect, rules: namesIn(rules) } : undefined;
}

/** The action that an entry proposes, or undefined for one that tells of something else, or too little. */
function proposedIn({
  seq,
  at,
  type,
  request_id,
  agent,
  tool,
  tier,
  data = {},
}: Entry): Recorded | undefined {
  if (type !== 'action.proposed' || request_id === undefined) return undefined;
  if (agent === undefined || tool === undefined || !isEffect(data.effect)) return undefined;
  const shadow = shadowIn(data.shadow);
  return {
    seq,
    at,
    request_id,
    agent,
    tool,
    ...(typeof data.run_id === 'string' ? { run_id: data.run_id } : {}),
    ...(typeof data.cost === 'number' ? { cost: data.cost } : {}),
    context_trusted: data.context_trusted === true,
    was: { effect: data.effect, tier: isTier(tier) ? tier : 'medium', rules: namesIn(data.rules) },
    ...(shadow === undefined ? {} : { shadow }),
    judged: false,
    faults: new Set(),
    audited: false,
    planted: false,
  };
}

const isPlanted = (canary: unknown): boolean =>
  typeof canary === 'object' && canary !== null && 'planted' in canary && canary.planted === true;

const endsUnrun: ReadonlySet<string> = new Set([
  'request.rejected',
  'request.timed_out',
  'request.cancelled',
  'request.revoked',
]);

/** Notes what an entry tells of an action that was proposed before it. */
function note(action: Recorded, { type, at, actor, data = {} }: Entry): void {
  if (isPlanted(data.canary)) action.planted = true;
  const byPerson = actor.kind === 'person';
  if (endsUnrun.has(type)) action.given_back ??= at;
  switch (type) {
    case 'verdict.given':
      action.judged = true;
      if (data.edited === true) action.faults.add('edited');
      break;
    case 'request.rejected':
      // One that policy ended while a person approved says nothing about the person.
      if (byPerson) action.faults.add('rejected');
      break;
    case 'request.revoked':
      action.faults.add('undone');
      break;
    case 'outcome.reported':
      if (data.status === 'failed') action.faults.add('failed');
      break;
    // Looked at after it ran (B7).
    case 'review.reviewed':
      action.judged = true;
      break;
    case 'review.undo_requested':
      action.judged = true;
      action.faults.add('undone');
      break;
    default:
  }
}

/** The actions of a log, in its order. Entries are given in that order, too. */
export type History = {
  take(entry: Entry): void;
  /** Marks these requests as looked at by an audit, which found them wrong or right. Others than there are do no harm. */
  audited(wrong: readonly string[], right?: readonly string[]): void;
  actions(): Recorded[];
};

/** Opens an empty one. Some 300 bytes an action are kept. */
export function openRecords(): History {
  const byRequest = new Map<string, Recorded>();
  return {
    take(entry) {
      const proposed = proposedIn(entry);
      if (proposed !== undefined && !byRequest.has(proposed.request_id)) {
        byRequest.set(proposed.request_id, proposed);
        return;
      }
      const action = entry.request_id === undefined ? undefined : byRequest.get(entry.request_id);
      if (action !== undefined) note(action, entry);
    },
    audited(wrong, right = []) {
      for (const id of [...wrong, ...right]) {
        const action = byRequest.get(id);
        if (action === undefined) continue;
        action.judged = true;
        action.audited = true;
      }
      for (const id of wrong) byRequest.get(id)?.faults.add('audited');
    },
    actions: () => [...byRequest.values()],
  };
}
