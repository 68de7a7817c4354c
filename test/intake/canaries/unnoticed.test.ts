/** Ways in which whoever looks closely could know a canary by something else than what is wrong: then none is planted. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { JsonObject } from '@countersign/shared/contracts';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { lookAt } from '../../../services/intake/canaries/scheduler.ts';
import {
  activate,
  announced,
  type Behind,
  keys,
  onStageWithInside,
  look as plantedBy,
  recordOf as recordIn,
  refund,
  wasApproved,
} from './stage.ts';

const policy = announced(`
flood: { asks: 50 }
rules:
  - { name: granted, tools: [granted.refund], effect: approval_required, grants: { calls: 9, for: 1h, per: [context.channel] } }
`);
const { stage, inside } = onStageWithInside(policy);

const look = () => plantedBy(stage, inside);
const recordOf = (id?: string) => recordIn(stage, id);

/** A new review: what draws the next canary. */
async function review(tool = 'orders.refund', more: JsonObject = {}): Promise<string> {
  const { tool: _same, args, ...said } = refund(tool);
  return (await stage.ask(tool, args, { ...said, ...more })).id;
}

/** What was approved is history, and not of this hour. */
async function history(of = 'orders.refund'): Promise<string> {
  const { id } = await wasApproved(stage, of);
  await stage.redis.zadd(keys.index('agent', 'tester'), Date.now() - 3 * 3_600_000, id);
  return id;
}

beforeEach(() => look());
afterEach(async () => {
  for (const id of await stage.redis.zrange(keys.index('status', 'pending'), '0', '-1'))
    await stage.act(stage.keys.agent, id, 'cancel');
  // Each test has a history, an hour and a day of its own.
  await stage.redis.del(keys.canaries('ended'), keys.canaryPlan, keys.index('agent', 'tester'));
  await stage.redis.del(keys.index('status', 'approved'));
});

test('it bears the time of its commit, though finding it took many reads, as a proposal does', async () => {
  await history();
  await review();
  const times: number[] = [];
  const workspaces: Behind['workspaces'] = {
    async current(workspace) {
      const current = await inside.workspaces.current(workspace);
      times.push(current?.now ?? 0);
      return current;
    },
  };
  const id = await lookAt({ ...inside, workspaces }, 'default', () => 0);
  expect(times).toHaveLength(2);
  expect((await recordOf(id)).created_at).toBe(times[1]);
});

test('it is one more of what its agent asks now: nothing is planted for one that was silent for an hour', async () => {
  await history();
  const id = await review();
  await stage.redis.zadd(keys.index('agent', 'tester'), Date.now() - 3_700_000, id);
  expect(await look()).toBeUndefined();
  await review();
  expect(await look()).toBeDefined();
});

test('nor where policy has changed since it asked: it would be timed by another', async () => {
  await history();
  await review();
  await activate(stage, `${policy}# another\n`);
  expect(await look()).toBeUndefined();
  await review();
  expect(await look()).toBeDefined();
});

test('nor of an agent that may ask nobody', async () => {
  await history();
  await review();
  const { throttled } = keys.flood('tester');
  await stage.redis.set(throttled, '{}');
  expect(await look()).toBeUndefined();
  await stage.redis.del(throttled);
  // What was due then is not made up for.
  expect(await look()).toBeUndefined();
  await review();
  expect(await look()).toBeDefined();
});

test('nor where a standing grant would let the call through', async () => {
  await history('granted.refund');
  await review('granted.refund');
  const { tool, args, ...said } = refund('granted.refund');
  const request = await stage.ask(tool, args, said);
  const grant = { calls: 9, seconds: 600 };
  const given = await stage.decide(stage.keys.reviewer, request, { verdict: 'approve', grant });
  expect(given.body.status).toBe('approved');
  expect(await look()).toBeUndefined();
});

test('nor of an agent that answers when it is asked, since a canary stays silent', async () => {
  await history();
  const id = await review();
  await stage.act(stage.keys.reviewer, id, 'question', { text: 'Why?' });
  await stage.act(stage.keys.agent, id, 'answer', { text: 'They returned it.' });
  expect(await look()).toBeUndefined();
});

test('nor where cards show what came before in the run, since a canary comes from none', async () => {
  await history();
  const run_id = 'run-0badcafe0123';
  for (let call = 0; call < 3; call++) await review('orders.refund', { run_id });
  expect(await look()).toBeUndefined();
});

test('nor where runs are counted, since nobody knows the next number', async () => {
  await history();
  await review('orders.refund', { run_id: 'run-91001' });
  expect(await look()).toBeUndefined();
});

test('nor one that says other things than its agent says now', async () => {
  await history();
  await review('orders.refund', { requested_by: 'carol' });
  expect(await look()).toBeUndefined();
});

test('nor of a call that says when it was made', async () => {
  const { tool, args, ...said } = refund();
  const day = new Date().toISOString().slice(0, 10);
  const request = await stage.ask(tool, args, { ...said, reason: `${said.reason} Returned on ${day}.` });
  await stage.decide(stage.keys.reviewer, request, { verdict: 'approve' });
  await stage.redis.zadd(keys.index('status', 'approved'), Date.now() - 3 * 3_600_000, request.id);
  await review();
  expect(await look()).toBeUndefined();
});

test('nor twice of the same call: whoever saw the first would know the second', async () => {
  const source = await history();
  await review();
  const id = (await look()) ?? '';
  expect((await recordOf(id)).planted?.source).toBe(source);
  const { body } = await stage.read(stage.keys.reviewer, id);
  await stage.decide(stage.keys.reviewer, body, { verdict: 'reject' });
  await review();
  expect(await look()).toBeUndefined();
});

test('nor of a call that somebody practised on, and no drill shows what one that waits is made of', async () => {
  const madeOf = async (person: string): Promise<string[]> =>
    JSON.parse((await stage.redis.hget(keys.drill(person), 'drill')) ?? '{}').items.map(
      ({ of }: { of: string }) => of,
    );
  const source = await history();
  expect((await stage.call(stage.keys.reviewer, 'POST', '/v1/drills', {})).status).toBeLessThan(300);
  expect(await madeOf('ann')).toContain(source);
  await review();
  expect(await look()).toBeUndefined();

  const other = await history();
  await review();
  expect((await recordOf(await look())).planted?.source).toBe(other);
  expect((await stage.call(stage.keys.lead, 'POST', '/v1/drills', {})).status).toBeLessThan(300);
  const shown = await madeOf('bo');
  expect(shown).toContain(source);
  expect(shown).not.toContain(other);
});

/** One canary that somebody wrote for these refunds, whose order is called so. */
const written = (order: string) => `canaries:
  - name: own
    use: canary
    agent: tester
    tool: orders.refund
    args: { amount: 480, order_id: ${order} }
    reason: "They sent back ${order}: 480 is what they paid."
    context: { channel: mail }
    wrong: { path: amount, value: 4800, kind: extra_zero }
    look: The reason says what they paid.
`;

/** Has the intake take this canary. */
async function write(order: string): Promise<void> {
  const before = await stage.redis.hget(keys.state, 'policy');
  mkdirSync(stage.intake.policiesDir, { recursive: true });
  writeFileSync(join(stage.intake.policiesDir, 'own.canaries.yaml'), written(order));
  await vi.waitUntil(async () => (await stage.redis.hget(keys.state, 'policy')) !== before, 20_000);
}

test('one that somebody wrote is planted where its agent asks just so, once, and says where to look', async () => {
  await write('ord-48001');
  await review();
  await review();
  expect(await look()).toBeUndefined();
  await review();
  const id = (await look()) ?? '';
  const { body } = await stage.read(stage.keys.reviewer, id);
  expect(body).toMatchObject({ args: { amount: 4800, order_id: 'ord-48001' }, agent: 'tester' });
  expect(body.run_id).toMatch(/^run-[0-9a-f]{12}$/);
  const told = await stage.decide(stage.keys.reviewer, body, { verdict: 'approve' });
  expect(told.body.canary).toMatchObject({
    caught: false,
    right: 480,
    look: 'The reason says what they paid.',
  });
  await stage.redis.del(keys.canaries('ended'));
  // Neither later, nor after a stop.
  for (const stopped of [true, false]) {
    await stage.call(stage.keys.lead, 'PUT', '/v1/canaries', { stopped });
    await look();
  }
  await review();
  expect(await look()).toBeUndefined();
});

test('and not where its values are of another make than those of its agent', async () => {
  await write('ORDER-48001');
  for (let call = 0; call < 4; call++) await review();
  expect(await look()).toBeUndefined();
});
