import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createClient, Refused, requireApproval, Unavailable, UnexpectedAnswer } from '../../sdk/index.ts';
import { failure, refundTool, startAgent } from './agent.ts';
import type { Fault } from './faulty-fetch.ts';

// Waiting costs nothing here: the fake clock jumps to the next timer whenever everything else has come to rest.
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
  vi.setTimerTickMode('nextTimerAsync');
});
afterEach(() => {
  vi.useRealTimers();
});

const call = { order: 'A1', amount: 240 };
const action = { tool: refundTool, args: call };
const seconds = (n: number) => new Date(Date.now() + n * 1000).toISOString();

describe('a call that fails on the way', () => {
  test.each<Fault>(['lost', 'unsent', 'busy', 'gateway', 'hang'])(
    '%s twice: proposed once, answered in the end',
    async (fault) => {
      const { client, intake, sent } = startAgent({ plan: (_, nth) => (nth < 2 ? fault : undefined) });
      const proposed = await client.propose(action);
      expect(proposed.decision).toBe('approval_required');
      expect(sent).toHaveLength(3);
      expect(new Set(sent.map(({ headers }) => headers.get('idempotency-key'))).size).toBe(1);
      expect(intake.requests.size).toBe(1);
    },
  );

  test('gives up after retryFor, saying what it last saw', async () => {
    const { client } = startAgent({ plan: () => 'busy' });
    const began = Date.now();
    const error = await failure(client.propose(action));
    expect(error).toBeInstanceOf(Unavailable);
    expect(error).toMatchObject({ code: 'unavailable', cause: { code: 'unavailable' } });
    expect(Date.now() - began).toBeGreaterThanOrEqual(60_000);
    expect(Date.now() - began).toBeLessThan(66_000);
  });

  test('waits as long as Retry-After says', async () => {
    const { client } = startAgent({ plan: (_, nth) => (nth === 0 ? 'busy' : undefined) });
    const began = Date.now();
    await client.propose(action);
    expect(Date.now() - began).toBeGreaterThanOrEqual(1000);
  });

  test('a refusal is thrown at once, with the problem document', async () => {
    const { client, sent } = startAgent();
    const error = await failure(client.get('req-9'));
    expect(error).toBeInstanceOf(Refused);
    expect(error).toMatchObject({
      code: 'not_found',
      status: 404,
      problem: { type: 'urn:countersign:not_found', code: 'not_found', detail: 'told by the fake' },
      message: 'not_found: told by the fake',
    });
    expect(sent).toHaveLength(1);
  });

  test('an answer that is not of the contract is not built on', async () => {
    const answers = [
      new Response('<h1>Hello</h1>'),
      Response.json([1]),
      Response.json({ decision: 'maybe' }),
      new Response('<h1>Not here</h1>', { status: 404 }),
    ];
    for (const answer of answers) {
      const client = createClient({ url: 'http://x.test', key: 'k', agent: 'a', fetch: async () => answer });
      expect(await failure(client.propose(action))).toBeInstanceOf(UnexpectedAnswer);
    }
  });

  test('an abort ends the retries', async () => {
    const abort = new AbortController();
    const { client, sent } = startAgent({
      plan: (_, nth) => {
        if (nth === 2) abort.abort(new Error('enough'));
        return 'unsent';
      },
    });
    expect(await failure(client.propose(action, { signal: abort.signal }))).toMatchObject({
      message: 'enough',
    });
    expect(sent).toHaveLength(3);
  });

  test('the key travels in the header and follows no redirect', async () => {
    const fetch = vi.fn(async (_url: unknown, _init?: RequestInit) =>
      Response.json({ id: 'r', status: 'pending' }),
    );
    await createClient({ url: 'http://x.test/', key: 'cs_w_s', agent: 'a', fetch }).get('r');
    expect(fetch).toHaveBeenCalledWith(
      'http://x.test/v1/requests/r',
      expect.objectContaining({
        redirect: 'error',
        headers: expect.objectContaining({ authorization: 'Bearer cs_w_s' }),
      }),
    );
  });

  test('a malformed URL or key is told when the client is made', () => {
    expect(() => createClient({ url: 'nowhere', key: 'k', agent: 'a' })).toThrow(TypeError);
    expect(() => createClient({ url: 'file:///etc', key: 'k', agent: 'a' })).toThrow('http or https');
    expect(() => createClient({ url: 'http://x.test', key: 'k\n', agent: 'a' })).toThrow('printable');
  });
});

describe('waitFor', () => {
  test('outlasts an outage up to expires_at, however short retryFor is', async () => {
    const { client, intake } = startAgent({
      view: { expires_at: seconds(3600) },
      plan: ({ method }) => (method === 'GET' && Date.now() < awayUntil ? 'unsent' : undefined),
    });
    const awayUntil = Date.now() + 3_000_000;
    const proposed = await client.propose(action);
    if (proposed.decision !== 'approval_required') throw new Error('not gated');
    setTimeout(() => intake.approve(proposed.request.id), 2_000_000);
    const request = await client.waitFor(proposed.request);
    expect(request).toMatchObject({ status: 'approved', token: 'token-of-req-1' });
    expect(Date.now()).toBeGreaterThanOrEqual(awayUntil);
  });

  test('gives up when the server is still away after expires_at', async () => {
    const { client } = startAgent({
      view: { expires_at: seconds(600) },
      plan: ({ method }) => (method === 'GET' ? 'gateway' : undefined),
    });
    const proposed = await client.propose(action);
    if (proposed.decision !== 'approval_required') throw new Error('not gated');
    const began = Date.now();
    expect(await failure(client.waitFor(proposed.request))).toBeInstanceOf(Unavailable);
    expect(Date.now() - began).toBeGreaterThanOrEqual(590_000);
    expect(Date.now() - began).toBeLessThan(700_000);
  });

  test('a request that never expires is waited for through any outage', async () => {
    let away = true;
    const { client, intake } = startAgent({
      view: { expires_at: null },
      plan: ({ method }) => (method === 'GET' && away ? 'hang' : undefined),
    });
    const proposed = await client.propose(action);
    if (proposed.decision !== 'approval_required') throw new Error('not gated');
    setTimeout(() => {
      away = false;
      intake.approve(proposed.request.id);
    }, 86_400_000);
    expect(await client.waitFor(proposed.request)).toMatchObject({ status: 'approved' });
  });

  test('asks with Prefer: wait=60, again and again, until it is decided', async () => {
    const { client, intake, sent } = startAgent();
    await client.propose(action);
    setTimeout(() => intake.approve('req-1'), 150_000);
    await client.waitFor('req-1');
    const polls = sent.filter(({ method }) => method === 'GET');
    expect(polls.map(({ headers }) => headers.get('prefer'))).toEqual(['wait=60', 'wait=60', 'wait=60']);
  });

  test('does not spin where something on the way drops Prefer', async () => {
    const { intake } = startAgent();
    let asked = 0;
    const client = createClient({
      url: 'http://x.test',
      key: 'k',
      agent: 'a',
      fetch: (url, init) => {
        asked++;
        const headers = new Headers(init?.headers);
        headers.delete('prefer');
        return intake.fetch(url, { ...init, headers });
      },
    });
    await client.propose(action);
    setTimeout(() => intake.approve('req-1'), 100_000);
    await client.waitFor('req-1');
    expect(asked).toBeLessThan(30);
  });
});

describe('cancel', () => {
  test('a lost answer is not an error: the request is cancelled', async () => {
    const { client } = startAgent({
      plan: ({ path }, nth) => (path.endsWith('cancel') && nth === 0 ? 'lost' : undefined),
    });
    await client.propose(action);
    expect(await client.cancel('req-1')).toMatchObject({ status: 'cancelled' });
  });

  test('what was decided before is told, not overwritten', async () => {
    const { client, intake } = startAgent();
    await client.propose(action);
    intake.approve('req-1');
    expect(await failure(client.cancel('req-1'))).toMatchObject({ code: 'already_decided' });
  });
});

describe('consume and the report', () => {
  test.each<Fault>(['lost', 'hang', 'busy', 'gateway', 'unsent'])(
    'a consume that is %s strands nothing, and the tool runs once',
    async (fault) => {
      const { refund, ran } = startAgent({
        effects: { [refundTool]: 'allow' },
        plan: ({ path }, nth) => (path === '/v1/tokens/consume' && nth < 3 ? fault : undefined),
      });
      expect(await refund(call)).toBe('refunded 240');
      expect(ran).toHaveLength(1);
    },
  );

  test('a consume that is never answered runs nothing', async () => {
    const { refund, ran } = startAgent({
      effects: { [refundTool]: 'allow' },
      plan: ({ path }) => (path === '/v1/tokens/consume' ? 'lost' : undefined),
    });
    expect(await failure(refund(call))).toBeInstanceOf(Unavailable);
    expect(ran).toHaveLength(0);
  });

  test('a token that grew too old is fetched anew', async () => {
    const { intake, refund, ran, sent } = startAgent({
      plan: ({ method }, nth) => {
        if (method === 'GET' && nth === 1) intake.change('req-1', { token: 'token-of-req-1' });
        return undefined;
      },
    });
    const result = refund(call);
    const { id } = await intake.pending(refundTool);
    intake.approve(id);
    intake.change(id, { token: 'token-of-nothing' });
    expect(await result).toBe('refunded 240');
    expect(ran).toHaveLength(1);
    expect(sent.filter(({ path }) => path === '/v1/tokens/consume')).toHaveLength(2);
  });

  test.each(['lost', 'busy', 'hang', 'unsent'] as const)(
    'a report that is %s for good holds the result back for seconds only, and is told',
    async (fault) => {
      const unreported: string[] = [];
      const { refund } = startAgent({
        effects: { [refundTool]: 'allow' },
        plan: ({ path }) => (path.endsWith('/outcome') ? fault : undefined),
        options: { onUnreported: (_, id) => unreported.push(id) },
      });
      const began = Date.now();
      expect(await refund(call)).toBe('refunded 240');
      expect(unreported).toEqual(['req-1']);
      expect(Date.now() - began).toBeLessThan(35_000);
    },
  );

  test('law 5: the tool gets the arguments that consume returned, from nowhere else', async () => {
    const { refund, ran } = answering({ request_id: 'req-1', args: { order: 'A1', amount: 7 } });
    await refund(call);
    expect(ran).toEqual([{ order: 'A1', amount: 7 }]);
  });

  test.each([{ request_id: 'req-7' }, { tool: 'orders.delete' }, { args: [1] }])(
    'the answer to something else never runs this call: %o',
    async (wrong) => {
      const { refund, ran } = answering({ request_id: 'req-1', ...wrong });
      expect(await failure(refund(call))).toBeInstanceOf(UnexpectedAnswer);
      expect(ran).toHaveLength(0);
    },
  );
});

/** A server that allows everything and answers consume as told. */
function answering(consumed: object) {
  const { intake } = startAgent({ effects: { [refundTool]: 'allow' } });
  const client = createClient({
    url: 'http://x.test',
    key: 'k',
    agent: 'a',
    fetch: async (url, init) =>
      String(url).endsWith('consume')
        ? Response.json({ tool: refundTool, args: call, args_digest: '', ...consumed })
        : intake.fetch(url, init),
  });
  const ran: object[] = [];
  const refund = requireApproval(async (args: typeof call) => ran.push(args), { client, tool: refundTool });
  return { refund, ran };
}
