/** Wrap a function, call it normally: it pauses while people decide, then runs once or throws why not. */
import type { Change, JsonObject, Proposed, RequestView } from '@countersign/shared/contracts';
import { answering, type OnQuestion, type OnUnanswered } from './answering.ts';
import type { Action, Client } from './client.ts';
import { WrongRequest } from './errors.ts';
import { type Permit, permitOf, permitOfAllowed } from './permit.ts';
import { plainArgs } from './plain-json.ts';
import { runApproved } from './run-approved.ts';
import { Rejected, type StopFacts, stopFacts, stopped, TimedOut } from './stops.ts';

/** What the wrapped function learns beside its arguments. */
export type Run = {
  request_id: string;
  /** True where a reviewer changed the arguments; `changes` says how, path by path. */
  edited: boolean;
  changes: Change[];
  /** What the reviewer wrote with the approval. */
  reason: string | null;
  /** The `resume` value that the action was proposed with. */
  resume: unknown;
  /**
   * Where policy says `review_after`: it runs before anyone looks, and a reviewer may want it undone until `until`, by the
   * tool `undo`; null where nothing undoes it. See `undoRequested`.
   */
  review: { until: string; undo: string | null } | undefined;
  /** The caller's. Whether it can still stop what runs is the function's matter. */
  signal: AbortSignal | undefined;
};

/** What goes with a proposal beside tool and arguments: `reason`, `preview`, `context`, `run_id`, `call_id`, … */
export type Details = Omit<Action, 'tool' | 'args'>;

type Denial = Extract<Proposed, { decision: 'deny' }>;

/** For one call; its details win over those of the wrapping. */
export type CallOptions = Details & {
  /** Makes a repeat of this call join the first instead of asking again. `run_id` with `call_id` do the same. */
  idempotencyKey?: string | undefined;
  /** Aborting stops the wait and withdraws the request. After the token is used it only reaches the function. */
  signal?: AbortSignal | undefined;
  /** Told once when a person must decide, so that whoever waits for the agent can be told. */
  onPending?: ((request: RequestView) => void) | undefined;
};

export type ApprovalOptions<A, R, S> = {
  client: Client;
  /** The name that policy knows this function by. */
  tool: string;
  /** Why, what for, what it affects: shown to the reviewer, or read by policy. A function may look things up first. */
  details?: Details | ((args: A) => Details | Promise<Details>);
  /**
   * Where policy says `on_rejection: continue`, what to return instead of throwing when a reviewer rejects or nobody
   * decides in time. `(stop) => stop.answer` is a sentence for the model. Without it, and under `fail`, the stop is
   * thrown.
   */
  onRejection?: (stop: Rejected | TimedOut) => S | Promise<S>;
  /**
   * Answers what a reviewer wants to know before deciding, while the call waits. Without it questions stay open, and
   * the reviewer decides on what there is.
   */
  onQuestion?: OnQuestion;
  /** Told when a question stays open because answering it failed. The wait goes on all the same. */
  onUnanswered?: OnUnanswered;
  /** What to record of a result beside that it succeeded. Recorded as given: leave secrets out. */
  outcome?: (result: R) => unknown;
  /** Told when an outcome could not be reported; the server will call it unknown. The result is returned all the same. */
  onUnreported?: (error: unknown, request_id: string) => void;
};

/** A function that runs only with approval. */
export type Approved<A, R> = {
  /**
   * Proposes, waits for the decision, uses the token up, runs the function with exactly the approved arguments,
   * and reports the outcome.
   *
   * @throws `Denied`, `Rejected`, `TimedOut`, `Cancelled`, `Revoked`, `Frozen` (all are `Stopped`), `AlreadyConsumed`,
   *   `NoToken`, `InvalidArgs`, `Refused`, `Unavailable`, `UnexpectedAnswer`: after any of these the function has not
   *   run in this call. Also what the function itself throws, and the signal's reason.
   */
  (args: A, call?: CallOptions): Promise<R>;
  /** Proposes without waiting. Keep the request's id; any process may `resume` it later. */
  propose(args: A, call?: CallOptions): Promise<Proposed>;
  /** Goes on where `propose` left off: waits if it must, then runs. Aborting only stops the wait. */
  resume(request_id: string, call?: Pick<CallOptions, 'signal'>): Promise<R>;
};

/**
 * Wraps a function of one plain-JSON argument so that it runs only when policy, and where policy says so a person,
 * lets it. The function gets the arguments that were approved, which a reviewer may have edited, and a {@link Run}.
 *
 * The function never runs without a token that was used up for this very call, and never twice for one approval.
 */
export function requireApproval<A extends object, R, S = never>(
  fn: (args: A, run: Run) => R | Promise<R>,
  options: ApprovalOptions<A, R, S>,
): Approved<A, R | S> {
  const { client, tool, onRejection, onQuestion, onUnanswered } = options;

  async function actionOf(args: A, call: CallOptions): Promise<Action> {
    const { idempotencyKey: _key, signal: _signal, onPending: _told, ...own } = call;
    const snapshot = plainArgs(args);
    const details = typeof options.details === 'function' ? await options.details(args) : options.details;
    return { ...details, ...own, tool, args: snapshot };
  }

  /** `args` were checked to be plain JSON when they were proposed; an edit is held to `args_schema` by the server. */
  function run(permit: Permit, signal: AbortSignal | undefined): Promise<R> {
    const { request_id, edited, changes, reason, resume, review } = permit;
    return runApproved({
      client,
      tool,
      permit,
      signal,
      run: (args: JsonObject) =>
        fn(args as A, { request_id, edited, changes, reason, resume, review, signal }),
      outcome: options.outcome,
      onUnreported: options.onUnreported,
    });
  }

  async function settle(request: RequestView, signal: AbortSignal | undefined): Promise<R | S> {
    let permit: Permit;
    try {
      permit = permitOf(request);
    } catch (stop) {
      return end(stop);
    }
    return run(permit, signal);
  }

  /** The answer in place of a run, where policy and the caller want one. Else throws the stop. */
  function end(stop: unknown): S | Promise<S> {
    const goesOn = (stop instanceof Rejected || stop instanceof TimedOut) && stop.continues;
    if (goesOn && onRejection) return onRejection(stop);
    throw stop;
  }

  async function call(args: A, callOptions: CallOptions = {}): Promise<R | S> {
    const { signal } = callOptions;
    const action = await actionOf(args, callOptions);
    const proposed = await client.propose(action, callOptions);
    switch (proposed.decision) {
      case 'deny':
        return end(stopped(proposed.stop_reason, await factsOf(proposed, callOptions)));
      case 'allow':
        return run(permitOfAllowed(proposed, action), signal);
      case 'approval_required':
        return settle(await wait(proposed.request, callOptions), signal);
    }
  }

  /** A person's no, met again by the same call proposed anew: what follows from it is on the request. */
  async function factsOf(denied: Denial, { signal }: CallOptions): Promise<StopFacts> {
    const { request_id, stop_reason, reason, rules } = denied;
    if (stop_reason === 'approval_rejected') return stopFacts(await client.get(request_id, { signal }));
    return { request_id, tool, reason, rules, continues: false };
  }

  /** Waits for the decision, and answers questions meanwhile where the caller can. */
  function decided(request: string | RequestView, signal: AbortSignal | undefined): Promise<RequestView> {
    if (onQuestion === undefined) return client.waitFor(request, { signal });
    return client.waitFor(request, { signal, onRead: answering(client, onQuestion, onUnanswered, signal) });
  }

  async function wait(request: RequestView, { signal, onPending }: CallOptions): Promise<RequestView> {
    if (request.status !== 'pending') return request;
    onPending?.(request);
    try {
      return await decided(request, signal);
    } catch (error) {
      // Nobody should be asked to judge a call that can no longer run. Not awaited: an abort is answered at once.
      if (signal?.aborted) client.cancel(request.id, { reason: 'The caller stopped.' }).catch(() => {});
      throw error;
    }
  }

  async function resume(request_id: string, { signal }: Pick<CallOptions, 'signal'> = {}): Promise<R | S> {
    const request = await decided(request_id, signal);
    if (request.tool !== tool) throw new WrongRequest(request, tool);
    return settle(request, signal);
  }

  return Object.assign(call, {
    async propose(args: A, callOptions: CallOptions = {}) {
      return client.propose(await actionOf(args, callOptions), callOptions);
    },
    resume,
  });
}
