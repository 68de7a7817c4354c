/** The reviewer's calls about what ran before anyone looked. Apart from the others: only its page carries them. */
import type {
  DecisionResults,
  RequestView,
  Review,
  ReviewBatch,
  Reviews,
} from '@countersign/shared/contracts';
import { type Access, call } from './call.ts';
import { isProblem, isRequest } from './guard.ts';
import type { Answer } from './trouble.ts';

type Fields = Record<string, unknown>;
const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null;
const areTexts = (value: unknown): boolean =>
  Array.isArray(value) && value.every((one) => typeof one === 'string');

function isBatch(value: unknown): boolean {
  return (
    isFields(value) &&
    typeof value.id === 'string' &&
    typeof value.tool === 'string' &&
    areTexts(value.rows) &&
    areTexts(value.must_open)
  );
}

function isReviews(value: unknown): value is Reviews {
  return (
    isFields(value) &&
    Array.isArray(value.items) &&
    value.items.every((item) => isRequest(item) && item.review !== undefined) &&
    Array.isArray(value.batches) &&
    value.batches.every(isBatch) &&
    isFields(value.counts) &&
    typeof value.counts.total === 'number'
  );
}

function isResults(value: unknown): value is DecisionResults {
  return (
    isFields(value) &&
    Array.isArray(value.results) &&
    value.results.every(
      (one) => isFields(one) && (one.ok === true ? isRequest(one.request) : isProblem(one.problem)),
    )
  );
}

/** What ran and this reviewer may look at, what presses first. */
export function getReviews(access: Access, limit: number): Promise<Answer<Reviews>> {
  return call(access, { method: 'GET', path: `/v1/reviews?limit=${limit}` }, isReviews);
}

/** Says of one call, as it was shown, that it looks fine or is to be undone. */
export function sayOf(
  access: Access,
  { id, version, args_digest }: RequestView,
  word: { verdict: 'fine' } | { verdict: 'undo'; reason: string },
): Promise<Answer<RequestView>> {
  const body: Review = { ...word, seen: { version, args_digest } };
  const path = `/v1/requests/${encodeURIComponent(id)}/review`;
  return call(access, { method: 'POST', path, body }, isRequest);
}

/** Says of the rows of a batch, as they were shown, that they look fine. */
export function sayOfAll(
  access: Access,
  batch: ReviewBatch,
  rows: readonly RequestView[],
): Promise<Answer<DecisionResults>> {
  const items = rows.map(({ id, version, args_digest }) => ({ id, seen: { version, args_digest } }));
  return call(access, { method: 'POST', path: '/v1/reviews', body: { items, batch: batch.id } }, isResults);
}
