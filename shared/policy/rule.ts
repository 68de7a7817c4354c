/** A loaded rule, and the tables that a set of rules draws on. */
import type { Effect, OnRejection, Tier } from '../contracts/index.ts';
import type { Condition, Formula } from './condition/condition.ts';
import type { EscalationStep, StatedStep } from './escalation.ts';
import type { Grants } from './grants.ts';
import type { Friction, Requirement } from './terms.ts';
import type { Trial } from './trial.ts';

/** What a tool is, written down once (A13). */
export type ToolFacts = {
  reversible?: boolean;
  sensitivity?: string;
  /** The tool that undoes this one. */
  compensation?: string;
  card?: { title: string };
  /** Dotted paths whose values a reviewer confirms when friction names none. */
  confirm?: string[];
  /** Dotted paths that a card covers until the reviewer asks; absent, what sounds secret is covered. */
  mask?: string[];
};

/**
 * How much may be looked at together: rows, the largest amount of one row, and of all rows. Only what is of the low tier
 * and reversible is ever put together, whatever these say.
 */
export type BatchCaps = { rows: number; each: number; sum: number };

/** How calls are reviewed that run first (`review_after`). */
export type ReviewTerms = {
  /** How long after the run it is looked at, and undone where that is possible. */
  window_ms: number;
  /** The share of calls that is reviewed, above 0 and up to 1. The others run as if allowed. */
  sample: number;
  /** How long the agent has to say that an undo is done. */
  undo_within_ms: number;
};

/** What a rule or a tier asks for where it asks for anything. Absent means: left open. */
export type Demands = {
  reviewers?: string[];
  quorum?: number | Record<string, number>;
  /** null: never. */
  timeout_ms?: number | null;
  hold_ms?: number;
  valid_for_ms?: number;
  on_rejection?: OnRejection;
  /** `paths: []`: the tool's own. */
  friction?: Friction;
  /** null: never. */
  batch?: Partial<BatchCaps> | null;
  review?: Partial<ReviewTerms>;
  channels?: string[];
  requires?: string[];
  editable?: string[];
  escalate?: StatedStep[];
};

/** Demands with every gap filled: by the tier's table, then by the built-in defaults. */
export type FilledDemands = {
  tier: Tier;
  requirement: Requirement;
  timeout_ms: number | null;
  hold_ms: number;
  valid_for_ms: number;
  on_rejection: OnRejection;
  friction: Friction;
  batch: BatchCaps | null;
  review: ReviewTerms;
  channels: string[];
  requires: string[];
  editable: string[] | null;
  escalate: EscalationStep[];
};

/** A limit over time. `sum` and `per` are expressions over the call; what was counted comes from outside of policy. */
export type Limit = {
  of: { sum: Formula } | { count: true } | { cost: true };
  /** One counter per value of this expression; absent: one for the rule. */
  per?: Formula;
  window_ms: number;
  over: number;
  tier?: Tier;
};

export type Rule = {
  name: string;
  file: string;
  effect: Effect;
  /** It only says what it would have done: no answer is ever changed by it. */
  shadow: boolean;
  /** Stands in for other rules, for a while. */
  trial?: Trial;
  /** Whether the rule speaks for this agent and this tool. */
  concerns: (agent: string, tool: string) => boolean;
  when?: Condition;
  message?: string;
  demands: FilledDemands;
  /** What a reviewer may grant beside an approval. Absent: nothing. */
  grants?: Grants;
  limits: Limit[];
  /** What each limit with a tier asks for when it is exceeded, by the limit's index. */
  exceeded: (FilledDemands | undefined)[];
};
