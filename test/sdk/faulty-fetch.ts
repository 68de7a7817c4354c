/** A network that fails on purpose: what a real server can not be made to do on demand. */

/**
 * `lost`: the server acted, its answer never arrived. `unsent`: the server never heard of it.
 * `busy`: 503 with a problem document. `gateway`: 502 with a proxy's page. `hang`: no answer until the caller gives up.
 */
export type Fault = 'lost' | 'unsent' | 'busy' | 'gateway' | 'hang';

export type Sent = { method: string; path: string; headers: Headers; body: string };

/** Passes calls on to `real`, except where `plan` names a fault for one. Keeps what was sent. */
export function faultyFetch(real: typeof fetch, plan: (call: Sent, nth: number) => Fault | undefined) {
  const sent: Sent[] = [];
  const faulty: typeof fetch = async (input, init) => {
    const { method, url, headers } = new Request(input, init);
    const call = { method, path: new URL(url).pathname, headers, body: String(init?.body ?? '') };
    const nth = sent.filter((each) => each.method === method && each.path === call.path).length;
    sent.push(call);
    switch (plan(call, nth)) {
      case undefined:
        return real(input, init);
      case 'lost':
        await real(input, init);
        throw new TypeError('fetch failed');
      case 'unsent':
        throw new TypeError('fetch failed');
      case 'busy':
        return Response.json(
          {
            type: 'urn:countersign:unavailable',
            title: '',
            status: 503,
            code: 'unavailable',
            detail: 'Redis is away.',
          },
          { status: 503, headers: { 'retry-after': '1' } },
        );
      case 'gateway':
        return new Response('<h1>Bad gateway</h1>', { status: 502 });
      case 'hang':
        return new Promise((_, reject) => {
          init?.signal?.addEventListener('abort', () => reject(init.signal?.reason), { once: true });
        });
    }
  };
  return { fetch: faulty, sent };
}
