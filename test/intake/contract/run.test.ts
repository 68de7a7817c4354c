import type { Consumed, JsonObject, RequestView } from '@countersign/shared/contracts';
import { describe, expect, test } from 'vitest';
import { onStage } from '../stage.ts';

const stage = onStage(`
version: 1
rules:
  - { name: reads-run, tools: ["*.get"], effect: allow }
`);

const consume = (
  token: string | undefined,
  args: JsonObject,
  headers?: Record<string, string>,
  key?: string,
) => stage.call<Consumed>(key ?? stage.keys.agent, 'POST', '/v1/tokens/consume', { token, args }, headers);

/** An approved request and its token. */
async function approved(args: JsonObject): Promise<RequestView & { token: string }> {
  const request = await stage.ask('a.write', args);
  await stage.decide(stage.keys.reviewer, request, { verdict: 'approve' });
  const { body } = await stage.read(stage.keys.agent, request.id);
  return { ...body, token: body.token ?? '' };
}

const events = async (type: string, id: string) =>
  (await stage.redis.xrange('cs:{default}:feed', '-', '+'))
    .map(([, fields]) => JSON.parse(fields[3] ?? '') as { type: string; request_id?: string })
    .filter((event) => event.type === type && event.request_id === id).length;

describe('consume', () => {
  test('law 5: gives back the args that may run, once', async () => {
    const { id, token, args_digest } = await approved({ n: 1, deep: { list: [1, 2] } });
    const { status, body } = await consume(token, { deep: { list: [1, 2] }, n: 1 });
    expect(status).toBe(200);
    expect(body).toEqual({
      request_id: id,
      tool: 'a.write',
      args: { n: 1, deep: { list: [1, 2] } },
      args_digest,
    });
    const again = await consume(token, { n: 1, deep: { list: [1, 2] } });
    expect([again.status, again.code]).toEqual([409, 'token_consumed']);
    expect((await stage.read(stage.keys.agent, id)).body.consumed_at).toEqual(expect.any(String));
    expect(await events('token.consumed', id)).toBe(1);
  });

  test('a repeat under the same Idempotency-Key is the same answer and no second use', async () => {
    const { id, token } = await approved({ n: 2 });
    const key = { 'idempotency-key': 'run-2' };
    const [first, second] = [await consume(token, { n: 2 }, key), await consume(token, { n: 2 }, key)];
    expect([first.status, second.status]).toEqual([200, 200]);
    expect(second.body).toEqual(first.body);
    expect((await consume(token, { n: 2 }, { 'idempotency-key': 'another' })).code).toBe('token_consumed');
    expect(await events('token.consumed', id)).toBe(1);
  });

  test('of two tokens of one approval only one runs', async () => {
    const { id, token } = await approved({ n: 3 });
    const { body } = await stage.read(stage.keys.agent, id);
    expect((await consume(body.token, { n: 3 })).status).toBe(200);
    expect((await consume(token, { n: 3 })).code).toBe('token_consumed');
  });

  test('other args are refused, and the approval stays unused', async () => {
    const { token } = await approved({ n: 4 });
    for (const args of [{ n: 5 }, {}, { n: 4, extra: true }]) {
      const { status, code } = await consume(token, args);
      expect([status, code]).toEqual([422, 'args_mismatch']);
    }
    expect((await consume(token, { n: 4 })).status).toBe(200);
  });

  test.each([
    ['forged', (token: string) => `${token.slice(0, -4)}AAAA`],
    ['unsigned', (token: string) => `${btoa('{"alg":"none"}')}.${token.split('.')[1]}.`],
    ['no token at all', () => 'hello'],
  ])('a token that is %s is 401 token_invalid', async (_name, change) => {
    const { token } = await approved({ n: 6, name: _name });
    const { status, code, headers } = await consume(change(token), { n: 6, name: _name });
    expect([status, code]).toEqual([401, 'token_invalid']);
    expect(headers.get('www-authenticate')).toBe('Bearer');
  });

  test('a token that has expired is 401 token_invalid', async () => {
    const request = await stage.ask('a.write', { n: 7 });
    await stage.decide(stage.keys.reviewer, request, { verdict: 'approve' });
    // The approval ran out long ago: its next token lives for the second that the format demands.
    const key = `cs:{default}:request:${request.id}`;
    const { body } = await stage.read(stage.keys.agent, request.id);
    const record = JSON.parse((await stage.redis.hget(key, 'record')) ?? '');
    await stage.redis.hset(key, 'record', JSON.stringify({ ...record, valid_until: record.decided_at + 1 }));
    expect((await stage.read(stage.keys.agent, request.id)).body).not.toHaveProperty('token');
    expect((await consume(body.token, { n: 7 })).code).toBe('token_invalid');
  });

  test('an agent’s key that may not speak for the token’s agent is 403', async () => {
    const { token } = await approved({ n: 8 });
    const { body: other } = await stage.call<{ key: string }>(stage.keys.admin, 'POST', '/v1/keys', {
      roles: ['agent'],
      owner: 'zoe',
      agents: ['other-*'],
    });
    const { status, code } = await consume(token, { n: 8 }, {}, other.key);
    expect([status, code]).toEqual([403, 'agent_not_allowed']);
    expect((await consume(token, { n: 8 }, {}, stage.keys.reviewer)).code).toBe('forbidden');
  });

  test('an allowed call runs through the same gate', async () => {
    const { body } = await stage.propose({ tool: 'a.get', args: { n: 9 } });
    if (body.decision !== 'allow') throw new Error(body.decision);
    expect((await consume(body.token, { n: 10 })).code).toBe('args_mismatch');
    expect((await consume(body.token, { n: 9 })).status).toBe(200);
    expect((await consume(body.token, { n: 9 })).code).toBe('token_consumed');
  });
});

describe('outcome', () => {
  const report = (id: string, body: object, key = stage.keys.agent) =>
    stage.call<RequestView>(key, 'POST', `/v1/requests/${id}/outcome`, body);

  async function ran(args: JsonObject): Promise<string> {
    const { id, token } = await approved(args);
    await consume(token, args);
    return id;
  }

  test('is kept with its detail, whatever JSON that is', async () => {
    const id = await ran({ n: 20 });
    const { status, body } = await report(id, { status: 'failed', detail: { lines: ['no', null] } });
    expect(status).toBe(200);
    expect(body.outcome).toMatchObject({ status: 'failed', detail: { lines: ['no', null] } });
    expect((await stage.read(stage.keys.lead, id)).body.outcome).toEqual(body.outcome);
  });

  test('the same report again is the same answer; another is a conflict', async () => {
    const id = await ran({ n: 21 });
    const first = await report(id, { status: 'succeeded', detail: 1 });
    const again = await report(id, { status: 'succeeded', detail: 2 });
    expect(again.body).toEqual(first.body);
    const { status, code, body } = await report(id, { status: 'failed' });
    expect([status, code]).toEqual([409, 'outcome_conflict']);
    expect(body).toMatchObject({ outcome: 'succeeded' });
  });

  test('unknown may still become known', async () => {
    const id = await ran({ n: 22 });
    await report(id, { status: 'unknown' });
    expect((await report(id, { status: 'succeeded', detail: 'found it' })).body.outcome).toMatchObject({
      status: 'succeeded',
      detail: 'found it',
    });
  });

  test('is not shown with the detail of the one before', async () => {
    const id = await ran({ n: 25 });
    await report(id, { status: 'unknown', detail: 'no answer from the bank' });
    const { body } = await report(id, { status: 'succeeded' });
    expect(body.outcome).toEqual({ status: 'succeeded', at: expect.any(String) });
    expect((await stage.read(stage.keys.agent, id)).body.outcome).toEqual(body.outcome);
  });

  test('before any token was used there is nothing to report', async () => {
    const { id } = await approved({ n: 23 });
    const { status, code } = await report(id, { status: 'succeeded' });
    expect([status, code]).toEqual([409, 'not_consumed']);
  });

  test('nobody reports that a call was undone which nobody asked to be', async () => {
    const id = await ran({ n: 24 });
    expect((await report(id, { status: 'undone' })).code).toBe('undo_not_requested');
  });
});
