/** Why an agent may not act: one class for each stop reason of the contract. None of them ran the tool. */
import type { RequestView, StopReason } from '@countersign/shared/contracts';
import { CountersignError, UnexpectedAnswer } from './errors.ts';

/** What is known of a call that was stopped. */
export type StopFacts = {
  request_id: string;
  tool: string;
  /** The reviewer's or the policy's reason, as written; `null` where none was given. */
  reason: string | null;
  /** Names of the policy rules that decided that this call needed judging, or denied it. */
  rules: string[];
  /** True where policy wants the run to go on without this call (`on_rejection: continue`). */
  continues: boolean;
  /** The request as it ended; absent where policy or a freeze answered at once. */
  request?: RequestView | undefined;
};

/** The tool was not run, and will not be. `code` is the stop reason. */
export abstract class Stopped extends CountersignError {
  abstract override readonly code: StopReason;
  readonly request_id: string;
  readonly tool: string;
  readonly reason: string | null;
  readonly rules: string[];
  readonly continues: boolean;
  readonly request: RequestView | undefined;

  constructor(facts: StopFacts, sentence: string, advice: string) {
    const because = facts.reason ? ` Reason: ${facts.reason}` : '';
    super(`${sentence}${because}`);
    this.request_id = facts.request_id;
    this.tool = facts.tool;
    this.reason = facts.reason;
    this.rules = facts.rules;
    this.continues = facts.continues;
    this.request = facts.request;
    this.answer = `Not done. ${this.message}\n${advice}`;
  }

  /** What to give a model as the tool's answer, so that it goes on sensibly. */
  readonly answer: string;
}

/** Policy denies this call, whatever a reviewer would say. */
export class Denied extends Stopped {
  override readonly name = 'Denied';
  override readonly code = 'policy_denied';

  constructor(facts: StopFacts) {
    super(facts, `Policy denies this call of ${facts.tool}.`, 'Asking again changes nothing.');
  }
}

/** A reviewer said no. */
export class Rejected extends Stopped {
  override readonly name = 'Rejected';
  override readonly code = 'approval_rejected';

  constructor(facts: StopFacts) {
    super(facts, `A reviewer rejected this call of ${facts.tool}.`, 'Do not repeat it unchanged.');
  }
}

/** Nobody decided in time. That is not a person's no, and never a yes. */
export class TimedOut extends Stopped {
  override readonly name = 'TimedOut';
  override readonly code = 'approval_timeout';

  constructor(facts: StopFacts) {
    super(
      facts,
      `Nobody decided on this call of ${facts.tool} in time.`,
      'No person has refused it; none has approved it either.',
    );
  }
}

/** The agent's side withdrew the request, or replaced it with another. */
export class Cancelled extends Stopped {
  override readonly name = 'Cancelled';
  override readonly code = 'approval_cancelled';

  constructor(facts: StopFacts) {
    super(facts, `This call of ${facts.tool} was withdrawn before it was decided.`, 'It was not refused.');
  }
}

/** It was approved, and the approval was taken back before the tool ran. */
export class Revoked extends Stopped {
  override readonly name = 'Revoked';
  override readonly code = 'approval_revoked';

  constructor(facts: StopFacts) {
    super(
      facts,
      `The approval of this call of ${facts.tool} was taken back before it ran.`,
      'Do not repeat it unchanged.',
    );
  }
}

/** Somebody pulled the kill switch for this workspace, agent or tool. */
export class Frozen extends Stopped {
  override readonly name = 'Frozen';
  override readonly code = 'frozen';

  constructor(facts: StopFacts) {
    super(facts, `Calls of ${facts.tool} are frozen.`, 'Stop, and wait for a person.');
  }
}

/** The error for a stop reason; for one that this version does not know, an `UnexpectedAnswer`. */
export function stopped(stop_reason: string | undefined, facts: StopFacts): Stopped | UnexpectedAnswer {
  switch (stop_reason) {
    case 'policy_denied':
      return new Denied(facts);
    case 'approval_rejected':
      return new Rejected(facts);
    case 'approval_timeout':
      return new TimedOut(facts);
    case 'approval_cancelled':
      return new Cancelled(facts);
    case 'approval_revoked':
      return new Revoked(facts);
    case 'frozen':
      return new Frozen(facts);
    default:
      return new UnexpectedAnswer(
        `The request ${facts.request_id} ended without a stop reason that this version knows: ${stop_reason}.`,
      );
  }
}

/** The facts of a request that ended. */
export function stopFacts(request: RequestView): StopFacts {
  return {
    request_id: request.id,
    tool: request.tool,
    reason: request.revoked?.reason ?? request.decision?.reason ?? null,
    rules: request.rules,
    continues: request.on_rejection === 'continue',
    request,
  };
}
