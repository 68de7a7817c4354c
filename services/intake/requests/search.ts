/** `GET /v1/requests`: search what this key may see, newest first. */
import type { Problem, SearchQuery, SearchResult } from '@countersign/shared/contracts';
import { problem } from '@countersign/shared/contracts';
import type { WorkspaceKeys } from '@countersign/shared/keys';
import { audienceOf, type Loaded, loadRequests } from '@countersign/shared/request';
import { type Caller, mayRead, type Service } from './service.ts';
import { plainView } from './view.ts';

/** How many requests one call looks at: a rare match is found over several pages instead of in one long call. */
const scanned = 2000;
const chunk = 100;

function indexFor(keys: WorkspaceKeys, query: SearchQuery): string {
  if (query.run_id !== undefined) return keys.index('run', query.run_id);
  if (query.agent !== undefined) return keys.index('agent', query.agent);
  if (query.tool !== undefined) return keys.index('tool', query.tool);
  if (query.status !== undefined) return keys.index('status', query.status);
  return keys.all;
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
  const [, cursorScore, cursorId] = /^(\d+)~(.+)$/.exec(query.cursor ?? '') ?? [];
  if (query.cursor !== undefined && cursorId === undefined) {
    return problem('invalid_request', 'That cursor is not one of ours. Start without one.');
  }
  const index = indexFor(keys, query);
  const min = query.from === undefined ? '-inf' : Date.parse(query.from);
  const max = cursorScore ?? (query.to === undefined ? '+inf' : Date.parse(query.to));
  const items: SearchResult['items'] = [];
  let offset = 0;
  let last: string | undefined;
  while (offset < scanned) {
    const reply = await service.redis.zrevrangebyscore(index, max, min, 'WITHSCORES', 'LIMIT', offset, chunk);
    const ids: string[] = [];
    const scores = new Map<string, string>();
    for (let i = 0; i + 1 < reply.length; i += 2) {
      const [id = '', score = ''] = reply.slice(i, i + 2);
      scores.set(id, score);
      // Within one millisecond, ids go down as well: those from the cursor's own up were on the page before.
      if (cursorId === undefined || score !== cursorScore || id < cursorId) ids.push(id);
    }
    for (const loaded of await loadRequests(service.redis, keys, ids)) {
      last = `${scores.get(loaded.record.id)}~${loaded.record.id}`;
      if (!matches(query, loaded) || !mayRead(caller, loaded.record, audienceOf(loaded.record))) continue;
      items.push(plainView(loaded, caller.current));
      if (items.length === query.limit) return { items, next_cursor: last };
    }
    if (reply.length < chunk * 2) return { items };
    offset += chunk;
  }
  return last === undefined ? { items } : { items, next_cursor: last };
}
