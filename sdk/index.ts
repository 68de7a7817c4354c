/** What an agent installs. */

export type {
  AnswerQuestion,
  Change,
  Consumed,
  Json,
  JsonObject,
  ProblemDocument,
  Proposed,
  QuestionView,
  ReportOutcome,
  RequestView,
  StopReason,
} from '@countersign/shared/contracts';
export type { OnQuestion, OnUnanswered } from './answering.ts';
export { type CallbackEvent, type CallbackHeaders, verifyCallback } from './callback.ts';
export { type Action, type Client, type ClientOptions, createClient } from './client.ts';
export {
  AlreadyConsumed,
  CountersignError,
  InvalidArgs,
  InvalidCallback,
  NoToken,
  Refused,
  Unavailable,
  UnexpectedAnswer,
  WrongRequest,
} from './errors.ts';
export {
  type ApprovalOptions,
  type Approved,
  type CallOptions,
  type Details,
  type Run,
  requireApproval,
} from './require-approval.ts';
export {
  Cancelled,
  Denied,
  Frozen,
  Rejected,
  Revoked,
  type StopFacts,
  Stopped,
  TimedOut,
} from './stops.ts';
export { undoRequested } from './undoing.ts';
