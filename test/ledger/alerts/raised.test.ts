/** G5: from what the log says to an alert on record, once, whatever becomes of the ledger. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AlertList } from '@countersign/shared/contracts';
import { decodeEvent, type EventBody, encodeEvent } from '@countersign/shared/feed';
import { workspaceKeys } from '@countersign/shared/keys';
import type { Redis } from 'ioredis';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Ledger, startLedger } from '../../../services/ledger/start.ts';
import { describedCalls, openApiOf } from '../../intake/described.ts';
import { startTestIntake, type TestIntake } from '../../support/intake.ts';
import { startTestRedis, type TestRedis } from '../../support/redis.ts';

const keys = workspaceKeys('default');
const [hour, day] = [3_600_000, 86_400_000];

let server: TestRedis;
let redis: Redis;
let folder: string;
let ledger: Ledger;
let intake: TestIntake;

const start = () =>
  startLedger({
    redisUrl: server.url,
    dir: folder,
    logger: pino({ level: 'silent' }),
    sealAfterMs: 20,
    readForMs: 20,
    alertEveryMs: 20,
  });

beforeAll(async () => {
  server = await startTestRedis();
  redis = server.client();
  folder = await mkdtemp(join(tmpdir(), 'countersign-alerts-'));
  intake = await startTestIntake({ redisUrl: server.url, ledger: (...call) => ledger.fetch(...call) });
});
afterAll(async () => {
  await intake?.stop();
  await ledger?.stop();
  await server?.stop();
  await rm(folder, { recursive: true, force: true });
});

let made = 0;
/** Requests of one tool that ended as they did, with the events that intake writes. */
async function told(at: number, ends: Record<'approved' | 'timed_out', number>): Promise<void> {
  const writing = redis.pipeline();
  const say = (event: EventBody) => writing.xadd(keys.feed, '*', ...encodeEvent(event));
  const actor = { kind: 'person', id: 'ann' } as const;
  for (const [end, times] of Object.entries(ends))
    for (let n = 0; n < times; n++) {
      const about = {
        request_id: `req_${made++}`,
        tool: 'pay',
        agent: 'a',
        tier: 'high',
        actor,
        at,
      } as const;
      say({ ...about, type: 'action.proposed', data: { effect: 'approval_required', rules: ['big'] } });
      say({ ...about, type: 'request.created', data: { groups: ['finance'] } });
      say({ ...about, type: end === 'approved' ? 'request.approved' : 'request.timed_out' });
    }
  await writing.exec();
}

async function alerts(): Promise<string[]> {
  const feed = await redis.xrange(keys.feed, '-', '+');
  return feed
    .map(([id, fields]) => decodeEvent(id, fields))
    .filter(({ type }) => type.startsWith('alert.'))
    .map(({ type, tool, agent, data }) => `${type} ${data?.kind} ${tool ?? agent ?? ''}`);
}

/** Everything in the feed is sealed, counted and looked at. */
async function settled(): Promise<void> {
  const mark = await redis.xadd(
    keys.feed,
    '*',
    ...encodeEvent({ type: 'audit.read', at: Date.now(), actor: { kind: 'system', id: 'test' } }),
  );
  await expect
    .poll(async () => (await redis.hget(keys.sealed, 'feed_id')) ?? '', { timeout: 60_000 })
    .toSatisfy((last: string) => last >= String(mark));
}

test('a spike of timeouts is on record once, with its figures, though the ledger is started anew and counts its log again', async () => {
  const now = Date.now();
  for (let back = 10; back >= 1; back--) await told(now - back * day - hour, { approved: 19, timed_out: 1 });
  ledger = await start();
  await settled();
  expect(await alerts()).toEqual([]);

  await told(now, { approved: 20, timed_out: 20 });
  await expect.poll(alerts, { timeout: 60_000 }).toEqual(['alert.raised timeouts pay']);
  await ledger.stop();
  // All that was counted is made again from the log.
  await rm(join(folder, 'default', 'history'), { recursive: true });
  ledger = await start();
  await settled();
  await told(now, { approved: 0, timed_out: 1 });
  await settled();
  expect(await alerts()).toEqual(['alert.raised timeouts pay']);
});

test('it is read with its words and its page, is over once timeouts are as usual, and both are in the sealed log', async () => {
  const call = describedCalls(await openApiOf(intake.url), intake.call);
  const read = async <Body>(path: string): Promise<Body> => {
    const { status, body } = await call<Body>(intake.keys.lead, 'GET', path);
    expect(status).toBe(200);
    return body;
  };
  const list = () => read<AlertList>('/v1/insights/alerts');
  expect(await list()).toMatchObject({
    open: [
      {
        kind: 'timeouts',
        status: 'raised',
        urgency: 'high',
        about: { tool: 'pay', rules: ['big'], tier: 'high', team: 'finance' },
        figures: { share: { k: 20, n: 40 }, usual: { k: 10, n: 200, rate: 0.05, days: 10 } },
        title: 'Far more requests time out than usual: pay, asked of finance',
        page: '#/insights?team=finance&tool=pay&rule=big&tier=high',
      },
    ],
    recent: [],
  });

  await told(Date.now(), { approved: 300, timed_out: 0 });
  // With these, hardly anything that somebody decided was ever rejected: that is said, too.
  await expect
    .poll(async () => (await alerts()).toSorted(), { timeout: 60_000 })
    .toEqual(['alert.cleared timeouts pay', 'alert.raised always_approved pay', 'alert.raised timeouts pay']);
  const { open, recent, log } = await list();
  expect(open).toMatchObject([{ kind: 'always_approved', urgency: 'low', figures: { reading: 'unknown' } }]);
  expect(recent).toMatchObject([{ kind: 'timeouts', status: 'cleared', cleared_because: 'over' }]);
  await settled();
  const found = await read<{ items: { entry: { data: object } }[] }>(log);
  expect(found.items).toContainEqual(
    expect.objectContaining({
      entry: expect.objectContaining({
        ...{ type: 'alert.raised', tool: 'pay', tier: 'high', actor: { kind: 'system', id: 'ledger' } },
        data: expect.objectContaining({ team: 'finance', kind: 'timeouts', rules: ['big'] }),
      }),
    }),
  );
});

test('an agent that is held back is an alert until somebody lifts that; policy may switch it off', async () => {
  const policy = { kind: 'policy', id: 'policy' } as const;
  const hold = (agent: string): EventBody => ({
    ...{ type: 'agent.throttled', at: Date.now(), actor: policy, agent },
    data: { why: 'asks', until: new Date(Date.now() + 300_000).toISOString() },
  });
  await redis.xadd(keys.feed, '*', ...encodeEvent(hold('mailer')));
  const floods = async () => (await alerts()).filter((one) => one.includes('flooding'));
  await expect.poll(floods, { timeout: 60_000 }).toEqual(['alert.raised flooding mailer']);
  await redis.xadd(
    keys.feed,
    '*',
    ...encodeEvent({
      type: 'throttle.lifted',
      at: Date.now(),
      actor: { kind: 'person', id: 'bo' },
      agent: 'mailer',
    }),
  );
  await expect
    .poll(floods, { timeout: 60_000 })
    .toEqual(['alert.raised flooding mailer', 'alert.cleared flooding mailer']);

  const before = await redis.hget(keys.state, 'policy');
  await writeFile(join(intake.policiesDir, 'alerts.yaml'), 'version: 1\nalerts: { flooding: off }\n');
  await expect.poll(() => redis.hget(keys.state, 'policy'), { timeout: 10_000 }).not.toBe(before);
  await redis.xadd(keys.feed, '*', ...encodeEvent(hold('other')));
  await settled();
  await settled();
  expect(await floods()).toHaveLength(2);
});
