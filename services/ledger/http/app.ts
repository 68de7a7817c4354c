/** The ledger's HTTP application: the sealed log, read and proven. Nothing here writes to it. */
import { problem } from '@countersign/shared/contracts';
import {
  answerProblem,
  type Env,
  type Fetch,
  isOutage,
  type Routes,
  routesOn,
} from '@countersign/shared/http';
import { Hono } from 'hono';
import type { Redis } from 'ioredis';
import type { Logger } from 'pino';
import { type Caller, openKeys } from '../access/keys.ts';
import type { Backtests } from '../backtest/backtests.ts';
import type { Histories } from '../history/histories.ts';
import type { Health } from '../start.ts';
import { type OnRecord, openOnRecord } from './on-record.ts';
import { alertRoutes } from './routes/alerts.ts';
import { backtestRoutes } from './routes/backtests.ts';
import { entryRoutes } from './routes/entries.ts';
import { historyRoutes } from './routes/history.ts';
import { insightsRoutes } from './routes/insights.ts';
import { logRoutes } from './routes/log.ts';
import { operationRoutes } from './routes/operations.ts';
import { policyRoutes } from './routes/policy.ts';
import { proofRoutes } from './routes/proof.ts';
import type { LogOf } from './sealed-log-of.ts';

/** What handlers work with. `redis` fails fast: nobody waits for it to come back. */
export type World = { redis: Redis; logOf: LogOf; historyOf: Histories['of']; onRecord: OnRecord };
export type LedgerRoutes = Routes<World, Caller>;

export type AppOptions = {
  redis: Redis;
  logOf: LogOf;
  historyOf: Histories['of'];
  backtests: Backtests;
  /** Of all that is sealed in a workspace. */
  folderOf: (workspace: string) => string;
  health: () => Health;
  /** The text exposition. */
  metrics: () => Promise<string>;
  logger: Logger;
};

/** Builds the application. */
export function ledgerApp(options: AppOptions): Fetch {
  const { redis, logOf, historyOf, backtests, folderOf, health, metrics, logger } = options;
  const app = new Hono<Env>();
  const problemOf = (error: unknown, path: string) => {
    if (error instanceof Error && isOutage(error)) {
      logger.warn({ err: error, path }, 'the store is away');
      return problem('unavailable', 'The store cannot be reached, so nothing is answered. Try again.');
    }
    logger.error({ err: error, path }, 'unexpected failure');
    return problem('internal', 'Something went wrong on our side, and is in the log.');
  };
  const routes: LedgerRoutes = routesOn(app, {
    world: { redis, logOf, historyOf, onRecord: openOnRecord(redis) },
    identify: openKeys(redis),
    problemOf,
  });
  logRoutes(routes);
  entryRoutes(routes);
  historyRoutes(routes);
  insightsRoutes(routes);
  alertRoutes(routes);
  proofRoutes(routes);
  backtestRoutes(routes, backtests, folderOf, logger);
  policyRoutes(routes);
  operationRoutes(routes, health, metrics);
  app.notFound((c) => answerProblem(c, problem('not_found', `There is nothing at ${c.req.path} here.`)));
  app.onError((error, c) => answerProblem(c, problemOf(error, c.req.path)));
  return (request, env, ...rest) => app.fetch(request, env, ...rest);
}
