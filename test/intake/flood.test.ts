/** A12: an agent that asks people too much. */
import type { FreezeView, JsonObject, Throttle } from '@countersign/shared/contracts';
import { type FeedEvent, parseEvent } from '@countersign/shared/feed';
import { workspaceKeys } from '@countersign/shared/keys';
import { describe, expect, test } from 'vitest';
import { startTestIntake } from '../support/intake.ts';
import { onStage } from './stage.ts';

const rules = `
rules:
  - { name: reads, tools: ['*.get'], effect: allow }
  - { name: never, tools: ['*.drop'], effect: deny }
`;
const stage = onStage(`
version: 1
flood: { asks: 5, window: 1h, rejections: 3, throttle: 2s }
${rules}`);

let n = 0;
const ask = (agent: string, more: JsonObject = {}, headers?: Record<string, string>) =>
  stage.propose({ agent, tool: 'note.write', args: { n: ++n }, ...more }, headers);
const waiting = (agent: string) => stage.ask('note.write', { n: ++n }, { agent });
async function eventsOf(agent: string): Promise<FeedEvent[]> {
  const entries = await stage.redis.xrange(workspaceKeys('default').feed, '-', '+');
  return entries
    .map(([id, fields]) => parseEvent(id, fields[fields.indexOf('event') + 1] ?? ''))
    .filter((event) => event.type === 'agent.throttled' && event.agent === agent);
}
const throttles = async () =>
  (await stage.call<{ items: Throttle[] }>(stage.keys.reviewer, 'GET', '/v1/throttles')).body.items;

describe('a burst', () => {
  test('is refused with the time to wait, once on record; what waits stays, what policy decides goes on', async () => {
    const first = await waiting('bursty');
    for (let more = 0; more < 4; more++) await waiting('bursty');
    const refused = await ask('bursty');
    expect([refused.status, refused.code]).toEqual([429, 'agent_throttled']);
    expect(refused.body).toMatchObject({
      why: 'asks',
      detail: expect.stringContaining('5 times within 3600 seconds'),
    });
    const seconds = Number(refused.headers.get('retry-after'));
    expect(seconds).toBeGreaterThanOrEqual(1);
    expect(seconds).toBeLessThanOrEqual(2);
    expect((await ask('bursty')).code).toBe('agent_throttled');

    expect((await ask('bursty', { tool: 'note.get' })).body.decision).toBe('allow');
    expect((await ask('bursty', { tool: 'note.drop' })).body.decision).toBe('deny');
    expect((await ask('calm')).status).toBe(202);
    expect((await stage.decide(stage.keys.reviewer, first, { verdict: 'approve' })).body.status).toBe(
      'approved',
    );

    expect(await eventsOf('bursty')).toMatchObject([
      { actor: { kind: 'policy' }, data: { why: 'asks', until: expect.any(String) } },
    ]);
    expect(await throttles()).toMatchObject([{ agent: 'bursty', why: 'asks' }]);
    const metrics = await stage.intake.call<string>('', 'GET', '/metrics');
    expect(metrics.body).toContain('countersign_throttled_agents{workspace="default"} 1');

    await expect.poll(async () => (await ask('bursty')).status, { timeout: 5000, interval: 200 }).toBe(202);
    expect((await throttles()).filter(({ agent }) => agent === 'bursty')).toEqual([]);
    expect(await eventsOf('bursty')).toHaveLength(1);
  });

  test('a lead lets it ask again before its time is over, once on record; nobody else does', async () => {
    const { keys } = stage;
    const lift = (key: string, agent = 'let go') =>
      stage.call(key, 'DELETE', `/v1/throttles/${encodeURIComponent(agent)}`);
    const name = 'let go';
    for (let more = 0; more < 5; more++) await waiting(name);
    expect((await ask(name)).status).toBe(429);
    for (const key of [keys.reviewer, keys.agent]) expect((await lift(key)).code).toBe('forbidden');
    const both = await Promise.all([lift(keys.lead), lift(keys.lead)]);
    expect(both.map(({ status }) => status).sort()).toEqual([204, 404]);
    expect((await throttles()).filter(({ agent }) => agent === name)).toEqual([]);
    const feed = await stage.redis.xrange(workspaceKeys('default').feed, '-', '+');
    const lifted = feed
      .map(([id, fields]) => parseEvent(id, fields[fields.indexOf('event') + 1] ?? ''))
      .filter(({ type }) => type === 'throttle.lifted');
    expect(lifted).toMatchObject([{ agent: name, actor: { kind: 'person', id: 'bo' } }]);
    // What it asked until then is not counted again.
    for (let more = 0; more < 5; more++) await waiting(name);
    expect((await ask(name)).status).toBe(429);
    expect((await lift(keys.lead, 'nobody')).code).toBe('not_found');
  });

  test('law 9: a repeat of what waits is answered as it stands, and counts once', async () => {
    const key = { 'idempotency-key': 'again' };
    const body = { args: { n: 'same' } };
    for (let repeat = 0; repeat < 8; repeat++) expect((await ask('patient', body, key)).status).toBe(202);
    for (let more = 0; more < 4; more++) await waiting('patient');
    expect((await ask('patient')).status).toBe(429);
    expect((await ask('patient', body, key)).status).toBe(202);
  });

  test('of 64 calls at once over two intakes exactly as many ask as may, under one event', async () => {
    const { keys } = stage;
    const other = await startTestIntake({
      redisUrl: stage.server.url,
      keys,
      policies: await policyOfStage(),
    });
    try {
      const statuses = await Promise.all(
        Array.from({ length: 64 }, async (_, at) => {
          const { call } = at % 2 === 0 ? stage.intake : other;
          const args = { n: `race ${at}` };
          return (await call(keys.agent, 'POST', '/v1/requests', { agent: 'racer', tool: 'x', args })).status;
        }),
      );
      expect(statuses.filter((status) => status === 202)).toHaveLength(5);
      expect(statuses.filter((status) => status === 429)).toHaveLength(59);
      expect(await eventsOf('racer')).toHaveLength(1);
    } finally {
      await other.stop();
    }
  });
});

/** The stage's policy text, so that a second intake brings the same. */
async function policyOfStage(): Promise<string> {
  const keys = workspaceKeys('default');
  const digest = (await stage.redis.hget(keys.state, 'policy')) ?? '';
  const files = JSON.parse((await stage.redis.get(keys.policy(digest))) ?? '[]') as { text: string }[];
  return files[0]?.text ?? '';
}

describe('rejection after rejection', () => {
  const judge = async (agent: string, verdict: 'approve' | 'reject') => {
    const { status } = await stage.decide(stage.keys.reviewer, await waiting(agent), { verdict });
    expect(status).toBe(200);
  };

  test('throttles at the next call that would ask; an approval in between ends the row', async () => {
    await judge('learning', 'reject');
    await judge('learning', 'reject');
    await judge('learning', 'approve');
    await judge('learning', 'reject');
    await waiting('learning');
    expect(await eventsOf('learning')).toEqual([]);

    for (let time = 0; time < 3; time++) await judge('stubborn', 'reject');
    const refused = await ask('stubborn');
    expect(refused.body).toMatchObject({
      why: 'rejections',
      detail: expect.stringContaining('rejected 3 calls'),
    });
    await expect.poll(async () => (await ask('stubborn')).status, { timeout: 5000, interval: 200 }).toBe(202);
  });

  test('what was cancelled or denied by policy says nothing of people', async () => {
    for (let time = 0; time < 4; time++) {
      await stage.act(stage.keys.agent, (await waiting('unsure')).id, 'cancel');
      await ask('unsure', { tool: 'note.drop' });
    }
    expect((await ask('unsure')).status).toBe(202);
  });
});

describe('under a policy that pauses', () => {
  const paused = onStage(`
version: 1
flood: { asks: 2, window: 1h, pause: true }
${rules}`);

  test('the agent is frozen until somebody lifts that, and may ask again then', async () => {
    const propose = () => paused.propose({ agent: 'wild', tool: 'x', args: { n: ++n } });
    const first = await paused.ask('x', { n: ++n }, { agent: 'wild' });
    await propose();
    expect((await propose()).body).toMatchObject({ decision: 'deny', stop_reason: 'frozen' });
    expect((await paused.read(paused.keys.agent, first.id)).body).toMatchObject({
      status: 'cancelled',
      stop_reason: 'frozen',
    });
    const { body } = await paused.call<{ items: FreezeView[] }>(paused.keys.lead, 'GET', '/v1/freeze');
    expect(body.items).toMatchObject([{ scope: 'agent', match: 'wild', set_by: 'policy' }]);
    await paused.call(paused.keys.lead, 'DELETE', `/v1/freeze/${body.items[0]?.id}`);
    expect((await propose()).status).toBe(202);
  });

  test('one whose name is a pattern is throttled instead: a freeze would stop others', async () => {
    const propose = () => paused.propose({ agent: 'a*', tool: 'x', args: { n: ++n } });
    await propose();
    await propose();
    expect((await propose()).code).toBe('agent_throttled');
    expect((await paused.propose({ agent: 'abc', tool: 'x', args: {} })).status).toBe(202);
  });
});
