import { describe, expect, test } from 'vitest';
import { onStage } from '../stage.ts';

const stage = onStage(`
version: 1
rules:
  - { name: held, tools: [held.*], effect: approval_required, hold: 1h, timeout: 2h }
  - { name: briefly-held, tools: [brief.*], effect: approval_required, hold: 1s }
  - { name: held-to-the-end, tools: [edge.*], effect: approval_required, hold: 1h, timeout: 1s }
  - { name: two, tools: [two.*], effect: approval_required, quorum: 2 }
  - { name: both, tools: [both.*], effect: approval_required, quorum: 2, hold: 1h }
  - { name: money, tools: [pay.*], effect: approval_required, reviewers: [finance] }
`);

let n = 0;
const ask = (tool: string) => stage.ask(tool, { nonce: ++n });
const { approve, reject } = { approve: { verdict: 'approve' }, reject: { verdict: 'reject' } } as const;

describe('view', () => {
  test('notes who opened it, once, and decides nothing (law 11)', async () => {
    const { id, version, args_digest } = await ask('a.write');
    const seen = { version, args_digest };
    const { status, body } = await stage.act(stage.keys.reviewer, id, 'view', { seen });
    expect([status, body.viewed_by, body.status]).toEqual([200, ['ann'], 'pending']);
    const again = await stage.act(stage.keys.reviewer, id, 'view');
    expect(again.body.revision).toBe(body.revision);
    expect((await stage.act(stage.keys.lead, id, 'view')).body.viewed_by).toEqual(['ann', 'bo']);
  });

  test('is for reviewers who may see it', async () => {
    const { id } = await ask('pay.out');
    expect((await stage.act(stage.keys.reviewer, id, 'view')).code).toBe('not_your_request');
    expect((await stage.act(stage.keys.agent, id, 'view')).code).toBe('forbidden');
    expect((await stage.act(stage.keys.reviewer, 'req_none', 'view')).code).toBe('not_found');
  });
});

describe('claim', () => {
  test('is kept for five minutes, told to others, and stops nobody from deciding', async () => {
    const request = await ask('a.write');
    const before = Date.now();
    const { status, body } = await stage.act(stage.keys.reviewer, request.id, 'claim');
    expect([status, body.claim?.by]).toEqual([200, 'ann']);
    expect(Math.abs(Date.parse(body.claim?.until ?? '') - before - 300_000)).toBeLessThan(10_000);
    const other = await stage.act(stage.keys.lead, request.id, 'claim');
    expect([other.status, other.code]).toEqual([409, 'already_claimed']);
    expect(other.body).toMatchObject({ by: 'ann', until: body.claim?.until });
    const decided = await stage.decide(stage.keys.lead, request, approve);
    expect(decided.body).toMatchObject({ status: 'approved' });
    expect(decided.body).not.toHaveProperty('claim');
  });

  test('is renewed by its holder and released by its holder only', async () => {
    const { id } = await ask('a.write');
    const first = await stage.act(stage.keys.reviewer, id, 'claim');
    const renewed = await stage.act(stage.keys.reviewer, id, 'claim');
    expect(Date.parse(renewed.body.claim?.until ?? '')).toBeGreaterThanOrEqual(
      Date.parse(first.body.claim?.until ?? ''),
    );
    const foreign = await stage.act(stage.keys.lead, id, 'claim', { release: true });
    expect([foreign.status, foreign.body.claim?.by]).toEqual([200, 'ann']);
    const released = await stage.act(stage.keys.reviewer, id, 'claim', { release: true });
    expect(released.body).not.toHaveProperty('claim');
    expect((await stage.act(stage.keys.lead, id, 'claim')).body.claim?.by).toBe('bo');
  });

  test('lapses: the timer that was set for it takes it away', async () => {
    const { id } = await ask('a.write');
    await stage.act(stage.keys.reviewer, id, 'claim');
    const key = `cs:{default}:request:${id}`;
    const record = JSON.parse((await stage.redis.hget(key, 'record')) ?? '');
    const until = record.claim.until - 300_000;
    // Five minutes pass for this request.
    await stage.redis.hset(key, 'record', JSON.stringify({ ...record, claim: { ...record.claim, until } }));
    const { body } = await stage.read(stage.keys.lead, id);
    expect(body).not.toHaveProperty('claim');
    expect((await stage.act(stage.keys.lead, id, 'claim')).body.claim?.by).toBe('bo');
  });

  test('is for those who may decide, while there is something to decide', async () => {
    const money = await ask('pay.out');
    expect((await stage.act(stage.keys.lead, money.id, 'claim')).code).toBe('not_your_request');
    const request = await ask('a.write');
    await stage.decide(stage.keys.reviewer, request, reject);
    expect((await stage.act(stage.keys.lead, request.id, 'claim')).code).toBe('already_decided');
  });
});

describe('hold and undo', () => {
  test('an approval is held: still pending, with the time of its release and no token', async () => {
    const request = await ask('held.write');
    const { status, body } = await stage.decide(stage.keys.reviewer, request, approve);
    expect([status, body.status, body.version]).toEqual([200, 'pending', 1]);
    const held = Date.parse(body.release_at ?? '') - Date.parse(body.verdicts[0]?.at ?? '');
    expect(held).toBe(3_600_000);
    const { body: read } = await stage.read(stage.keys.agent, request.id);
    expect(read).not.toHaveProperty('token');
    expect(read).not.toHaveProperty('decided_at');
  });

  test('undo within the hold clears the verdicts, and it can be decided anew', async () => {
    const request = await ask('held.write');
    await stage.decide(stage.keys.reviewer, request, approve);
    const { status, body } = await stage.act(stage.keys.reviewer, request.id, 'undo', { reason: 'oops' });
    expect([status, body.status, body.verdicts]).toEqual([200, 'pending', []]);
    expect(body).not.toHaveProperty('release_at');
    expect((await stage.decide(stage.keys.lead, request, reject)).body.status).toBe('rejected');
  });

  test('undo within the hold clears everybody’s verdicts', async () => {
    const request = await ask('both.write');
    await stage.decide(stage.keys.reviewer, request, approve);
    const { body: held } = await stage.decide(stage.keys.lead, request, approve);
    expect(held.release_at).toBeDefined();
    expect((await stage.act(stage.keys.reviewer, request.id, 'undo')).body.verdicts).toEqual([]);
  });

  test('before the quorum is complete one takes back one’s own', async () => {
    const request = await ask('two.write');
    await stage.decide(stage.keys.reviewer, request, approve);
    expect((await stage.act(stage.keys.lead, request.id, 'undo')).code).toBe('nothing_to_undo');
    expect((await stage.act(stage.keys.reviewer, request.id, 'undo')).body.verdicts).toEqual([]);
    expect((await stage.act(stage.keys.reviewer, request.id, 'undo')).code).toBe('nothing_to_undo');
  });

  test('a rejection is not held, not even of a held approval', async () => {
    const request = await ask('held.write');
    await stage.decide(stage.keys.reviewer, request, approve);
    const { body } = await stage.decide(stage.keys.lead, request, reject);
    expect(body).toMatchObject({ status: 'rejected', decided_by: 'bo' });
    expect(body).not.toHaveProperty('release_at');
  });

  test('the hold ends by itself, and the waiting agent gets its token', async () => {
    const request = await ask('brief.write');
    const { body: held } = await stage.decide(stage.keys.reviewer, request, approve);
    const { body } = await stage.read(stage.keys.agent, request.id, { prefer: 'wait=20' });
    expect(body).toMatchObject({ status: 'approved', decided_at: held.release_at });
    expect(body.token).toEqual(expect.any(String));
    const late = await stage.act(stage.keys.reviewer, request.id, 'undo');
    expect([late.status, late.code]).toEqual([409, 'already_decided']);
  });

  test('law 2: a hold ends by the deadline at the latest; release wins the tie', async () => {
    const request = await ask('edge.write');
    const { body: held } = await stage.decide(stage.keys.reviewer, request, approve);
    expect(held.release_at).toBe(held.expires_at);
    const { body } = await stage.read(stage.keys.agent, request.id, { prefer: 'wait=20' });
    expect(body).toMatchObject({ status: 'approved', decided_at: request.expires_at });
  });

  test('who has left the group by the time of release releases nothing', async () => {
    const gus = await stage.intake.addReviewer('gus', ['finance']);
    const request = await ask('pay.out');
    const key = `cs:{default}:request:${request.id}`;
    const record = JSON.parse((await stage.redis.hget(key, 'record')) ?? '');
    record.terms.hold_ms = 1500;
    await stage.redis.hset(key, 'record', JSON.stringify(record));
    expect((await stage.decide(gus, request, approve)).body.release_at).toBeDefined();
    await stage.call(stage.keys.admin, 'POST', '/v1/people', { id: 'gus', name: 'Gus', groups: [] });
    await expect
      .poll(async () => (await stage.read(stage.keys.lead, request.id)).body, { timeout: 10_000 })
      .not.toHaveProperty('release_at');
    expect((await stage.read(stage.keys.lead, request.id)).body).toMatchObject({
      status: 'pending',
      verdicts: [],
    });
  });
});

describe('revoke', () => {
  test('takes an approval back before it runs; the status stays (law 1), the token is dead', async () => {
    const request = await ask('a.write');
    await stage.decide(stage.keys.reviewer, request, approve);
    const { token } = (await stage.read(stage.keys.agent, request.id)).body;
    const { status, body } = await stage.act(stage.keys.lead, request.id, 'revoke', { reason: 'Changed.' });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      status: 'approved',
      stop_reason: 'approval_revoked',
      revoked: { by: 'bo', reason: 'Changed.' },
    });
    const used = await stage.call(stage.keys.agent, 'POST', '/v1/tokens/consume', {
      token,
      args: request.args,
    });
    expect([used.status, used.code]).toEqual([403, 'approval_revoked']);
    expect((await stage.read(stage.keys.agent, request.id)).body).not.toHaveProperty('token');
    const again = await stage.act(stage.keys.reviewer, request.id, 'revoke');
    expect([again.status, again.body.revoked?.by]).toEqual([200, 'bo']);
  });

  test('is too late after the run, and nothing before the approval', async () => {
    const request = await ask('a.write');
    expect((await stage.act(stage.keys.reviewer, request.id, 'revoke')).code).toBe('not_approved');
    await stage.decide(stage.keys.reviewer, request, approve);
    const { token } = (await stage.read(stage.keys.agent, request.id)).body;
    await stage.call(stage.keys.agent, 'POST', '/v1/tokens/consume', { token, args: request.args });
    const { status, code } = await stage.act(stage.keys.reviewer, request.id, 'revoke');
    expect([status, code]).toEqual([409, 'token_consumed']);
  });

  test('of what was rejected is already_decided', async () => {
    const request = await ask('a.write');
    await stage.decide(stage.keys.reviewer, request, reject);
    expect((await stage.act(stage.keys.reviewer, request.id, 'revoke')).code).toBe('already_decided');
  });

  test('is for those who may decide it', async () => {
    const fay = await stage.intake.addReviewer('fay', ['finance']);
    const request = await ask('pay.out');
    await stage.decide(fay, request, approve);
    expect((await stage.act(stage.keys.lead, request.id, 'revoke')).code).toBe('not_your_request');
    expect((await stage.act(fay, request.id, 'revoke')).status).toBe(200);
  });
});
