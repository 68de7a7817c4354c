import type { RequestView } from '@countersign/shared/contracts';
import { describe, expect, test } from 'vitest';
import { onStage } from './stage.ts';

const stage = onStage(`
version: 1
rules:
  - { name: reads-run, tools: ["*.get"], effect: allow }
  - { name: never, tools: ["*.drop"], effect: deny }
  - { name: lasting, tools: [lasting.*], effect: allow, valid_for: 5h }
  - { name: waits, tools: [never.*], effect: approval_required, timeout: never }
  - { name: goes-on, tools: [continue.*], effect: approval_required, timeout: 1s, on_rejection: continue }
`);

let n = 0;
const ask = (tool: string, more = {}) => stage.ask(tool, { nonce: ++n }, more);
const lasts = ({ created_at, expires_at }: RequestView) =>
  expires_at === null ? null : Date.parse(expires_at) - Date.parse(created_at);

describe('how long a request waits', () => {
  test('an hour unless policy says otherwise; the agent may shorten it', async () => {
    expect(lasts(await ask('a.write'))).toBe(3_600_000);
    expect(lasts(await ask('a.write', { timeout: 2.5 }))).toBe(2500);
    expect(lasts(await ask('a.write', { timeout: 7200 }))).toBe(3_600_000);
  });

  test('for ever where policy says never, unless the agent shortens it', async () => {
    expect(lasts(await ask('never.write'))).toBeNull();
    expect(lasts(await ask('never.write', { timeout: 60 }))).toBe(60_000);
  });
});

describe('law 2: a timeout', () => {
  test('happens although nobody looks, at the deadline and not before', async () => {
    const { id, expires_at } = await ask('a.write', { timeout: 0.4 });
    const timedOut = async () => {
      const feed = await stage.redis.xrange('cs:{default}:feed', '-', '+');
      return feed.find(([, fields]) => fields[1] === 'request.timed_out' && fields[3]?.includes(id));
    };
    await expect.poll(timedOut, { timeout: 10_000 }).toBeDefined();
    const [entry = '', fields] = (await timedOut()) ?? [];
    expect(Number(entry.split('-')[0])).toBeGreaterThanOrEqual(Date.parse(expires_at ?? ''));
    expect(JSON.parse(fields?.[3] ?? '')).toMatchObject({
      at: Date.parse(expires_at ?? ''),
      actor: { kind: 'timer' },
    });
  });

  test('takes the path of a rejection, under its own name', async () => {
    const { id } = await ask('continue.write');
    const { body } = await stage.read(stage.keys.agent, id, { prefer: 'wait=20' });
    expect(body).toMatchObject({
      status: 'timed_out',
      stop_reason: 'approval_timeout',
      on_rejection: 'continue',
    });
  });

  test('does not come from approvals that were not enough', async () => {
    const { id } = await ask('a.write', { timeout: 0.3 });
    const { body } = await stage.read(stage.keys.agent, id, { prefer: 'wait=20' });
    expect(body).not.toHaveProperty('token');
    expect((await stage.act(stage.keys.reviewer, id, 'claim')).code).toBe('already_decided');
    expect((await stage.act(stage.keys.agent, id, 'cancel')).code).toBe('already_decided');
  });
});

describe('how long a finished request stays', () => {
  const leaves = (id: string) => stage.redis.zscore('cs:{default}:timers', `prune:${id}`);
  const traces = async (id: string) => {
    const keys = (await stage.redis.keys('*')).filter((key) => !/feed$|idempotency|cs:jobs/.test(key));
    const found = await Promise.all(
      keys.map(
        async (key) => [key, key.includes(id) || (await stage.redis.dumpBuffer(key))?.includes(id)] as const,
      ),
    );
    return found.filter(([, holds]) => holds).map(([key]) => key);
  };
  /** Its time is over. */
  async function pass(id: string): Promise<void> {
    await stage.redis.zadd('cs:{default}:timers', 1, `prune:${id}`);
    await expect.poll(() => leaves(id), { timeout: 10_000 }).toBeNull();
  }

  test('what policy decided leaves after an hour, what people decided after thirty days', async () => {
    const before = Date.now();
    const { body } = await stage.propose({ tool: 'a.get', args: { nonce: ++n } });
    const { body: denied } = await stage.propose({ tool: 'a.drop', args: { nonce: ++n } });
    const request = await ask('a.write');
    expect(await leaves(request.id)).toBeNull();
    await stage.decide(stage.keys.reviewer, request, { verdict: 'reject' });
    const { body: lasting } = await stage.propose({ tool: 'lasting.run', args: { nonce: ++n } });
    if (body.decision !== 'allow' || denied.decision !== 'deny' || lasting.decision !== 'allow')
      throw new Error('not what policy says');
    for (const [id, after] of [
      [body.request_id, 3_600_000],
      // Its permission lasts longer than an hour, so it stays as long.
      [lasting.request_id, 5 * 3_600_000],
      [denied.request_id, 3_600_000],
      [request.id, 30 * 86_400_000],
    ] as const) {
      const at = Number(await leaves(id)) - after;
      expect(Math.abs(at - before)).toBeLessThan(60_000);
    }
  });

  test('it leaves no trace but in the feed', async () => {
    const args = { nonce: ++n };
    const { body } = await stage.propose({ tool: 'a.get', args });
    if (body.decision !== 'allow') throw new Error(body.decision);
    const token = { token: body.token, args };
    await stage.call(stage.keys.agent, 'POST', '/v1/tokens/consume', token);
    const path = `/v1/requests/${body.request_id}/outcome`;
    await stage.call(stage.keys.agent, 'POST', path, { status: 'succeeded', detail: 1 });
    expect(await traces(body.request_id)).not.toEqual([]);
    await pass(body.request_id);
    expect(await traces(body.request_id)).toEqual([]);
    expect((await stage.read(stage.keys.agent, body.request_id)).code).toBe('not_found');
    const again = await stage.call(stage.keys.agent, 'POST', '/v1/tokens/consume', token);
    expect([again.status, again.code]).toEqual([401, 'token_invalid']);
  });

  test('a late repeat of its idempotency key is refused and not judged anew', async () => {
    const key = { 'idempotency-key': 'late' };
    const sent = { tool: 'a.get', args: { nonce: ++n } };
    const { body } = await stage.propose(sent, key);
    if (body.decision !== 'allow') throw new Error(body.decision);
    await pass(body.request_id);
    const { status, code } = await stage.propose(sent, key);
    expect([status, code]).toEqual([409, 'idempotency_expired']);
  });

  test('what waits does not leave, whatever the index says', async () => {
    const { id } = await ask('never.write');
    const { id: witness } = await ask('a.write', { timeout: 0.2 });
    await stage.redis.zadd('cs:{default}:timers', 1, `prune:${id}`);
    await stage.read(stage.keys.agent, witness, { prefer: 'wait=20' });
    expect((await stage.read(stage.keys.agent, id)).body.status).toBe('pending');
    await stage.redis.zrem('cs:{default}:timers', `prune:${id}`);
  });
});
