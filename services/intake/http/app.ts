/** The HTTP application: every call of the contract, and one place where failures become problem documents. */
import { problem } from '@countersign/shared/contracts';
import { Hono } from 'hono';
import { cors } from 'hono/cors';
import { routePath } from 'hono/route';
import type { Logger } from 'pino';
import type { Service } from '../requests/service.ts';
import { PolicyUnavailable } from '../workspace/workspaces.ts';
import type { Env } from './context.ts';
import { answerProblem, routesOn } from './route.ts';
import { adminRoutes } from './routes/admin.ts';
import { agentRoutes } from './routes/agent.ts';
import { destinationRoutes } from './routes/destinations.ts';
import { type Operations, operationRoutes } from './routes/operations.ts';
import { requestRoutes } from './routes/requests.ts';
import { reviewerRoutes } from './routes/reviewer.ts';
import { sessionRoutes } from './routes/session.ts';
import { streamRoute } from './routes/stream.ts';

export type AppOptions = {
  /** Told how long each call took, seconds; not streams and long polls, whose length says nothing. */
  onCall?: (call: { method: string; route: string; status: number; seconds: number }) => void;
  service: Service;
  operations: Operations;
  vapidPublicKey: string;
  logger: Logger;
};

/** What ioredis throws when the store is away or did not answer in time. Anything else thrown is a bug. */
function isOutage(error: Error): boolean {
  const names = ['MaxRetriesPerRequestError', 'AbortError', 'ConnectionClosedError'];
  return (
    names.includes(error.name) ||
    /Connection is closed|Stream isn't writeable|Command timed out|ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT/.test(
      error.message,
    ) ||
    // A Redis that is loading, read-only after a failover, out of memory, or without its AOF refuses by name.
    /^(LOADING|READONLY|OOM|MISCONF|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|NOREPLICAS|BUSY)\b/.test(error.message)
  );
}

/** Builds the app. It can be called without a port: `app.request(...)`. */
export function intakeApp({ service, operations, vapidPublicKey, logger, onCall }: AppOptions): Hono<Env> {
  const app = new Hono<Env>();
  // Bearer keys, not cookies, carry authority, so any origin may call; the extension's origin differs per install.
  const forBrowsers = cors({
    origin: '*',
    exposeHeaders: ['Location', 'Preference-Applied', 'Retry-After'],
    maxAge: 600,
  });
  // Only browsers send an Origin and look for the answer to it. The middleware rebuilds every response that it
  // passes on, which costs agents more than the rest of the routing.
  app.use('*', (c, next) => (c.req.header('origin') === undefined ? next() : forBrowsers(c, next)));
  if (onCall !== undefined) {
    app.use('*', async (c, next) => {
      const start = performance.now();
      await next();
      if (c.req.header('prefer') !== undefined || c.req.path === '/v1/stream') return;
      const seconds = (performance.now() - start) / 1000;
      onCall({ method: c.req.method, route: routePath(c, -1), status: c.res.status, seconds });
    });
  }
  const routes = routesOn(app, service);
  agentRoutes(routes);
  requestRoutes(routes);
  reviewerRoutes(routes);
  streamRoute(routes, logger);
  sessionRoutes(routes, vapidPublicKey);
  adminRoutes(routes);
  destinationRoutes(routes);
  operationRoutes(routes, operations);

  const patterns = routes.calls.map(({ method, path }) => ({
    pattern: new RegExp(`^${path.replaceAll('.', '\\.').replaceAll(/\{\w+\}/g, '[^/]+')}$`),
    methods: method === 'get' ? ['GET', 'HEAD'] : [method.toUpperCase()],
  }));
  app.notFound((c) => {
    const { method, path } = c.req;
    const allowed = patterns.flatMap(({ pattern, methods }) => (pattern.test(path) ? methods : []));
    if (allowed.length === 0)
      return answerProblem(c, problem('not_found', `There is nothing at ${path}. See /openapi.json.`));
    const takes = allowed.sort().join(', ');
    c.header('Allow', takes);
    return answerProblem(c, problem('method_not_allowed', `${path} takes ${takes}, and not ${method}.`));
  });
  app.onError((error, c) => {
    if (isOutage(error)) {
      logger.warn({ err: error, path: c.req.path }, 'the store is away');
      const detail =
        'The store cannot be reached, so nothing may run. Try again, with the same Idempotency-Key.';
      return answerProblem(c, problem('unavailable', detail));
    }
    if (error instanceof PolicyUnavailable) {
      logger.error({ err: error }, 'no policy to judge by');
      return answerProblem(
        c,
        problem('not_ready', 'This process cannot read the active policy. Ask another, or try again.'),
      );
    }
    logger.error({ err: error, path: c.req.path }, 'unexpected failure');
    return answerProblem(
      c,
      problem('internal', 'Something went wrong on our side, and is in the log. Nothing was allowed.'),
    );
  });
  return app;
}
