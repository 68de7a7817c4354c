/** Law 10: nothing that counts what agents ask or people answer knows of a canary, whatever becomes of it. */
import type { JsonObject, RequestView, Throttle } from '@countersign/shared/contracts';
import { loadRequest } from '@countersign/shared/request';
import { beforeAll, expect, test } from 'vitest';
import { activate, announced, keys, onStageWithInside, plantFrom, wasApproved } from './stage.ts';

const policy = announced(`
flood: { asks: 4, window: 1h, rejections: 2, throttle: 10m }
rules:
  - name: refunds
    tools: [orders.refund]
    effect: approval_required
    limits: [{ sum: param.amount, window: 1h, over: 100000, tier: high }]
`);
const { stage, inside } = onStageWithInside(announced());
let source: string;
beforeAll(async () => {
  source = (await wasApproved(stage)).id;
  await activate(stage, policy);
});

/** Everything in Redis that limits, flood control and the memory of denials count by. */
async function counts(): Promise<Record<string, unknown>> {
  const names = await stage.redis.keys('cs:{default}:*');
  const counting = names.filter((name) => /:(tally|denied|flood[\w-]*|throttled?):/.test(name)).toSorted();
  const dumps = await Promise.all(counting.map((name) => stage.redis.dump(name)));
  return Object.fromEntries(counting.map((name, at) => [name, dumps[at]]));
}

async function planted(): Promise<{ view: RequestView; args: JsonObject; said: JsonObject }> {
  const id = await plantFrom(inside, source);
  const { body: view } = await stage.read(stage.keys.reviewer, id);
  const loaded = await loadRequest(stage.redis, keys, id);
  const { args = {}, said = {} } = loaded?.payloads.first ?? {};
  return { view, args, said: said as JsonObject };
}

const answer = (view: RequestView, body: { verdict: 'approve' | 'reject' } & JsonObject) =>
  stage.decide(stage.keys.reviewer, view, body);
const ask = ({ args, said }: { args: JsonObject; said: JsonObject }) =>
  stage.propose({ tool: 'orders.refund', args, ...said });

test('what is counted is the same to the byte before it and after each way in which it can end', async () => {
  const before = await counts();
  const rejected = await planted();
  expect((await answer(rejected.view, { verdict: 'reject', reason: 'No.' })).body.canary).toMatchObject({
    caught: true,
  });
  const again = await planted();
  expect((await answer(again.view, { verdict: 'reject', reason: 'No.' })).status).toBe(200);
  const missed = await planted();
  expect((await answer(missed.view, { verdict: 'approve' })).body.canary).toMatchObject({ caught: false });
  const edited = await planted();
  const args = { ...edited.args, amount: 7, order_id: 'ord-1' };
  expect((await answer(edited.view, { verdict: 'approve', args })).body.canary).toBeDefined();
  expect(await counts()).toEqual(before);

  // Its agent, which has asked nothing of this, may ask all that it ever might, the very same call too.
  for (let n = 0; n < 4; n++) {
    const asked = await ask({
      ...rejected,
      args: n === 0 ? rejected.args : { ...rejected.args, amount: 9 + n },
    });
    expect([n, asked.status, asked.code]).toEqual([n, 202, undefined]);
  }
  // Four are what it may: the test would see a count that was there.
  expect((await ask({ ...rejected, args: { ...rejected.args, amount: 5 } })).code).toBe('agent_throttled');
  expect(await counts()).not.toEqual(before);
  const { body } = await stage.call<{ items: Throttle[] }>(stage.keys.reviewer, 'GET', '/v1/throttles');
  expect(body.items).toMatchObject([{ agent: 'tester', why: 'asks' }]);
});
