/** What a request that ended allows: one run with these arguments, or an error that says why not. */
import type { Change, JsonObject, Proposed, RequestView } from '@countersign/shared/contracts';
import type { Action } from './client.ts';
import { AlreadyConsumed, NoToken } from './errors.ts';
import { stopFacts, stopped } from './stops.ts';

/** A token, and what it is good for. */
export type Permit = {
  request_id: string;
  token: string;
  args: JsonObject;
  edited: boolean;
  changes: Change[];
  reason: string | null;
  resume: unknown;
  /** It runs before anyone looks, and may have to be undone until then. */
  review: { until: string; undo: string | null } | undefined;
};

/** The permit of a request that is no longer pending. Throws a `Stopped`, `AlreadyConsumed` or `NoToken`. */
export function permitOf(request: RequestView): Permit {
  if (request.stop_reason !== undefined) throw stopped(request.stop_reason, stopFacts(request));
  if (request.consumed_at !== undefined) throw new AlreadyConsumed(request.id, request.outcome);
  // Statuses other than `approved` may allow a run one day; a token is what says so.
  if (request.token === undefined) {
    throw request.status === 'approved' ? new NoToken(request) : stopped(undefined, stopFacts(request));
  }
  return {
    request_id: request.id,
    token: request.token,
    args: request.args,
    edited: request.decision?.edited ?? false,
    changes: request.decision?.changes ?? [],
    reason: request.decision?.reason ?? null,
    resume: request.resume,
    review: request.review && { until: request.review.until, undo: request.review.undo },
  };
}

/** The permit of a call that policy allowed at once. An answer without a token is the replay of a call that ran. */
export function permitOfAllowed(allowed: Extract<Proposed, { decision: 'allow' }>, action: Action): Permit {
  const { request_id, token, review } = allowed;
  if (token === undefined) throw new AlreadyConsumed(request_id);
  const { args, resume } = action;
  return { request_id, token, args, edited: false, changes: [], reason: null, resume, review };
}
