/** What a handler finds in Hono's context beside the request: Node's own message, and the connection that it came on. */
import type { Http2Bindings, HttpBindings } from '@hono/node-server';
import type { Context, ExecutionContext } from 'hono';

export type Env = { Bindings: HttpBindings | Http2Bindings };

/** Answers any request of Node's server. */
export type Fetch = (
  request: Request,
  env: Env['Bindings'],
  context?: ExecutionContext,
) => Response | Promise<Response>;

/** A header of the request by its lower-case name. From Node's own: a web `Headers` would be made just to be asked. */
export function headerOf(c: Context<Env>, name: string): string | undefined {
  const value = c.env.incoming.headers[name];
  return Array.isArray(value) ? value.join(', ') : value;
}
