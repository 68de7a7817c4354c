/** Calls that find requests: for the history, and what a run asked for before. */
import type { RequestView, SearchResult } from '@countersign/shared/contracts';
import { type Access, call } from './call.ts';
import { isFields, isRequest } from './guard.ts';
import type { Answer } from './trouble.ts';

/** One page of what this person may see, newest first. `search` as the contract's query names it. */
export function searchRequests(
  access: Access,
  search: Record<string, string>,
  limit: number,
): Promise<Answer<SearchResult>> {
  const query = new URLSearchParams({ ...search, limit: String(limit) });
  return call(access, { method: 'GET', path: `/v1/requests?${query}` }, isSearchResult);
}

/** What the run of a request asked for up to then, newest first, the request itself included. */
export function getRunBefore(
  access: Access,
  { run_id = '', created_at }: RequestView,
  limit: number,
): Promise<Answer<SearchResult>> {
  const query = new URLSearchParams({ run_id, to: created_at, limit: String(limit) });
  return call(access, { method: 'GET', path: `/v1/requests?${query}` }, isSearchResult);
}

function isSearchResult(value: unknown): value is SearchResult {
  return isFields(value) && Array.isArray(value.items) && value.items.every(isRequest);
}
