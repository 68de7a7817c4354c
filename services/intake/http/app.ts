/** The HTTP application: every call of the contract, and one place where failures become problem documents. */
import { problem } from '@countersign/shared/contracts';
import { answerProblem, type Env, type Fetch, type OnCall } from '@countersign/shared/http';
import type { Outbound } from '@countersign/shared/outbound';
import { Hono } from 'hono';
import { cors } from 'hono/cors';
import type { Logger } from 'pino';
import type { Service } from '../requests/service.ts';
import { problemOf } from './failure.ts';
import { routesOn } from './route.ts';
import { adminRoutes } from './routes/admin.ts';
import { agentRoutes } from './routes/agent.ts';
import { auditRoutes } from './routes/audit.ts';
import { batchRoutes } from './routes/batches.ts';
import { canaryRoutes } from './routes/canaries.ts';
import { deliveryRoutes } from './routes/deliveries.ts';
import { destinationRoutes } from './routes/destinations.ts';
import { discontinuityRoutes } from './routes/discontinuity.ts';
import { drillRoutes } from './routes/drills.ts';
import { freezeRoutes } from './routes/freeze.ts';
import { grantRoutes } from './routes/grants.ts';
import { type Operations, operationRoutes } from './routes/operations.ts';
import { preferenceRoutes } from './routes/preferences.ts';
import { pushRoutes } from './routes/push.ts';
import { questionRoutes } from './routes/questions.ts';
import { requestRoutes } from './routes/requests.ts';
import { reviewerRoutes } from './routes/reviewer.ts';
import { reviewRoutes } from './routes/reviews.ts';
import { routingRoutes } from './routes/routing.ts';
import { sessionRoutes } from './routes/session.ts';
import { slackRoutes } from './routes/slack.ts';
import { streamRoute } from './routes/stream.ts';
import { serveWebPage } from './web-page.ts';

export type AppOptions = {
  service: Service;
  operations: Operations;
  vapidPublicKey: string;
  /** The guarded way to those who are answered elsewhere than in HTTP's answer. */
  out: Outbound;
  logger: Logger;
  /** Folder of the built web page, to be served under `/app/`. */
  webDir?: string | undefined;
  onCall?: OnCall | undefined;
  /** Answers the ledger's calls, where it runs in this process. */
  ledger?: Fetch | undefined;
};

/** Builds the application. */
export function intakeApp(options: AppOptions): Fetch {
  const { service, operations, vapidPublicKey, out, logger, webDir, onCall, ledger } = options;
  const app = new Hono<Env>();
  const routes = routesOn(app, { service, logger, onCall });
  agentRoutes(routes);
  requestRoutes(routes);
  reviewerRoutes(routes);
  batchRoutes(routes, logger);
  reviewRoutes(routes, logger);
  questionRoutes(routes);
  grantRoutes(routes);
  drillRoutes(routes);
  discontinuityRoutes(routes);
  canaryRoutes(routes);
  streamRoute(routes, logger);
  sessionRoutes(routes, vapidPublicKey);
  adminRoutes(routes);
  destinationRoutes(routes);
  deliveryRoutes(routes);
  pushRoutes(routes);
  freezeRoutes(routes);
  preferenceRoutes(routes);
  routingRoutes(routes);
  slackRoutes(routes, out, logger);
  auditRoutes(routes, ledger);
  operationRoutes(routes, operations);
  if (webDir !== undefined) serveWebPage(app, webDir);

  const patterns = routes.calls.map(({ method, path }) => ({
    pattern: new RegExp(
      `^${path
        .replaceAll('.', '\\.')
        .replace('{path}', '.+')
        .replaceAll(/\{\w+\}/g, '[^/]+')}$`,
    ),
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
  app.onError((error, c) => answerProblem(c, problemOf(error, c.req.path, logger)));

  const forBrowsers = behindCors(app);
  // Only browsers send an Origin and look for the answer to it. Agents are spared the middleware, which rebuilds every
  // response and costs more than the rest of the routing.
  return (request, env, ...rest) =>
    env.incoming.headers.origin === undefined
      ? app.fetch(request, env, ...rest)
      : forBrowsers.fetch(request, env, ...rest);
}

/** The same for pages of other origins. Bearer keys, not cookies, carry authority, so any may call. */
function behindCors(app: Hono<Env>): Hono<Env> {
  const outer = new Hono<Env>();
  const exposeHeaders = ['Location', 'Preference-Applied', 'Retry-After'];
  outer.use('*', cors({ origin: '*', exposeHeaders, maxAge: 600 }));
  return outer.all('*', (c) => app.fetch(c.req.raw, c.env));
}
