import type { FreezeView, RequestView } from '@countersign/shared/contracts';
import { afterEach, describe, expect, test } from 'vitest';
import { onStage } from './stage.ts';

const stage = onStage(`
version: 1
rules:
  - { name: reads-run, tools: ["*.get"], effect: allow }
  - { name: held, tools: [held.*], effect: approval_required, hold: 1s }
`);

const set: string[] = [];
async function freeze(body: object): Promise<FreezeView> {
  const made = await stage.call<FreezeView>(stage.keys.admin, 'POST', '/v1/freeze', {
    reason: 'incident 7',
    ...body,
  });
  set.push(made.body.id);
  return made.body;
}
const lift = (id: string) => stage.call(stage.keys.admin, 'DELETE', `/v1/freeze/${id}`);
afterEach(async () => {
  for (const id of set.splice(0)) await lift(id);
});

let n = 0;
const ask = (tool = 'pay.out', more = {}) => stage.ask(tool, { nonce: ++n }, more);
const read = async ({ id }: RequestView) => (await stage.read(stage.keys.agent, id)).body;
const propose = async (tool: string, agent = 'tester') =>
  (await stage.propose({ tool, args: { nonce: ++n }, agent })).body;
const consume = (token: string | undefined, { args }: Pick<RequestView, 'args'>) =>
  stage.call(stage.keys.agent, 'POST', '/v1/tokens/consume', { token, args });

describe('while it is in force', () => {
  test('a proposal is denied with its own stop reason and the freeze’s', async () => {
    await freeze({ scope: 'workspace' });
    for (const tool of ['a.get', 'pay.out'])
      expect(await propose(tool)).toMatchObject({
        decision: 'deny',
        stop_reason: 'frozen',
        reason: 'incident 7',
      });
  });

  test('what was pending is cancelled at once, and the waiting agent is told', async () => {
    const request = await ask();
    const waiting = stage.read(stage.keys.agent, request.id, { prefer: 'wait=30' });
    await Promise.race([waiting, read(request)]);
    await freeze({ scope: 'workspace' });
    expect((await waiting).body).toMatchObject({
      status: 'cancelled',
      stop_reason: 'frozen',
      decided_by: 'freeze',
    });
    const { code, body } = await stage.decide(stage.keys.reviewer, request, { verdict: 'approve' });
    expect([code, body.stop_reason]).toEqual(['already_decided', 'frozen']);
  });

  test('what is held is not released', async () => {
    const request = await ask('held.write');
    await stage.decide(stage.keys.reviewer, request, { verdict: 'approve' });
    await freeze({ scope: 'tool', match: 'held.*' });
    const { body } = await stage.read(stage.keys.agent, request.id, { prefer: 'wait=20' });
    expect(body).toMatchObject({ status: 'cancelled', stop_reason: 'frozen' });
  });

  test('what was approved does not run, and can run when it is lifted', async () => {
    const request = await ask();
    await stage.decide(stage.keys.reviewer, request, { verdict: 'approve' });
    const { token } = await read(request);
    const { id } = await freeze({ scope: 'workspace' });
    const refused = await consume(token, request);
    expect([refused.status, refused.code]).toEqual([403, 'frozen']);
    expect(await read(request)).not.toHaveProperty('token');
    await lift(id);
    expect((await consume((await read(request)).token, request)).status).toBe(200);
  });

  test('a repeated proposal of an allowed call brings no token', async () => {
    const body = { tool: 'a.get', args: { nonce: ++n } };
    const key = { 'idempotency-key': 'frozen-repeat' };
    await stage.propose(body, key);
    await freeze({ scope: 'agent', match: 'test*' });
    expect((await stage.propose(body, key)).body).not.toHaveProperty('token');
  });
});

describe('what it covers', () => {
  test('an agent, by glob', async () => {
    const [mine, theirs] = [
      await ask('pay.out', { agent: 'night-1' }),
      await ask('pay.out', { agent: 'day-1' }),
    ];
    await freeze({ scope: 'agent', match: 'night-*' });
    await expect.poll(async () => (await read(mine)).status, { timeout: 10_000 }).toBe('cancelled');
    expect((await read(theirs)).status).toBe('pending');
    expect((await propose('a.get', 'night-2')).decision).toBe('deny');
    expect((await propose('a.get', 'day-2')).decision).toBe('allow');
  });

  test('a tool, by glob', async () => {
    const [pay, mail] = [await ask('pay.out'), await ask('mail.send')];
    await freeze({ scope: 'tool', match: 'pay.*' });
    await expect.poll(async () => (await read(pay)).status, { timeout: 10_000 }).toBe('cancelled');
    expect((await read(mail)).status).toBe('pending');
    expect((await propose('pay.get')).decision).toBe('deny');
    expect((await propose('mail.get')).decision).toBe('allow');
  });

  test('two at once: lifting one leaves the other', async () => {
    const first = await freeze({ scope: 'tool', match: 'pay.*' });
    const second = await freeze({ scope: 'workspace' });
    await lift(second.id);
    expect((await propose('pay.get')).decision).toBe('deny');
    await lift(first.id);
    expect((await propose('pay.get')).decision).toBe('allow');
  });
});

test('lifted before anyone has looked, it has stopped what was pending all the same', async () => {
  const request = await ask();
  const state = 'cs:{default}:state';
  // As another intake would have set and lifted it, without a sweep in between.
  const epoch = Number((await stage.redis.hget(state, 'freeze')) ?? 0) + 1;
  const record = {
    id: 'frz_x',
    epoch,
    scope: 'workspace',
    reason: 'short',
    set_by: 'cy',
    set_at: Date.now(),
  };
  const lifted = { ...record, lifted_at: record.set_at, lifted_by: 'cy' };
  await stage.redis
    .multi()
    .hset('cs:{default}:freezes', 'frz_x', JSON.stringify(lifted))
    .hset(state, 'freeze', epoch + 1)
    .exec();
  expect(await read(request)).toMatchObject({ status: 'cancelled', stop_reason: 'frozen' });
  expect((await ask()).status).toBe('pending');
});

test('who may set it: admins and leads; every freeze and lift is an event', async () => {
  const { status } = await stage.call(stage.keys.lead, 'POST', '/v1/freeze', {
    scope: 'tool',
    match: 'none',
    reason: 'drill',
  });
  expect(status).toBe(201);
  const feed = await stage.redis.xrange('cs:{default}:feed', '-', '+');
  const kinds = feed.map(([, fields]) => fields[1]);
  expect(kinds).toContain('freeze.set');
  expect(kinds).toContain('freeze.lifted');
});

describe('a reviewer', () => {
  const as = (key: string, method: 'POST' | 'DELETE', path: string, body?: object) =>
    stage.call<FreezeView>(key, method, path, body);

  test('pauses one agent by its name, and goes back on that', async () => {
    const pause = { scope: 'agent', match: 'chatty', reason: 'Fifty questions in a minute.' };
    const made = await as(stage.keys.reviewer, 'POST', '/v1/freeze', pause);
    set.push(made.body.id);
    expect(made).toMatchObject({ status: 201, body: { scope: 'agent', match: 'chatty', set_by: 'ann' } });
    expect(await propose('pay.out', 'chatty')).toMatchObject({ decision: 'deny', stop_reason: 'frozen' });
    expect(await propose('a.get')).toMatchObject({ decision: 'allow' });
    expect((await as(stage.keys.reviewer, 'DELETE', `/v1/freeze/${made.body.id}`)).status).toBe(204);
    expect(await propose('a.get', 'chatty')).toMatchObject({ decision: 'allow' });
  });

  test('stops nothing else, and lifts nobody else’s freeze', async () => {
    const attempts = [
      { scope: 'workspace' },
      { scope: 'tool', match: 'pay.out' },
      { scope: 'agent', match: '*' },
      { scope: 'agent', match: 'chat*' },
    ];
    for (const attempt of attempts) {
      const { code } = await as(stage.keys.reviewer, 'POST', '/v1/freeze', { reason: 'no', ...attempt });
      expect(code).toBe('forbidden');
    }
    const { id } = await freeze({ scope: 'agent', match: 'chatty' });
    const { code, status } = await as(stage.keys.reviewer, 'DELETE', `/v1/freeze/${id}`);
    expect([status, code]).toEqual([403, 'forbidden']);
    expect(await propose('pay.out', 'chatty')).toMatchObject({ stop_reason: 'frozen' });
  });

  test('an agent sets and lifts none', async () => {
    const pause = { scope: 'agent', match: 'other', reason: 'no' };
    expect((await as(stage.keys.agent, 'POST', '/v1/freeze', pause)).code).toBe('forbidden');
    const { id } = await freeze({ scope: 'agent', match: 'chatty' });
    expect((await as(stage.keys.agent, 'DELETE', `/v1/freeze/${id}`)).code).toBe('forbidden');
  });
});
