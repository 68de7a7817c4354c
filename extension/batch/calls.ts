/** The calls that are about several requests at once, and light guards on their answers. */
import type { Batch, Batches, DecideMany, DecisionResult } from '@countersign/shared/contracts';
import { type Access, call } from '../api/call.ts';
import { isProblem, isRequest } from '../api/guard.ts';
import type { Answer } from '../api/trouble.ts';

/** What this reviewer may look at together. */
export function getBatches(access: Access): Promise<Answer<Batches>> {
  return call(access, { method: 'GET', path: '/v1/batches' }, isBatches);
}

/** Gives several verdicts; the results stand in the order of the items. */
export function decideMany(access: Access, body: DecideMany): Promise<Answer<{ results: DecisionResult[] }>> {
  return call(access, { method: 'POST', path: '/v1/decisions', body }, isResults);
}

type Fields = Record<string, unknown>;

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isListOf = (value: unknown, is: (item: Fields) => boolean): boolean =>
  Array.isArray(value) && value.every((item) => isFields(item) && is(item));

function isBatches(value: unknown): value is Batches {
  return isFields(value) && Array.isArray(value.batches) && value.batches.every(isBatch);
}

/** Every row has a value for each column, or the table would show less than what is approved (law 6). */
function isBatch(value: unknown): value is Batch {
  if (!isFields(value) || !Array.isArray(value.columns) || !Array.isArray(value.rows)) return false;
  const { columns, rows } = value;
  return (
    typeof value.id === 'string' &&
    typeof value.agent === 'string' &&
    typeof value.tool === 'string' &&
    columns.every((path) => typeof path === 'string') &&
    Array.isArray(value.rules) &&
    isListOf(value.common, ({ path }) => typeof path === 'string') &&
    isListOf(
      rows,
      (row) =>
        typeof row.id === 'string' &&
        typeof row.args_digest === 'string' &&
        typeof row.version === 'number' &&
        Array.isArray(row.values) &&
        row.values.length === columns.length,
    ) &&
    isListOf(
      value.amounts,
      ({ path, each }) => typeof path === 'string' && Array.isArray(each) && each.length === rows.length,
    ) &&
    isListOf(value.left_out, ({ id, why }) => typeof id === 'string' && typeof why === 'string')
  );
}

function isResults(value: unknown): value is { results: DecisionResult[] } {
  return (
    isFields(value) &&
    isListOf(
      value.results,
      ({ id, ok, request, problem }) =>
        typeof id === 'string' && (ok === true ? isRequest(request) : isProblem(problem)),
    )
  );
}
