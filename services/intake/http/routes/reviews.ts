/** What ran before anyone looked: the list of it, and what reviewers say. */
import {
  DecisionResults,
  QueueQuery,
  RequestView,
  Review,
  ReviewMany,
  Reviews,
} from '@countersign/shared/contracts';
import type { Logger } from 'pino';
import { reviewMany, reviewRequest } from '../../requests/review.ts';
import { readReviews } from '../../requests/reviews.ts';
import { plainView } from '../../requests/view.ts';
import { problemOf } from '../failure.ts';
import type { Routes } from '../route.ts';

/** Mounts them. */
export function reviewRoutes(routes: Routes, logger: Logger): void {
  routes.add(
    {
      method: 'get',
      path: '/v1/reviews',
      summary: 'What ran already and this reviewer may look at, what presses first.',
      roles: ['reviewer'],
      query: QueueQuery,
      answers: { 200: { description: 'A page, and counts over all pages.', schema: Reviews } },
      problems: ['invalid_request'],
    },
    async ({ service, caller, query, c }) => {
      const page = await readReviews(service, caller, query);
      return 'code' in page ? page : c.json(page);
    },
  );

  routes.add(
    {
      method: 'post',
      path: '/v1/requests/{id}/review',
      summary: 'Say of a call that ran that it looks fine, or have its agent undo it.',
      roles: ['reviewer'],
      body: Review,
      answers: { 200: { description: 'The request as it now stands.', schema: RequestView } },
      problems: [
        'not_found',
        'not_your_request',
        'not_under_review',
        'not_consumed',
        'already_decided',
        'stale',
        'undo_not_offered',
        'too_busy',
      ],
    },
    async ({ service, caller, id, body, c }) => {
      const done = await reviewRequest(service, caller, id, body);
      return done.ok ? c.json(plainView(done.loaded, done.current)) : done.problem;
    },
  );

  routes.add(
    {
      method: 'post',
      path: '/v1/reviews',
      summary: 'Say of several rows of a batch that they look fine, each by itself.',
      roles: ['reviewer'],
      body: ReviewMany,
      answers: { 200: { description: 'A result for each item.', schema: DecisionResults } },
    },
    async ({ service, caller, body, c }) => {
      const asProblem = (error: unknown) => problemOf(error, c.req.path, logger);
      return c.json({ results: await reviewMany(service, caller, body, asProblem) });
    },
  );
}
