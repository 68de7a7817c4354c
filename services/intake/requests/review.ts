/** `POST /v1/requests/{id}/review` and `POST /v1/reviews`: what a reviewer says of calls that ran. */
import {
  type DecisionResult,
  type Problem,
  problemDocument,
  type Review,
  type ReviewMany,
} from '@countersign/shared/contracts';
import { type Transacted, transact } from '../store/transact.ts';
import { unreadable } from './act.ts';
import { reasonGiven } from './decide.ts';
import { checkFor } from './decisions.ts';
import type { Caller, Service } from './service.ts';
import { plainView } from './view.ts';

/** Says it of one call; `batch` is the one in which it was shown to them. */
export function reviewRequest(
  service: Service,
  caller: Caller,
  id: string,
  { verdict, reason, seen }: Review,
  batch?: string,
): Promise<Transacted> {
  return transact(service, caller.workspace, id, (loaded, { snapshot, now }) => {
    const refusal = unreadable(caller, loaded);
    if (refusal !== undefined) return { refusal };
    return {
      command: {
        kind: 'review',
        reviewer: caller.key.owner,
        verdict,
        seen,
        ...(reason === undefined ? {} : { reason }),
        ...(batch === undefined ? {} : { batch }),
      },
      ...(reason === undefined
        ? {}
        : { words: reasonGiven(snapshot.keys.questions(id), 'review', reason, now) }),
    };
  });
}

/**
 * Says of several that they look fine, each by itself: none sinks the others, an outage included. Only rows of a batch as
 * they were shown, and only after the rows that were drawn have been opened.
 *
 * @param problemOf what a thrown error is told as
 */
export async function reviewMany(
  service: Service,
  caller: Caller,
  { items, batch }: ReviewMany,
  problemOf: (error: unknown) => Problem,
): Promise<DecisionResult[]> {
  const check = await checkFor(service, caller, batch);
  return Promise.all(
    items.map(async ({ id, seen }): Promise<DecisionResult> => {
      const refuse = (refusal: Problem): DecisionResult => ({
        id,
        ok: false,
        problem: problemDocument(refusal),
      });
      const refusal = check({ id, seen });
      if (refusal !== undefined) return refuse(refusal);
      try {
        const done = await reviewRequest(service, caller, id, { verdict: 'fine', seen }, batch);
        return done.ok
          ? { id, ok: true, request: plainView(done.loaded, done.current) }
          : refuse(done.problem);
      } catch (error) {
        return refuse(problemOf(error));
      }
    }),
  );
}
