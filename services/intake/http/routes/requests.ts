/** Reading: one request, the queue, the search. */
import { Queue, QueueQuery, RequestView, SearchQuery, SearchResult } from '@countersign/shared/contracts';
import { headerOf } from '@countersign/shared/http';
import { readQueue } from '../../requests/queue.ts';
import { getRequest } from '../../requests/read.ts';
import { placeInLog } from '../../requests/sealed.ts';
import { searchRequests } from '../../requests/search.ts';
import type { Routes } from '../route.ts';

/** Seconds that a caller is willing to wait, from `Prefer: wait=N` (RFC 7240); at most 60. */
export function preferredWait(header: string | undefined): number {
  const [, seconds] = /(?:^|[,;\s])wait\s*=\s*"?(\d{1,6})"?/i.exec(header ?? '') ?? [];
  return Math.min(Number(seconds ?? 0), 60);
}

/** Mounts them. */
export function requestRoutes(routes: Routes): void {
  routes.add(
    {
      method: 'get',
      path: '/v1/requests/{id}',
      summary: 'Read a request, at once or as soon as it is decided.',
      roles: [],
      headers: { Prefer: '`wait=N`: answer when it is terminal, or after N seconds (at most 60).' },
      answers: { 200: { description: 'The request.', schema: RequestView } },
      problems: ['not_found', 'not_your_request'],
    },
    async ({ service, caller, id, c }) => {
      const seconds = preferredWait(headerOf(c, 'prefer'));
      const view = await getRequest(service, caller, id, {
        waitMs: seconds * 1000,
        signal: c.req.raw.signal,
      });
      if ('detail' in view) return view;
      if (seconds > 0) c.header('Preference-Applied', `wait=${seconds}`);
      c.header('Cache-Control', 'no-store');
      const log = await placeInLog(service, caller, id);
      return c.json(log === undefined ? view : { ...view, log });
    },
  );

  routes.add(
    {
      method: 'get',
      path: '/v1/queue',
      summary: 'What this reviewer may decide, most urgent first.',
      roles: ['reviewer'],
      query: QueueQuery,
      answers: { 200: { description: 'A page, and counts over all pages.', schema: Queue } },
      problems: ['invalid_request'],
    },
    async ({ service, caller, query, c }) => {
      const page = await readQueue(service, caller, query);
      return 'code' in page ? page : c.json(page);
    },
  );

  routes.add(
    {
      method: 'get',
      path: '/v1/requests',
      summary: 'Search the requests that this key may see, newest first.',
      roles: ['reviewer', 'lead', 'admin', 'auditor', 'agent'],
      query: SearchQuery,
      answers: { 200: { description: 'A page of matches.', schema: SearchResult } },
      problems: ['invalid_request'],
    },
    async ({ service, caller, query, c }) => {
      const page = await searchRequests(service, caller, query);
      return 'code' in page ? page : c.json(page);
    },
  );
}
