/** `POST /v1/decisions`: several verdicts in one call, each decided as if it had come alone. */
import {
  type DecideMany,
  type DecisionItem,
  type DecisionResult,
  type Problem,
  problem,
  problemDocument,
} from '@countersign/shared/contracts';
import { loadRequest } from '@countersign/shared/request';
import type { OfBatch } from '../lifecycle/command.ts';
import { decideRequest } from './decide.ts';
import { findBatch, type PinnedBatch } from './pinned-batch.ts';
import type { Caller, Service } from './service.ts';
import { viewForReviewer } from './view.ts';

/**
 * Decides each item by itself: none sinks the others, an outage included. Verdicts given in a batch are for its rows as
 * they were shown, and approvals for a reviewer who opened the rows that had to be.
 *
 * @param problemOf what a thrown error is told as
 */
export async function decideMany(
  service: Service,
  caller: Caller,
  { items, batch: batchId, attention }: DecideMany,
  problemOf: (error: unknown) => Problem,
): Promise<DecisionResult[]> {
  const check = batchId === undefined ? () => undefined : await checkFor(service, caller, batchId);
  return Promise.all(
    items.map(async ({ id, ...given }): Promise<DecisionResult> => {
      const refuse = (refusal: Problem): DecisionResult => ({
        id,
        ok: false,
        problem: problemDocument(refusal),
      });
      const refusal = check({ id, ...given });
      if (refusal !== undefined) return refuse(refusal);
      try {
        const shown = batchId === undefined ? undefined : { id: batchId, ...ofBatch(attention, items, id) };
        const done = await decideRequest(service, caller, id, given, shown);
        return done.ok
          ? { id, ok: true, request: await viewForReviewer(service, caller, done.loaded, done.current) }
          : refuse(done.problem);
      } catch (error) {
        return refuse(problemOf(error));
      }
    }),
  );
}

/** What is told of the attention to a batch with one of its rows. Rows of another batch can not have been opened in it. */
function ofBatch(
  attention: DecideMany['attention'],
  items: DecideMany['items'],
  id: string,
): { attention?: OfBatch } {
  if (attention === undefined) return {};
  const { opened = [], ...times } = attention;
  const rows = new Set(items.map((item) => item.id));
  const those = new Set(opened.filter((one) => rows.has(one)));
  return {
    attention: { ...times, batch: { rows: rows.size, opened: those.size, this_one: those.has(id) } },
  };
}

/** A row as it was seen; without a verdict it is said to be fine. */
type Item = Pick<DecisionItem, 'id' | 'seen'> & Partial<Pick<DecisionItem, 'verdict'>>;

/** What speaks against an item of this batch before anyone decides it. */
export async function checkFor(
  service: Service,
  caller: Caller,
  id: string,
): Promise<(item: Item) => Problem | undefined> {
  const batch = await findBatch(service, caller, id);
  if (batch === undefined) {
    const detail = 'There is no such batch of yours; one is kept for an hour. Read the batches again.';
    return () => problem('not_in_batch', detail);
  }
  const open = await unopened(service, caller, batch);
  return (item) => {
    if (!isRow(batch, item)) {
      const detail = 'This request, as it was seen, is not a row of that batch. Decide it by itself.';
      return problem('not_in_batch', detail);
    }
    if (item.verdict === 'reject' || open.length === 0) return undefined;
    const detail = `Open ${open.join(' and ')} first: a batch is marked after its chosen rows were read. Nothing was changed.`;
    return problem('confirmation_missing', detail, { open });
  };
}

function isRow({ rows }: PinnedBatch, { id, seen }: Item): boolean {
  return rows.some(
    (row) => row.id === id && row.version === seen.version && row.args_digest === seen.args_digest,
  );
}

/** The rows that this reviewer had to open and has not. */
async function unopened(service: Service, { key, current }: Caller, batch: PinnedBatch): Promise<string[]> {
  const loaded = await Promise.all(
    batch.must_open.map((id) => loadRequest(service.redis, current.snapshot.keys, id)),
  );
  return batch.must_open.filter((_, index) => loaded[index]?.record.viewed_by.includes(key.owner) !== true);
}
