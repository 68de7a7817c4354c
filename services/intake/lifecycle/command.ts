/** What can be asked of a request, and what the lifecycle answers. Data only. */
import type {
  Attention,
  BatchAttention,
  JsonObject,
  OutcomeStatus,
  Problem,
  Seen,
  Verdict,
} from '@countersign/shared/contracts';
import type { FreezeRecord } from '@countersign/shared/directory';
import type { EventBody } from '@countersign/shared/feed';
import type { PolicyAnswer } from '@countersign/shared/policy';
import type { GroupsOf, RequestRecord, Share } from '@countersign/shared/request';
import type { GrantAsked } from './grant.ts';

/** What the lifecycle knows beside the request. `now` is Redis time in ms. */
export type World = {
  now: number;
  freezes: readonly FreezeRecord[];
  freeze_epoch: number;
  groupsOf: GroupsOf;
  /** Everyone who may review at all. */
  reviewers: readonly string[];
  /** Ids of the keys whose tokens are void. */
  denied_keys: readonly string[];
  /** Approvals given before this time do not count: the store has lost what became of them. Absent: all count. */
  distrusted_before?: number;
};

/** What is fixed about a proposal before anyone judges it. */
export type Proposal = Pick<
  RequestRecord,
  | 'id'
  | 'workspace'
  | 'agent'
  | 'tool'
  | 'key_id'
  | 'owner'
  | 'requested_by'
  | 'run_id'
  | 'call_id'
  | 'cost'
  | 'context_trusted'
  | 'callback_url'
  | 'trace'
  | 'args_digest'
  | 'supersedes'
  | 'idempotency'
  | 'shares'
  | 'planted'
> & {
  timeout_ms?: number;
  /** Salt of the bit that says whether it was planted, and the commitment to that bit. */
  canary: { salt: string; commitment: string };
  /** Drawn by chance in [0, 1): below policy's sample, a call that runs first is reviewed. Absent: it is. */
  draw?: number;
  /** The same call was drawn before and has not run: it is reviewed, whatever is drawn now. */
  drawn_before?: true;
};

/** An edit as the caller worked it out: the digest of the new args and what policy says about them. */
export type Edit = {
  digest: string;
  args: JsonObject;
  answer: PolicyAnswer;
  /** What they take of limits. */
  shares?: Share[];
  problem?: Problem;
};

/** Attention to a batch, as told of one of its rows: `this_one` says whether that was opened. */
export type OfBatch = Omit<BatchAttention, 'opened'> & {
  batch: { rows: number; opened: number; this_one: boolean };
};

export type Command =
  | {
      kind: 'decide';
      reviewer: string;
      verdict: Verdict;
      seen: Seen;
      reason?: string;
      confirm?: JsonObject;
      /** The arguments as they stand, for the friction check. */
      args: JsonObject;
      /** What the active policy says about them now. */
      answer: PolicyAnswer;
      /** What they take of limits by that policy. */
      shares?: Share[];
      edit?: Edit;
      /** What the surface claims of the reviewer's attention. */
      attention?: Attention;
      /** The same of the batch that it was decided in, and how many rows of it were decided and opened. */
      batch_attention?: OfBatch;
      /** The batch in which it was shown. */
      batch?: string;
      /** Digest of the arguments that came with the verdict, changed or not: a repeat is known by it. */
      given?: string;
      /** What the approval lets through beside this call. */
      grant?: GrantAsked;
    }
  | { kind: 'undo'; reviewer: string; reason?: string }
  | { kind: 'revoke'; reviewer: string; reason?: string }
  | { kind: 'cancel'; agent: string; reason?: string }
  | { kind: 'supersede'; agent: string; by: string }
  | {
      kind: 'review';
      reviewer: string;
      verdict: 'fine' | 'undo';
      seen: Seen;
      reason?: string;
      /** The batch in which it was shown. */
      batch?: string;
    }
  | { kind: 'view'; reviewer: string; seen?: Seen }
  | { kind: 'claim'; reviewer: string; release: boolean }
  | { kind: 'ask'; reviewer: string; question: string; commitment: string }
  | { kind: 'answer'; agent: string; question: string | undefined; commitment: string }
  | { kind: 'issue'; agent: string }
  | {
      kind: 'consume';
      agent: string;
      jti: string;
      /** Of the key that signed the token. */
      kid: string;
      digest: string;
      token_until: number;
      idempotency?: string;
    }
  | { kind: 'outcome'; agent: string; status: OutcomeStatus }
  | { kind: 'erase'; admin: string }
  /** Nothing but the transitions that are due. */
  | { kind: 'wake' };

/**
 * What became of it. `request` is the state to commit (the very object that came in when nothing changed);
 * transitions that were due happen even where the command itself is refused.
 */
export type Decision = {
  request: RequestRecord;
  events: EventBody[];
  refusal?: Problem;
  /** The commit is void after this moment of Redis time, whatever a slow process thinks (law 2). */
  not_after?: number;
};
