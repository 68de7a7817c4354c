/** `GET /v1/reviews`: what ran already and this reviewer may look at, what presses first. */
import { type Problem, problem, type ReviewBatch, type Reviews } from '@countersign/shared/contracts';
import { awaitsReview, type Loaded, loadRequests, tierRank } from '@countersign/shared/request';
import { fewestRows } from '../batch/group.ts';
import { applyDue } from '../lifecycle/due.ts';
import { worldOf } from '../workspace/workspaces.ts';
import { pinBatch } from './pinned-batch.ts';
import { inOrder, order, type Place, parseCursor, placesFor } from './queue.ts';
import { audiencesOf, type Caller, type Service } from './service.ts';
import { plainView } from './view.ts';

/** How many rows a batch has at most: more are not read, but clicked away. */
const mostRows = 10;

/** Everything that ran and this reviewer may look at. The score is when its window ends; 0 is an undo not done yet. */
async function toReview({ redis }: Service, caller: Caller): Promise<Place[]> {
  const { keys } = caller.current.snapshot;
  const lists = await Promise.all(
    audiencesOf(caller).map((audience) => redis.zrange(keys.reviews(audience), '0', '-1', 'WITHSCORES')),
  );
  return inOrder(lists.flatMap((reply) => placesFor(caller.key.owner, reply)));
}

/** One page. `counts` covers all pages, `batches` this one. */
export async function readReviews(
  service: Service,
  caller: Caller,
  { cursor, limit }: { cursor?: string | undefined; limit: number },
): Promise<Reviews | Problem> {
  const after = cursor === undefined ? undefined : parseCursor(cursor);
  if (cursor !== undefined && after === undefined) {
    return problem('invalid_request', 'That cursor is not one of ours. Start without one.');
  }
  const { current } = caller;
  const places = await toReview(service, caller);
  const from = after === undefined ? 0 : places.findIndex((place) => order(place, after) > 0);
  const page = from < 0 ? [] : places.slice(from, from + limit);
  const ids = page.map(({ id }) => id);
  const world = worldOf(current);
  const loaded = (await loadRequests(service.redis, current.snapshot.keys, ids))
    // A window that is over counts at once, although its timer may still be on its way.
    .filter(({ record }) => awaitsReview(applyDue(record, world)[0]));
  const last = page.at(-1);
  const more = last !== undefined && from + limit < places.length;
  return {
    items: loaded.map((found) => plainView(found, current)),
    batches: await batchesOf(service, caller, loaded),
    counts: { total: places.length, undo_requested: places.filter(({ score }) => score === 0).length },
    ...(more ? { next_cursor: `${last.score}~${last.id}` } : {}),
  };
}

/** What may be marked together: like calls of the lower tiers that went well. Anything else is looked at by itself. */
function isPlain({ record: { status, outcome, terms, warnings }, payloads }: Loaded): boolean {
  return (
    status === 'running' &&
    outcome?.status === 'succeeded' &&
    tierRank[terms.tier] >= tierRank.medium &&
    warnings.length === 0 &&
    payloads.current !== undefined
  );
}

async function batchesOf(service: Service, caller: Caller, loaded: Loaded[]): Promise<ReviewBatch[]> {
  const alike = Map.groupBy(loaded.filter(isPlain), ({ record: { agent, tool, rules } }) =>
    JSON.stringify([agent, tool, rules]),
  );
  const groups = [...alike.values()].filter((rows) => rows.length >= fewestRows);
  return Promise.all(
    groups.map(async (group): Promise<ReviewBatch> => {
      const rows = group.slice(0, mostRows).map(({ record: { id, version, args_digest } }) => ({
        id,
        version,
        args_digest,
      }));
      const { id, batch } = await pinBatch(service, caller, rows);
      const { agent = '', tool = '' } = group[0]?.record ?? {};
      return { id, agent, tool, rows: rows.map((row) => row.id), must_open: batch.must_open };
    }),
  );
}
