/** The closed word lists of the HTTP contract. One place, so that a word means the same everywhere. */
import { z } from 'zod';

export const Tier = z.enum(['low', 'medium', 'high', 'critical']);
export type Tier = z.infer<typeof Tier>;

export const Effect = z.enum(['allow', 'deny', 'approval_required', 'review_after']);
export type Effect = z.infer<typeof Effect>;

/**
 * A terminal status never changes. Those from `running` on are of calls that run now and are reviewed later
 * (`review_after`): `pending`, `running` and `undo_requested` are not terminal.
 */
export const Status = z.enum([
  'pending',
  'approved',
  'rejected',
  'timed_out',
  'cancelled',
  'running',
  'reviewed',
  'unreviewed',
  'undo_requested',
  'undone',
  'undo_failed',
]);
export type Status = z.infer<typeof Status>;

export const Verdict = z.enum(['approve', 'reject']);
export type Verdict = z.infer<typeof Verdict>;

export const OnRejection = z.enum(['fail', 'continue']);
export type OnRejection = z.infer<typeof OnRejection>;

/** What the agent is told when it may not act. */
export const StopReason = z.enum([
  'policy_denied',
  'approval_rejected',
  'approval_timeout',
  'approval_cancelled',
  'approval_revoked',
  'frozen',
]);
export type StopReason = z.infer<typeof StopReason>;

export const OutcomeStatus = z.enum(['succeeded', 'failed', 'unknown', 'undone', 'undo_failed']);
export type OutcomeStatus = z.infer<typeof OutcomeStatus>;

/** A key has a set of these; only `reviewer` decides. */
export const Role = z.enum(['agent', 'reviewer', 'lead', 'admin', 'auditor']);
export type Role = z.infer<typeof Role>;

export const DestinationKind = z.enum(['webhook', 'pagerduty', 'slack', 'teams', 'email', 'sms']);
export type DestinationKind = z.infer<typeof DestinationKind>;

export const FreezeScope = z.enum(['workspace', 'agent', 'tool']);
export type FreezeScope = z.infer<typeof FreezeScope>;
