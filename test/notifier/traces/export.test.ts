/** Waits leave the notifier as spans, once each by their id, whatever the endpoint or the process does meanwhile. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { bullPrefix, queues } from '@countersign/shared/keys';
import type { Redis } from 'ioredis';
import { type Logger, pino } from 'pino';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { type Notifier, startNotifier } from '../../../services/notifier/start.ts';
import type { TraceSettings } from '../../../services/notifier/traces/settings.ts';
import { spanIdOf } from '../../../services/notifier/traces/span.ts';
import { type OtlpReceiver, startOtlpReceiver } from '../../support/otlp-receiver.ts';
import { startTestRedis, type TestRedis } from '../../support/redis.ts';
import { kill9, killAll, startNotifierProcess } from '../notifier-processes.ts';
import { type TestWorkspace, testWorkspace } from '../workspace.ts';

const trace = { trace_id: '0af7651916cd43dd8448eb211c80319c', parent_id: 'b7ad6b7169203331', flags: 1 };
const approval = { reviewer: 'ann', verdict: 'approve', version: 1, args_digest: 'sha256:aa' } as const;

let server: TestRedis;
let redis: Redis;
let receiver: OtlpReceiver;
const running: Notifier[] = [];
const logged: string[] = [];
const logger: Logger = pino({ level: 'warn' }, { write: (line: string) => logged.push(line) });

const until = <T>(check: () => T | Promise<T>): Promise<T> =>
  vi.waitFor(check, { timeout: 60_000, interval: 20 });

async function start(traces: Partial<TraceSettings> | undefined): Promise<Notifier> {
  const usual = { url: `${receiver.url}/v1/traces`, timeoutMs: 600, namesReviewers: false };
  const settings = traces && { schedule: [0, 50, 50, 50, 50, 50, 50, 50], ...usual, ...traces };
  const notifier = await startNotifier({
    redisUrl: server.url,
    development: true,
    logger,
    takeOverMs: 1_000,
    traces: settings,
  });
  running.push(notifier);
  return notifier;
}

async function open(name: string): Promise<TestWorkspace> {
  const workspace = testWorkspace(redis, name);
  await workspace.open();
  return workspace;
}

/** A traced request that a person approves. */
async function waitIn(workspace: TestWorkspace, id: string): Promise<void> {
  await workspace.create(id, { trace });
  await workspace.change(id, 'request.approved', {
    status: 'approved',
    decided_at: Date.now(),
    decided_by: 'ann',
    verdicts: [{ ...approval, edited: false, at: Date.now() }],
  });
}

const spansOf = (workspace: TestWorkspace) =>
  receiver.spans.filter(({ attributes }) => attributes['countersign.workspace'] === workspace.name);

/** Until the notifier has handled all there is in the feed. */
const handled = (workspace: TestWorkspace) => until(async () => expect(await workspace.unhandled()).toBe(0));

const spansCounted = async (notifier: Notifier, outcome: string): Promise<number> => {
  const line = new RegExp(`^countersign_notifier_spans_total\\{outcome="${outcome}"\\} (\\d+)$`, 'm');
  return Number(line.exec(await notifier.metrics())?.[1] ?? 0);
};

beforeAll(async () => {
  [server, receiver] = await Promise.all([startTestRedis(), startOtlpReceiver()]);
  redis = server.client();
});
afterEach(async () => {
  await Promise.all([...running.splice(0).map((notifier) => notifier.stop()), killAll()]);
  receiver.answerWith();
  expect(receiver.faults).toEqual([]);
});
afterAll(() => Promise.all([server.stop(), receiver.stop()]));

test('a wait is a span of the agent’s trace, with what happened meanwhile', async () => {
  await start({});
  const workspace = await open('traced');
  await workspace.create('req_1', { trace: { ...trace, state: 'vendor=1' } });
  await workspace.change('req_1', 'request.viewed', { viewed_by: ['ann'] });
  await workspace.change('req_1', 'request.claimed', { claim: { by: 'ann', until: Date.now() + 1_000 } });
  const decided_at = Date.now();
  await workspace.change('req_1', 'request.rejected', {
    status: 'rejected',
    decided_at,
    decided_by: 'ann',
    verdicts: [{ ...approval, verdict: 'reject', edited: false, at: decided_at }],
  });

  const [span] = await until(() => {
    const spans = spansOf(workspace);
    expect(spans).toHaveLength(1);
    return spans;
  });
  expect(span).toMatchObject({
    trace_id: trace.trace_id,
    parent_span_id: trace.parent_id,
    span_id: spanIdOf({ workspace: 'traced', id: 'req_1' }),
    trace_state: 'vendor=1',
    name: 'approval orders.process_refund',
    // Internal; sampled, with a parent in another process.
    kind: 1,
    flags: 0x301,
    end: decided_at,
    status: 0,
    scope: 'countersign',
    resource: { 'service.name': 'countersign' },
  });
  expect(span?.attributes).toMatchObject({
    'countersign.decision': 'reject',
    'countersign.rules': ['big-refunds'],
    'countersign.wait_ms': decided_at - Number(span?.start),
  });
  expect(span?.events.map(({ name }) => name)).toEqual(['request.viewed', 'request.claimed']);
});

test('what is not traced, or not recorded by anybody, leaves nothing behind', async () => {
  await start({});
  const workspace = await open('untraced');
  await workspace.create('req_1');
  await workspace.approve('req_1');
  await workspace.create('req_2', { trace: { ...trace, flags: 0 } });
  await workspace.approve('req_2');
  // One that is exported, after them in the feed and in the queue.
  await waitIn(workspace, 'req_3');
  await until(() => expect(spansOf(workspace)).toHaveLength(1));
  expect(spansOf(workspace)[0]?.attributes['countersign.request_id']).toBe('req_3');
  expect(await redis.exists(workspace.keys.waited('req_1'), workspace.keys.waited('req_2'))).toBe(0);
});

test('with nothing configured there is no queue and nothing is noted', async () => {
  const notifier = await start(undefined);
  await redis.del(...(await redis.keys(`${bullPrefix}:${queues.traces}:*`)), 'none');
  const workspace = await open('unconfigured');
  await waitIn(workspace, 'req_1');
  await workspace.change('req_1', 'request.viewed', { viewed_by: ['ann'] });
  await handled(workspace);
  expect(await redis.keys(`${bullPrefix}:${queues.traces}:*`)).toEqual([]);
  expect(await redis.exists(workspace.keys.waited('req_1'))).toBe(0);
  expect(await notifier.metrics()).not.toMatch(/spans_total\{/);
});

test('law 9: an exporter killed in the middle of it, over and over, sends the same span again and no other', async () => {
  const workspace = await open('killed');
  const start = () => startNotifierProcess(server.url, '', `${receiver.url}/v1/traces`);
  let victim = start();
  const kills = 2;
  for (let n = 1; n <= kills; n++) {
    // It has arrived, and whoever sent it will never know.
    receiver.answerWith((response) => {
      void kill9(victim).then(() => response.destroy());
    });
    if (n === 1) await waitIn(workspace, 'req_1');
    await until(() => expect(victim.signalCode).toBe('SIGKILL'));
    victim = start();
  }
  const arrivedBefore = receiver.calls.length;
  receiver.answerWith('lost');
  await until(() => expect(spansOf(workspace).length).toBeGreaterThan(1));
  expect(arrivedBefore).toBeGreaterThanOrEqual(kills);
  expect(new Set(spansOf(workspace).map(({ span_id }) => span_id)).size).toBe(1);
  expect(new Set(spansOf(workspace).map((span) => JSON.stringify(span))).size).toBe(1);
});

test('an event that comes again adds no second span', async () => {
  const notifier = await start({});
  const workspace = await open('again');
  await waitIn(workspace, 'req_1');
  await until(() => expect(spansOf(workspace)).toHaveLength(1));
  await redis.xgroup('SETID', workspace.keys.feed, 'notifier', '0');
  await waitIn(workspace, 'req_2');
  await until(() => expect(spansOf(workspace)).toHaveLength(2));
  await handled(workspace);
  const ids = spansOf(workspace).map(({ attributes }) => attributes['countersign.request_id']);
  expect(ids.sort()).toEqual(['req_1', 'req_2']);
  // Counted once the endpoint's answer is here, which is after the span has arrived there.
  await until(async () => expect(await spansCounted(notifier, 'exported')).toBe(2));
});

test('an endpoint that is busy for a while gets the span when it is not', async () => {
  const notifier = await start({});
  const workspace = await open('busy');
  receiver.answerWith(503, (response) => response.destroy(), 429, 502);
  await waitIn(workspace, 'req_1');
  await until(() => expect(spansOf(workspace)).toHaveLength(1));
  await until(async () => expect(await spansCounted(notifier, 'exported')).toBe(1));
  expect(await spansCounted(notifier, 'failed')).toBeGreaterThan(0);
});

test('an endpoint that refuses a span does not get it again; it is counted and told', async () => {
  const notifier = await start({});
  const workspace = await open('refused');
  const before = receiver.calls.length;
  receiver.answerWith(400);
  await waitIn(workspace, 'req_1');
  await until(async () => expect(await spansCounted(notifier, 'dropped')).toBe(1));
  expect(receiver.calls.length - before).toBe(1);
  expect(logged.map((line) => JSON.parse(line))).toContainEqual(
    expect.objectContaining({ workspace: 'refused', request_id: 'req_1', code: 'http_400', attempt: 1 }),
  );
});

test.each<[string, (port: number) => string]>([
  ['where nobody listens', () => 'http://127.0.0.1:9/v1/traces'],
  ['that never answers', (port) => `http://127.0.0.1:${port}/silent`],
  ['that drips', (port) => `http://127.0.0.1:${port}/drip`],
  ['that leads elsewhere', (port) => `http://127.0.0.1:${port}/elsewhere`],
  ['that floods', (port) => `http://127.0.0.1:${port}/flood`],
])(
  'an endpoint %s holds up neither the feed nor the end of the process, and is given up',
  async (_what, at) => {
    const followed: string[] = [];
    const hostile = createServer((request, response) => {
      request.resume();
      if (request.url === '/drip') {
        response.writeHead(200);
        const dripping = setInterval(() => response.write('.'), 50);
        response.once('close', () => clearInterval(dripping));
      } else if (request.url === '/elsewhere') response.writeHead(307, { location: '/followed' }).end();
      else if (request.url === '/flood') response.writeHead(503).end(Buffer.alloc(8 << 20, 'secret'));
      else if (request.url === '/followed') followed.push(request.url);
    });
    await new Promise<void>((resolve) => hostile.listen(0, '127.0.0.1', resolve));
    try {
      const notifier = await start({
        url: at((hostile.address() as AddressInfo).port),
        timeoutMs: 200,
        schedule: [0, 10],
      });
      const workspace = await open(`hostile-${_what.split(' ').at(-1)}`);
      await waitIn(workspace, 'req_1');
      await handled(workspace);
      await until(async () => expect(await spansCounted(notifier, 'dropped')).toBe(1));
      expect((await notifier.health()).ok).toBe(true);
      expect(followed).toEqual([]);
      expect(logged.join()).not.toMatch(/secret/);
    } finally {
      hostile.closeAllConnections();
      hostile.close();
    }
  },
);
