/** `GET /v1/requests`: search what this key may see, newest first. */
import type { Problem, SearchQuery, SearchResult } from '@countersign/shared/contracts';
import { problem, Status } from '@countersign/shared/contracts';
import type { WorkspaceKeys } from '@countersign/shared/keys';
import { audienceOf, type Loaded, loadRequests } from '@countersign/shared/request';
import { newestAfter, type Place } from '../store/newest.ts';
import { type Caller, mayRead, type Service } from './service.ts';
import { plainView } from './view.ts';

/** How many requests one call looks at: a rare match is found over several pages instead of in one long call. */
const scanned = 2000;
const chunk = 100;

/** The fewest sets that together hold every match. A request has one status, so all of those hold everything. */
function indexesFor(keys: WorkspaceKeys, query: SearchQuery): string[] {
  if (query.run_id !== undefined) return [keys.index('run', query.run_id)];
  if (query.agent !== undefined) return [keys.index('agent', query.agent)];
  if (query.tool !== undefined) return [keys.index('tool', query.tool)];
  const statuses = query.status === undefined ? Status.options : [query.status];
  return statuses.map((status) => keys.index('status', status));
}

function matches(query: SearchQuery, { record, payloads }: Loaded): boolean {
  if (query.run_id !== undefined && record.run_id !== query.run_id) return false;
  if (query.agent !== undefined && record.agent !== query.agent) return false;
  if (query.tool !== undefined && record.tool !== query.tool) return false;
  if (query.status !== undefined && record.status !== query.status) return false;
  if (query.tier !== undefined && record.terms.tier !== query.tier) return false;
  if (query.reviewer !== undefined && !record.verdicts.some((v) => v.reviewer === query.reviewer))
    return false;
  if (query.q === undefined) return true;
  const wanted = query.q.toLowerCase();
  const { current, first } = payloads;
  const text = [
    record.id,
    record.agent,
    record.tool,
    record.decision_reason,
    JSON.stringify(current?.args),
    first?.said?.reason,
  ];
  return text.some((part) => part?.toLowerCase().includes(wanted));
}

/** One page of matches. A `next_cursor` says that there may be more; a page may be short or empty and still have one. */
export async function searchRequests(
  service: Service,
  caller: Caller,
  query: SearchQuery,
): Promise<SearchResult | Problem> {
  const { keys } = caller.current.snapshot;
  let at: Place | undefined;
  if (query.cursor !== undefined) {
    const [, score, id] = /^(\d+)~(.+)$/.exec(query.cursor) ?? [];
    if (id === undefined) {
      return problem('invalid_request', 'That cursor is not one of ours. Start without one.');
    }
    at = { id, score: Number(score) };
  }
  const range = {
    min: query.from === undefined ? '-inf' : Date.parse(query.from),
    max: query.to === undefined ? '+inf' : Date.parse(query.to),
  };
  const indexes = indexesFor(keys, query);
  const items: SearchResult['items'] = [];
  for (let looked = 0; looked < scanned; looked += chunk) {
    const places = await newestAfter(service.redis, indexes, at, range, chunk);
    const scores = new Map(places.map(({ id, score }) => [id, score]));
    for (const loaded of await loadRequests(service.redis, keys, [...scores.keys()])) {
      const { id } = loaded.record;
      at = { id, score: scores.get(id) ?? 0 };
      if (!matches(query, loaded) || !mayRead(caller, loaded.record, audienceOf(loaded.record))) continue;
      items.push(plainView(loaded, caller.current));
      if (items.length === query.limit) return { items, next_cursor: cursorOf(at) };
    }
    at = places.at(-1) ?? at;
    if (places.length < chunk) return { items };
  }
  return at === undefined ? { items } : { items, next_cursor: cursorOf(at) };
}

const cursorOf = ({ id, score }: Place): string => `${score}~${id}`;
