/** Looking at like requests together, and deciding several in one call. */
import { Batches, DecideMany, DecisionResults } from '@countersign/shared/contracts';
import type { Logger } from 'pino';
import { readBatches } from '../../requests/batches.ts';
import { decideMany } from '../../requests/decisions.ts';
import { problemOf } from '../failure.ts';
import type { Routes } from '../route.ts';

/** Mounts them. */
export function batchRoutes(routes: Routes, logger: Logger): void {
  routes.add(
    {
      method: 'get',
      path: '/v1/batches',
      summary: 'Low, reversible, alike: what this reviewer may look at together.',
      roles: ['reviewer'],
      answers: { 200: { description: 'The batches, the most urgent first.', schema: Batches } },
    },
    async ({ service, caller, c }) => c.json(await readBatches(service, caller)),
  );

  routes.add(
    {
      method: 'post',
      path: '/v1/decisions',
      summary: 'Several verdicts, each decided by itself; one failure never sinks the rest.',
      roles: ['reviewer'],
      body: DecideMany,
      answers: { 200: { description: 'A result for each item.', schema: DecisionResults } },
    },
    async ({ service, caller, body, c }) => {
      const asProblem = (error: unknown) => problemOf(error, c.req.path, logger);
      return c.json({ results: await decideMany(service, caller, body, asProblem) });
    },
  );
}
