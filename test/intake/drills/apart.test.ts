/**
 * A drill's card is no request. Whatever is asked about it, nothing knows it; and a whole drill leaves Redis as it was,
 * but for the drill itself and two events. So nothing that counts, lists, streams, times, limits or delivers can meet one.
 */
import type { CreatedKey, JsonObject } from '@countersign/shared/contracts';
import { decodeEvent } from '@countersign/shared/feed';
import { beforeAll, expect, test } from 'vitest';
import { keysAndValues } from '../redis-state.ts';
import { onStage } from '../stage.ts';
import { answer, approveRefunds, keys, start } from './stage.ts';

const policy = `
version: 1
default: approval_required
rules:
  - name: refunds
    tools: [orders.refund]
    effect: approval_required
    timeout: 2h
    escalate: [{ after: 20m, notify: [ann] }]
    limits: [{ sum: param.amount, per: agent, window: 24h, over: 1000000, tier: critical }]
    grants: { calls: 3, for: 1h }
`;
const stage = onStage(policy);
beforeAll(() => approveRefunds(stage, 6).then(() => undefined));

test('a whole drill writes the drill, who finished one, and two events that name no request', async () => {
  const before = await keysAndValues(stage.redis);
  const events = await stage.redis.xlen(keys.feed);
  let { body: drill } = await start(stage);
  const said: unknown[] = [drill];
  for (let n = 0; drill.card !== undefined; n++) {
    const { body } = await answer(stage, drill, n % 2 === 0 ? 'rightly' : 'wrongly');
    said.push(body);
    drill = body.drill;
  }
  const after = await keysAndValues(stage.redis);
  const written = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(
    (key) => before[key] !== after[key],
  );
  expect(written.toSorted()).toEqual([keys.drill('ann'), keys.drilled, keys.feed].toSorted());
  const feed = await stage.redis.xrange(keys.feed, '-', '+');
  const told = feed.slice(events).map(([id, fields]) => decodeEvent(id, fields));
  expect(told.map(({ type }) => type)).toEqual(['drill.started', 'drill.ended']);
  for (const event of told) expect(event).not.toHaveProperty('request_id');
  // Nor did any of its answers hold what runs a call.
  expect(JSON.stringify(said)).not.toMatch(/"(token|resume|callback_url|grantable|release_at)"|eyJ/);
});

test('law 10: no call of the API knows the id of a card, for the strongest key, and none leaves a trace', async () => {
  const { body: everything } = await stage.call<CreatedKey>(stage.keys.admin, 'POST', '/v1/keys', {
    ...{ roles: ['agent', 'reviewer', 'lead', 'admin', 'auditor'], owner: 'eve', agents: ['*'] },
  });
  const { body: drill } = await start(stage);
  if (drill.card === undefined) throw new Error('there is no card');
  const { id, version, args_digest, args } = drill.card.request;
  const seen = { version, args_digest };
  const bodyOf: Record<string, JsonObject> = {
    decision: { verdict: 'approve', seen },
    preview: { args },
    outcome: { status: 'succeeded' },
    review: { verdict: 'fine', seen },
    question: { text: 'Why?' },
    answer: { text: 'Because.' },
    answers: { card: 1, verdict: 'approve', seen },
  };
  let tried = 0;
  const before = await keysAndValues(stage.redis);
  for (const [path, methods] of Object.entries(stage.document.paths)) {
    if (!path.includes('{id}')) continue;
    for (const method of Object.keys(methods)) {
      for (const key of [everything.key, stage.keys.reviewer]) {
        const sent = method === 'post' ? (bodyOf[path.split('/').at(-1) ?? ''] ?? {}) : undefined;
        const called = method.toUpperCase() as 'GET' | 'POST' | 'DELETE';
        const { status } = await stage.call(key, called, path.replace('{id}', id), sent);
        // The reviewer may not do all of it, and is told so before anything is looked up.
        expect(status === 404 || (key !== everything.key && status === 403)).toBe(true);
        tried++;
      }
    }
  }
  expect(tried).toBeGreaterThan(40);
  const several = { items: [{ id, verdict: 'approve', seen }] };
  const { body } = await stage.call<{ results: { ok: boolean }[] }>(
    stage.keys.reviewer,
    'POST',
    '/v1/decisions',
    several,
  );
  expect(body.results).toMatchObject([{ ok: false, problem: { code: 'not_found' } }]);
  const superseding = await stage.propose({ tool: 'orders.refund', args: {}, supersedes: id });
  expect(superseding.code).toBe('not_found');
  for (const path of ['/v1/queue', '/v1/batches', '/v1/reviews', '/v1/grants', `/v1/requests?q=${id}`])
    expect(JSON.stringify((await stage.call(everything.key, 'GET', path)).body)).not.toContain(drill.id);
  expect(await keysAndValues(stage.redis)).toEqual(before);
});
