/**
 * What can go wrong, one class a case. `code` is stable and survives bundling and several copies of this package,
 * so compare codes across package boundaries and classes inside one.
 */
import type { ProblemDocument, RequestView } from '@countersign/shared/contracts';

/** Everything this package throws on purpose. */
export class CountersignError extends Error {
  override readonly name: string = 'CountersignError';
  /** Stable and machine-readable; never renamed. */
  readonly code: string = 'countersign_error';
}

/** The server refused a call. `code` is the problem's own (`unauthorized`, `invalid_request`, …). */
export class Refused extends CountersignError {
  override readonly name = 'Refused';
  override readonly code: string;
  /** HTTP status. */
  readonly status: number;
  /** The RFC 9457 document as the server sent it. */
  readonly problem: ProblemDocument;

  constructor(problem: ProblemDocument) {
    super(`${problem.code}: ${problem.detail}`);
    this.code = problem.code;
    this.status = problem.status;
    this.problem = problem;
  }
}

/** No usable answer arrived for as long as the call was willing to try. `cause` is the last failure. */
export class Unavailable extends CountersignError {
  override readonly name = 'Unavailable';
  override readonly code = 'unavailable';
}

/** The server answered with something that is not in the contract, so nothing was built on it. */
export class UnexpectedAnswer extends CountersignError {
  override readonly name = 'UnexpectedAnswer';
  override readonly code = 'unexpected_answer';
}

/** The arguments would change on their way through JSON, so nobody could approve exactly them. */
export class InvalidArgs extends CountersignError {
  override readonly name = 'InvalidArgs';
  override readonly code = 'invalid_args';
}

/** A callback that is not from Countersign, is too old, or was tampered with. */
export class InvalidCallback extends CountersignError {
  override readonly name = 'InvalidCallback';
  override readonly code = 'invalid_callback';
}

/** The approval was used before: by another worker, or by an earlier life of this one. It may have run. */
export class AlreadyConsumed extends CountersignError {
  override readonly name = 'AlreadyConsumed';
  override readonly code = 'token_consumed';
  readonly request_id: string;
  /** What was reported of that run; absent while unknown. */
  readonly outcome: RequestView['outcome'] | undefined;

  constructor(request_id: string, outcome?: RequestView['outcome']) {
    super(`The approval ${request_id} has been used already, so the tool was not run again.`);
    this.request_id = request_id;
    this.outcome = outcome;
  }
}

/**
 * The request is approved, but there is no token for us now: a freeze is in force, the approval is too old (see
 * `request.valid_until`), or it belongs to an agent that this key may not use.
 */
export class NoToken extends CountersignError {
  override readonly name = 'NoToken';
  override readonly code = 'no_token';
  readonly request: RequestView;

  constructor(request: RequestView) {
    const until = request.valid_until ? ` It is valid until ${request.valid_until}.` : '';
    super(
      `The request ${request.id} is approved, but there is no token to run it with: ` +
        `a freeze is in force, the approval is too old, or it is another agent's.${until}`,
    );
    this.request = request;
  }
}

/** The request that was to be resumed is one of another tool. */
export class WrongRequest extends CountersignError {
  override readonly name = 'WrongRequest';
  override readonly code = 'wrong_request';

  constructor(request: RequestView, tool: string) {
    super(`The request ${request.id} is for ${request.tool}, not for ${tool}.`);
  }
}
