/** What a handler finds in Hono's context. */
import type { Logger } from 'pino';
import type { Caller, Service } from '../requests/service.ts';

export type Env = {
  Variables: {
    service: Service;
    caller: Caller;
    /** The body, strictly parsed and of the shape that the route declares. */
    body: unknown;
    query: unknown;
    logger: Logger;
  };
  Bindings: { incoming?: { socket?: { remoteAddress?: string } } };
};
