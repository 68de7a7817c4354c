/** The calls of intake: declared as everywhere, with what intake's handlers work with. */
import {
  type Env,
  type OnCall,
  routesOn as routes,
  type Call as SharedCall,
  type Routes as SharedRoutes,
} from '@countersign/shared/http';
import type { Hono } from 'hono';
import type { Logger } from 'pino';
import { authenticate } from '../access/authenticate.ts';
import type { Caller, Service } from '../requests/service.ts';
import { problemOf } from './failure.ts';

export type Call<B, Q> = SharedCall<{ service: Service }, Caller, B, Q>;
export type Routes = SharedRoutes<{ service: Service }, Caller>;

export type RoutesOptions = { service: Service; logger: Logger; onCall: OnCall | undefined };

/** Collects routes on an app. */
export function routesOn(app: Hono<Env>, { service, logger, onCall }: RoutesOptions): Routes {
  return routes(app, {
    world: { service },
    identify: (authorization) => authenticate(service.workspaces, authorization),
    problemOf: (error, path) => problemOf(error, path, logger),
    onCall,
  });
}
