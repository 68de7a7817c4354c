/** When and for whom canaries are planted: the scheduler on a real Redis. */
import type { CanaryProgramme } from '@countersign/shared/contracts';
import { decodeEvent } from '@countersign/shared/feed';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  activate,
  announced,
  keys,
  onStageWithInside,
  look as plantedBy,
  recordOf as recordIn,
  refund,
  wasApproved,
} from './stage.ts';

const { stage, inside } = onStageWithInside(announced());

const look = () => plantedBy(stage, inside);
const open = () => stage.redis.zrange(keys.canaries('open'), '0', '-1');
const recordOf = (id?: string) => recordIn(stage, id);

/** A new review: what draws the next canary. */
async function review(): Promise<string> {
  const { tool, args, ...more } = refund();
  return (await stage.ask(tool, args, more)).id;
}

beforeEach(async () => {
  await look();
  await wasApproved(stage);
});
afterEach(async () => {
  for (const id of [
    ...(await open()),
    ...(await stage.redis.zrange(keys.index('status', 'pending'), '0', '-1')),
  ])
    await stage.act(stage.keys.agent, id, 'cancel');
  // What was borne is forgotten, and so is the unrest.
  await stage.redis.del(keys.canaries('ended'), keys.canaryPlan);
});

test('a review draws one, made from what was approved, waiting like any other and ending with it', async () => {
  await review();
  const id = await look();
  expect(await open()).toEqual([id]);
  const { body } = await stage.read(stage.keys.reviewer, id ?? '');
  expect(body).toMatchObject({ status: 'pending', tool: 'orders.refund', tier: 'medium' });
  expect(body.reason).not.toContain(String(body.args.amount));
  const record = await recordOf(id ?? '');
  expect(record).toMatchObject({ agent: 'tester', planted: { difficulty: 'plain' } });
  expect(await stage.redis.zscore(keys.timers, `expire:${id}`)).toBe(String(record.expires_at));
});

test('looking again plants nothing more: a review draws once, and a canary draws none', async () => {
  await review();
  expect(await look()).toBeDefined();
  expect(await look()).toBeUndefined();
  expect(await look()).toBeUndefined();
});

test('two that look at once plant one', async () => {
  await review();
  const planted = await Promise.all([look(), look(), look(), look()]);
  expect(planted.filter((id) => id !== undefined)).toHaveLength(1);
  expect(await open()).toHaveLength(1);
});

test('nobody has more than two a day', async () => {
  for (let round = 0; round < 4; round++) {
    await review();
    const id = await look();
    if (round < 2 && id !== undefined) {
      const { body } = await stage.read(stage.keys.reviewer, id);
      // Whoever answers has had it; the one that waits counts for everyone.
      if (round === 0) await stage.decide(stage.keys.reviewer, body, { verdict: 'reject' });
    } else expect(id).toBeUndefined();
  }
  expect(await stage.redis.zcard(keys.canaries('ended'))).toBe(1);
  expect(await open()).toHaveLength(1);
});

test('a freeze takes it back, and plants nothing until things have settled', async () => {
  await review();
  const id = (await look()) ?? '';
  const body = { scope: 'tool', match: 'other.*', reason: 'an incident' };
  const freeze = await stage.call<{ id: string }>(stage.keys.admin, 'POST', '/v1/freeze', body);
  await look();
  expect(await recordOf(id)).toMatchObject({ status: 'cancelled', stop_reason: 'approval_cancelled' });
  await stage.call(stage.keys.admin, 'DELETE', `/v1/freeze/${freeze.body.id}`);
  await review();
  expect(await look()).toBeUndefined();
});

test('a backlog plants nothing', async () => {
  for (let waiting = 0; waiting < 16; waiting++) await review();
  expect(await look()).toBeUndefined();
});

test('a destination that would hear of it takes it back, and none is planted while there is one', async () => {
  await review();
  const id = (await look()) ?? '';
  await stage.redis.set('cs:notifier-channels', JSON.stringify(['webhook', 'push']));
  const destination = {
    name: 'audit',
    kind: 'webhook',
    url: 'http://127.0.0.1:9/x',
    match: { events: ['request.viewed'] },
  };
  const made = await stage.call<{ id: string }>(stage.keys.admin, 'POST', '/v1/destinations', destination);
  expect(made.status).toBe(201);
  await look();
  expect(await recordOf(id)).toMatchObject({ status: 'cancelled' });
  await review();
  expect(await look()).toBeUndefined();
  await stage.call(stage.keys.admin, 'DELETE', `/v1/destinations/${made.body.id}`);
  await review();
  expect(await look()).toBeDefined();
});

test('it is off where no policy announces it, before its day, and where it is switched off: what waits is taken back', async () => {
  for (const policy of [
    'version: 1\ndefault: approval_required\n',
    announced('', 'announced: 2999-01-01'),
    announced('', 'announced: 2026-01-02, enabled: false'),
    announced('', 'announced: 2026-01-02, tools: [other.*]'),
  ]) {
    await activate(stage, announced());
    await look();
    await review();
    const id = await look();
    expect(id, policy).toBeDefined();
    await activate(stage, policy);
    await review();
    expect(await look(), policy).toBeUndefined();
    expect((await recordOf(id ?? '')).status, policy).toBe('cancelled');
    await stage.redis.del(keys.canaries('ended'));
  }
  await activate(stage, announced());
});

test('a lead stops it at once, and lets it go on; reviewers may know that, and change nothing', async () => {
  const programme = (key: string) => stage.call<CanaryProgramme>(key, 'GET', '/v1/canaries');
  const change = (key: string, stopped: boolean) =>
    stage.call<CanaryProgramme>(key, 'PUT', '/v1/canaries', { stopped });
  const { reviewer, lead, agent } = stage.keys;
  await review();
  const id = (await look()) ?? '';
  const running = { announced: '2026-01-02', running: true, rate: 0.02, may_switch: false };
  expect((await programme(reviewer)).body).toEqual(running);
  expect((await programme(agent)).status).toBe(403);
  expect((await change(reviewer, true)).status).toBe(403);

  const stopped = await change(lead, true);
  expect(stopped.body).toMatchObject({ running: false, stopped: { by: 'bo' }, may_switch: true });
  await change(lead, true);
  await look();
  expect((await recordOf(id)).status).toBe('cancelled');
  await review();
  expect(await look()).toBeUndefined();

  expect((await change(lead, false)).body).toEqual({ ...running, may_switch: true });
  await look();
  await review();
  expect(await look()).toBeDefined();
  const feed = await stage.redis.xrange(keys.feed, '-', '+');
  const types = feed.map(([feedId, fields]) => decodeEvent(feedId, fields).type);
  expect(types.filter((type) => type.startsWith('canaries.'))).toEqual([
    'canaries.stopped',
    'canaries.resumed',
  ]);
});
