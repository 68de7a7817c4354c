import type { RequestView } from '@countersign/shared/contracts';
import { describe, expect, test } from 'vitest';
import { onStage } from '../stage.ts';

const stage = onStage(`
version: 1
rules:
  - { name: reads-run, tools: ["*.get"], effect: allow }
  - { name: quick, tools: [quick.write], effect: approval_required, timeout: 1s }
`);

/** A key of another agent's owner, for agents that begin with `other-`. */
async function otherAgent(): Promise<string> {
  const { body } = await stage.call<{ key: string }>(stage.keys.admin, 'POST', '/v1/keys', {
    roles: ['agent'],
    owner: 'zoe',
    agents: ['other-*'],
  });
  return body.key;
}

describe('who reads', () => {
  test('reviewers, leads, admins and the agent read it; only the agent gets resume', async () => {
    const { id } = await stage.ask('a.write', { n: 1 }, { resume: { at: 3 } });
    for (const key of [stage.keys.reviewer, stage.keys.lead, stage.keys.admin]) {
      const { status, body } = await stage.read(key, id);
      expect([status, body.id, 'resume' in body]).toEqual([200, id, false]);
    }
    expect((await stage.read(stage.keys.agent, id)).body.resume).toEqual({ at: 3 });
  });

  test('another agent does not', async () => {
    const { id } = await stage.ask('a.write', { n: 2 });
    const { status, code } = await stage.read(await otherAgent(), id);
    expect([status, code]).toEqual([403, 'not_your_request']);
  });

  test('only the owning agent gets the token, only while it may run', async () => {
    const request = await stage.ask('a.write', { n: 3 });
    expect((await stage.read(stage.keys.agent, request.id)).body.token).toBeUndefined();
    const decided = await stage.decide(stage.keys.reviewer, request, { verdict: 'approve' });
    expect(decided.body).not.toHaveProperty('token');
    expect((await stage.read(stage.keys.admin, request.id)).body).not.toHaveProperty('token');
    const { headers, body } = await stage.read(stage.keys.agent, request.id);
    expect(body.token).toEqual(expect.any(String));
    expect(headers.get('cache-control')).toBe('no-store');
    const { token } = body;
    await stage.call(stage.keys.agent, 'POST', '/v1/tokens/consume', { token, args: { n: 3 } });
    expect((await stage.read(stage.keys.agent, request.id)).body).not.toHaveProperty('token');
  });
});

describe('Prefer: wait', () => {
  test('answers as soon as it is decided, with the token', async () => {
    const request = await stage.ask('a.write', { n: 4 });
    const began = performance.now();
    const waiting = stage.read(stage.keys.agent, request.id, { prefer: 'wait=30' });
    const early = await Promise.race([waiting, stage.read(stage.keys.agent, request.id)]);
    expect(early.body.status).toBe('pending');
    await stage.decide(stage.keys.reviewer, request, { verdict: 'approve' });
    const { status, body, headers } = await waiting;
    expect([status, body.status, typeof body.token]).toEqual([200, 'approved', 'string']);
    expect(headers.get('preference-applied')).toBe('wait=30');
    expect(performance.now() - began).toBeLessThan(5000);
  });

  test('answers at once when it is decided already', async () => {
    const request = await stage.ask('a.write', { n: 5 });
    await stage.decide(stage.keys.reviewer, request, { verdict: 'reject' });
    const began = performance.now();
    const { body } = await stage.read(stage.keys.agent, request.id, { prefer: 'wait=30' });
    expect(body.status).toBe('rejected');
    expect(performance.now() - began).toBeLessThan(5000);
  });

  test('answers with the pending request when the time is over', async () => {
    const { id } = await stage.ask('a.write', { n: 6 });
    const began = performance.now();
    const { status, body } = await stage.read(stage.keys.agent, id, { prefer: 'wait=1' });
    expect([status, body.status]).toEqual([200, 'pending']);
    expect(performance.now() - began).toBeGreaterThanOrEqual(990);
  });

  test('a wait of more than a minute is a minute; nonsense is no wait', async () => {
    const request = await stage.ask('a.write', { n: 7 });
    await stage.decide(stage.keys.reviewer, request, { verdict: 'reject' });
    const long = await stage.read(stage.keys.agent, request.id, { prefer: 'respond-async, wait=86400' });
    expect(long.headers.get('preference-applied')).toBe('wait=60');
    const pending = await stage.ask('a.write', { n: 8 });
    const { headers } = await stage.read(stage.keys.agent, pending.id, { prefer: 'wait=soon' });
    expect(headers.get('preference-applied')).toBeNull();
  });

  test('law 2: a timeout wakes it, and is told apart from a rejection', async () => {
    const { id, expires_at } = await stage.ask('quick.write', { n: 9 });
    const { body } = await stage.read(stage.keys.agent, id, { prefer: 'wait=30' });
    expect(body).toMatchObject({
      status: 'timed_out',
      stop_reason: 'approval_timeout',
      decided_by: 'timeout',
      decided_at: expires_at,
    });
    expect(body).not.toHaveProperty('token');
    expect(body).not.toHaveProperty('decision');
  });

  test('a key that is revoked while it waits learns nothing more', async () => {
    const { body: made } = await stage.call<{ id: string; key: string }>(
      stage.keys.admin,
      'POST',
      '/v1/keys',
      { roles: ['agent'], owner: 'yan', agents: ['tester'] },
    );
    const request = await stage.ask('a.write', { n: 10 });
    const waiting = stage.call<RequestView>(made.key, 'GET', `/v1/requests/${request.id}`, undefined, {
      prefer: 'wait=30',
    });
    await Promise.race([waiting, stage.read(stage.keys.agent, request.id)]);
    await stage.call(stage.keys.admin, 'DELETE', `/v1/keys/${made.id}`);
    await stage.decide(stage.keys.reviewer, request, { verdict: 'approve' });
    const { status, code, body } = await waiting;
    expect([status, code]).toEqual([401, 'unauthorized']);
    expect(body).not.toHaveProperty('token');
  });
});

describe('cancel', () => {
  test('the agent withdraws it, and says so again without harm', async () => {
    const { id } = await stage.ask('a.write', { n: 11 });
    const { status, body } = await stage.act(stage.keys.agent, id, 'cancel', { reason: 'plan changed' });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      status: 'cancelled',
      stop_reason: 'approval_cancelled',
      decided_by: 'agent',
      revision: 2,
    });
    const again = await stage.act(stage.keys.agent, id, 'cancel');
    expect([again.status, again.body.revision]).toEqual([200, 2]);
  });

  test('needs no body', async () => {
    const { id } = await stage.ask('a.write', { n: 12 });
    const { status } = await stage.call(stage.keys.agent, 'POST', `/v1/requests/${id}/cancel`);
    expect(status).toBe(200);
  });

  test('law 1: what was decided stays decided', async () => {
    const request = await stage.ask('a.write', { n: 13 });
    await stage.decide(stage.keys.reviewer, request, { verdict: 'approve' });
    const { status, code, body } = await stage.act(stage.keys.agent, request.id, 'cancel');
    expect([status, code]).toEqual([409, 'already_decided']);
    expect(body).toMatchObject({ decided_by: 'ann', request_status: 'approved' });
  });

  test('is for its own agent', async () => {
    const { id } = await stage.ask('a.write', { n: 14 });
    expect((await stage.act(stage.keys.reviewer, id, 'cancel')).code).toBe('forbidden');
    expect((await stage.act(await otherAgent(), id, 'cancel')).code).toBe('not_your_request');
    expect((await stage.read(stage.keys.agent, id)).body.status).toBe('pending');
  });
});
