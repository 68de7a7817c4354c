/** What a handler finds in Hono's context beside the request: the connection that it came on. */
export type Env = {
  Bindings: { incoming?: { socket?: { remoteAddress?: string } } };
};
