import type { RequestView } from '@countersign/shared/contracts';
import { describe, expect, test } from 'vitest';
import { onStage } from './stage.ts';

const stage = onStage(`
version: 1
rules:
  - { name: reads-run, tools: ["*.get"], effect: allow }
  - { name: never, tools: ["*.drop"], effect: deny }
  - { name: held, tools: [held.*], effect: approval_required, hold: 1h, timeout: 2h }
  - { name: quick, tools: [quick.*], effect: approval_required, timeout: 1s }
`);

let n = 0;
const ask = (tool = 'a.write', more = {}) => stage.ask(tool, { nonce: ++n }, more);
const read = async ({ id }: RequestView) => (await stage.read(stage.keys.agent, id)).body;
const replace = (old: RequestView, tool = 'a.write', more = {}) =>
  stage.propose({ tool, args: { nonce: ++n }, supersedes: old.id, ...more });
const consume = (token: string | undefined, { args }: RequestView) =>
  stage.call(stage.keys.agent, 'POST', '/v1/tokens/consume', { token, args });

describe('the old request', () => {
  test('pending: is cancelled, names its successor, and is decided for its reviewers', async () => {
    const old = await ask();
    const { body } = await replace(old);
    if (body.decision !== 'approval_required') throw new Error(body.decision);
    expect(body.request.supersedes).toBe(old.id);
    expect(await read(old)).toMatchObject({
      status: 'cancelled',
      stop_reason: 'approval_cancelled',
      decided_by: 'agent',
      superseded_by: body.request.id,
    });
    const late = await stage.decide(stage.keys.reviewer, old, { verdict: 'approve' });
    expect(late.code).toBe('already_decided');
  });

  test('held: is cancelled and never released', async () => {
    const old = await ask('held.write');
    await stage.decide(stage.keys.reviewer, old, { verdict: 'approve' });
    await replace(old);
    const now = await read(old);
    expect(now.status).toBe('cancelled');
    expect(now).not.toHaveProperty('release_at');
  });

  test('approved and not yet run: is revoked, its token is dead', async () => {
    const old = await ask();
    await stage.decide(stage.keys.reviewer, old, { verdict: 'approve' });
    const { token } = await read(old);
    await replace(old);
    expect(await read(old)).toMatchObject({ status: 'approved', stop_reason: 'approval_revoked' });
    expect((await consume(token, old)).code).toBe('approval_revoked');
  });

  test('run: can not be superseded, and nothing new is on record', async () => {
    const old = await ask();
    await stage.decide(stage.keys.reviewer, old, { verdict: 'approve' });
    await consume((await read(old)).token, old);
    const before = await stage.redis.zcard('cs:{default}:index:status:pending');
    const { status, code } = await replace(old);
    expect([status, code]).toEqual([409, 'already_decided']);
    expect(await stage.redis.zcard('cs:{default}:index:status:pending')).toBe(before);
  });

  test('law 1: rejected, timed out or cancelled: stays what it is', async () => {
    const [rejected, late, cancelled] = [await ask(), await ask('quick.write'), await ask()];
    await stage.decide(stage.keys.reviewer, rejected, { verdict: 'reject' });
    await stage.act(stage.keys.agent, cancelled.id, 'cancel', { reason: 'first' });
    await stage.read(stage.keys.agent, late.id, { prefer: 'wait=20' });
    for (const old of [rejected, late, cancelled]) {
      const before = await read(old);
      expect((await replace(old)).status).toBe(202);
      expect(await read(old)).toEqual(before);
    }
  });
});

test('another agent’s request is not there', async () => {
  const old = await ask();
  const { status, code } = await replace(old, 'a.write', { agent: 'other' });
  expect([status, code]).toEqual([404, 'not_found']);
  expect((await read(old)).status).toBe('pending');
});

test('a successor that policy denies takes nobody’s place; one that it allows does', async () => {
  const old = await ask();
  expect((await replace(old, 'a.drop')).body.decision).toBe('deny');
  expect((await read(old)).status).toBe('pending');
  expect((await replace(old, 'a.get')).body.decision).toBe('allow');
  expect((await read(old)).status).toBe('cancelled');
});
