/** B8: what a human has just rejected is denied again at once, without asking anyone twice. */
import type { JsonObject, RequestView } from '@countersign/shared/contracts';
import { expect, test } from 'vitest';
import { onStage } from './stage.ts';

const stage = onStage();

let n = 0;
async function rejected(
  more: { agent?: string; context?: JsonObject } = {},
  tool = 'a.write',
): Promise<RequestView> {
  const request = await stage.ask(tool, { nonce: ++n }, more);
  await stage.decide(stage.keys.reviewer, request, { verdict: 'reject', reason: 'No.' });
  return request;
}
const again = async ({ tool, args }: RequestView, more = {}) =>
  (await stage.propose({ tool, args, ...more })).body;

test('the same call gets the same denial, with the reviewer’s reason and the same request', async () => {
  const request = await rejected();
  const before = await stage.redis.zcard('cs:{default}:index:status:pending');
  expect(await again(request)).toEqual({
    decision: 'deny',
    request_id: request.id,
    stop_reason: 'approval_rejected',
    reason: 'No.',
    on_rejection: 'fail',
    rules: ['default'],
  });
  expect(await stage.redis.zcard('cs:{default}:index:status:pending')).toBe(before);
});

test('other args, another context or another agent are another call', async () => {
  const request = await rejected();
  expect((await again(request, { args: { nonce: ++n } })).decision).toBe('approval_required');
  expect((await again(request, { context: { tenant: 'acme' } })).decision).toBe('approval_required');
  expect((await again(request, { agent: 'other' })).decision).toBe('approval_required');
});

test('names with colons in them are not taken for one another', async () => {
  const request = await rejected({ agent: 'a' }, 'b:c');
  const other = await stage.propose({ agent: 'a:b', tool: 'c', args: request.args });
  expect(other.body.decision).toBe('approval_required');
});

test('only for a while', async () => {
  const request = await rejected();
  const remembered = await stage.redis.keys('cs:{default}:denied:*');
  const left = await Promise.all(remembered.map((key) => stage.redis.pttl(key)));
  expect(Math.min(...left)).toBeGreaterThan(0);
  expect(Math.max(...left)).toBeLessThanOrEqual(600_000);
  await stage.redis.del(remembered);
  expect((await again(request)).decision).toBe('approval_required');
});

test('a timeout and a cancellation deny nothing', async () => {
  const cancelled = await stage.ask('a.write', { nonce: ++n });
  await stage.act(stage.keys.agent, cancelled.id, 'cancel');
  expect((await again(cancelled)).decision).toBe('approval_required');
  const late = await stage.ask('a.write', { nonce: ++n }, { timeout: 0.2 });
  await stage.read(stage.keys.agent, late.id, { prefer: 'wait=20' });
  expect((await again(late)).decision).toBe('approval_required');
});
