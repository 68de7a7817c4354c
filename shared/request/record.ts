/**
 * A request as it is stored: what the lifecycle decides on. Times are Redis time in ms.
 * It holds no arguments and nothing the agent wrote: those are payloads, which can be erased.
 */
import type { OutcomeStatus, Status, StopReason, Tier, Verdict } from '../contracts/index.ts';
import type { Grants, Terms, ToolFacts } from '../policy/index.ts';
import type { TraceContext } from '../trace/index.ts';
import type { Planted } from './canary.ts';
import type { GrantRecord, GrantUse } from './grant.ts';
import type { LadderStep } from './ladder.ts';

export type VerdictRecord = {
  reviewer: string;
  verdict: Verdict;
  version: number;
  args_digest: string;
  /** This verdict's edit made the version it approves. */
  edited: boolean;
  reason?: string;
  /** The batch it was given in: all verdicts of one batch are one decision to whoever counts. */
  batch?: string;
  at: number;
};

/** A question to the agent. Its words, and the answer's, are payloads. */
export type QuestionRecord = { id: string; by: string; at: number; answered_at?: number };

/** The review of a call that ran before anyone looked. */
export type ReviewRecord = {
  window_ms: number;
  /** The share of calls that was reviewed when this one was drawn. */
  sample: number;
  undo_within_ms: number;
  /** The tool that undoes it, as policy named it then. Absent: it can not be undone. */
  undo?: string;
  /** Reviewed and undone until then. Set when it runs. */
  until?: number;
  verdict?: 'fine' | 'undo';
  by?: string;
  at?: number;
  reason?: string;
  /** When the agent should have said what came of the undo. */
  answer_by?: number;
  /** It had not. */
  overdue_at?: number;
};

/** What a request takes of a limit over time, as long as it may run or has run. */
export type Share = {
  /** Digest that names the counter. */
  tally: string;
  /** Millionths. */
  amount: number;
  window_ms: number;
};

export type RequestRecord = {
  id: string;
  workspace: string;
  agent: string;
  tool: string;
  /** The key that proposed it, and the person who owns that key: the owner may not approve (law 8). */
  key_id: string;
  owner: string;
  requested_by?: string;
  run_id?: string;
  call_id?: string;
  cost?: number;
  context_trusted: boolean;
  callback_url?: string;
  /** The agent's own trace, in which its wait is a span. */
  trace?: TraceContext;

  status: Status;
  /** Grows with every commit. */
  revision: number;
  /** Grows when what a reviewer judges changes: args, tier, rules, who may decide. */
  version: number;
  /** The payload version that holds the current args; only an edit makes a new one. */
  payload_version: number;
  args_digest: string;
  proposed_digest: string;

  terms: Terms;
  /** Names of the rules that decided, and what they tell the reviewer. */
  rules: string[];
  messages: string[];
  channels: string[];
  /** Its ladder, in the order of time: what was done of it, and what is to come. */
  escalate: LadderStep[];
  /** No step is done before this, whatever its time: where a pause ended, or policy added steps, after it. */
  ladder_from?: number;
  tool_facts: ToolFacts;
  policy_digests: string[];
  /** What it takes of limits over time, by the answer that judged it last. Absent where no limit concerns it, or it was erased. */
  shares?: Share[];

  created_at: number;
  /** null: waits for ever (`timeout: never`). */
  expires_at: number | null;
  valid_for_ms: number;
  /** Set while an approval is held; it takes effect then. */
  release_at?: number;
  decided_at?: number;
  decided_by?: string;
  /** An approval not consumed by then is void. */
  valid_until?: number;

  /** What an approval may grant, as long as nothing about the request changes. */
  grantable?: Grants;
  /** The standing grant that was given with its approval. */
  granted?: GrantRecord;
  /** The standing grant that let it through. */
  grant_used?: GrantUse;

  verdicts: VerdictRecord[];
  /** The reason that goes to the agent: the rejecting or editing reviewer's, or policy's message. */
  decision_reason?: string;
  stop_reason?: StopReason;
  revoked?: { by: string; at: number; reason?: string };
  /** When the agent was first given a token. */
  token_issued_at?: number;
  consumed?: { at: number; jti: string; idempotency?: string };
  outcome?: { status: OutcomeStatus; at: number };
  /** Only of a call that runs first and is reviewed afterwards. */
  review?: ReviewRecord;
  claim?: { by: string; until: number };
  viewed_by: string[];
  /** Absent until somebody asks. */
  questions?: QuestionRecord[];
  supersedes?: string;
  superseded_by?: string;
  /** The freeze epoch it was made under: any later freeze that matches stops it. */
  freeze_epoch: number;
  warnings: string[];
  /** Salt of the bit that says whether it was planted. Nobody is shown it before its end. Absent on records of before. */
  canary_salt?: string;
  /** Only on a request that was planted: a canary. */
  planted?: Planted;
  /** The idempotency key it answers, so that the mapping lives as long as the request. */
  idempotency?: string;
};

/** Urgency rank, highest first. */
export const tierRank: Record<Tier, number> = { critical: 0, high: 1, medium: 2, low: 3 };

const open: ReadonlySet<Status> = new Set(['pending', 'running', 'undo_requested']);

/** A terminal status never changes (law 1). What runs under review has been decided, and has not ended. */
export function isTerminal(status: Status): boolean {
  return !open.has(status);
}

/** Whether it is reviewed afterwards and has run: it stands in the list of those who may look. */
export function awaitsReview({ status, consumed }: Pick<RequestRecord, 'status' | 'consumed'>): boolean {
  return (status === 'running' && consumed !== undefined) || status === 'undo_requested';
}

/** The end of a review's window, in Redis ms; while it has not run, as if it ran when it was let through. */
export function reviewedUntil({ review, created_at }: Pick<RequestRecord, 'review' | 'created_at'>): number {
  return review?.until ?? created_at + (review?.window_ms ?? 0);
}

/** Who may decide it: groups and people named by its requirements, or `any`. */
export function audienceOf(record: Pick<RequestRecord, 'terms'>): string[] {
  const names = new Set<string>();
  for (const requirement of record.terms.requirements) {
    for (const slot of requirement.slots) {
      for (const name of slot.from ?? ['any']) names.add(name);
    }
  }
  // A rule that takes anyone must not widen the queue of one that asks for a group: either may be needed, so both see it.
  return [...names].sort();
}
