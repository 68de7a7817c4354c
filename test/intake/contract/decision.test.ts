import type { JsonObject } from '@countersign/shared/contracts';
import { describe, expect, test } from 'vitest';
import { onStage } from '../stage.ts';

const stage = onStage(`
version: 1
rules:
  - { name: quick, tools: [quick.write], effect: approval_required, timeout: 1s }
  - { name: money, tools: [pay.*], effect: approval_required, reviewers: [finance] }
  - { name: two, tools: [two.*], effect: approval_required, quorum: 2 }
  - { name: retype, tools: [retype.*], effect: approval_required, tier: critical, friction: { retype: [amount, to.name] } }
  - { name: acknowledge, tools: [ack.*], effect: approval_required, friction: { acknowledge: [list] } }
`);

let n = 0;
/** Args that no other test has sent: a repeat of a rejected call would be denied at once. */
const fresh = (args: JsonObject = {}): JsonObject => ({ ...args, nonce: ++n });

describe('approve', () => {
  test('is 200 with the request as it now stands', async () => {
    const request = await stage.ask('a.write', fresh());
    const { status, body } = await stage.decide(stage.keys.reviewer, request, {
      verdict: 'approve',
      reason: 'Looks right.',
      attention: { ms: 1200 },
    });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      id: request.id,
      status: 'approved',
      decided_by: 'ann',
      version: 1,
      verdicts: [
        {
          reviewer: 'ann',
          verdict: 'approve',
          version: 1,
          args_digest: request.args_digest,
          edited: false,
          reason: 'Looks right.',
        },
      ],
      decision: { verdict: 'approve', edited: false, changes: [], reason: 'Looks right.' },
      progress: { needed: 1, given: 1 },
    });
    const valid = Date.parse(body.valid_until ?? '') - Date.parse(body.decided_at ?? '');
    expect(valid).toBe(3_600_000);
    expect(body).not.toHaveProperty('proposed_args');
  });
});

describe('reject', () => {
  test('decides at once, with the reason for the agent', async () => {
    const request = await stage.ask('two.write', fresh());
    const { status, body } = await stage.decide(stage.keys.reviewer, request, {
      verdict: 'reject',
      reason: 'Not today.',
    });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      status: 'rejected',
      stop_reason: 'approval_rejected',
      decided_by: 'ann',
      decision: { verdict: 'reject', edited: false, changes: [], reason: 'Not today.' },
    });
  });

  test('takes no edited args', async () => {
    const request = await stage.ask('a.write', fresh());
    const { status, code } = await stage.decide(stage.keys.reviewer, request, {
      verdict: 'reject',
      args: {},
    });
    expect([status, code]).toEqual([422, 'edit_invalid']);
  });

  test('without a reason says null', async () => {
    const request = await stage.ask('a.write', fresh());
    const { body } = await stage.decide(stage.keys.reviewer, request, { verdict: 'reject' });
    expect(body.decision).toMatchObject({ verdict: 'reject', reason: null });
  });
});

describe('double clicks and latecomers', () => {
  test.each(['approve', 'reject'] as const)(
    'the same %s again is 200 and changes nothing',
    async (verdict) => {
      const request = await stage.ask('a.write', fresh());
      const first = await stage.decide(stage.keys.reviewer, request, { verdict });
      const again = await stage.decide(stage.keys.reviewer, request, { verdict, reason: 'again' });
      expect([again.status, again.body]).toEqual([200, first.body]);
    },
  );

  test('the same edit again is 200 and changes nothing', async () => {
    const request = await stage.ask('a.write', fresh({ amount: 5 }));
    const args = { ...request.args, amount: 4 };
    const first = await stage.decide(stage.keys.reviewer, request, { verdict: 'approve', args });
    expect(first.body.status).toBe('approved');
    const again = await stage.decide(stage.keys.reviewer, request, { verdict: 'approve', args });
    expect([again.status, again.body]).toEqual([200, first.body]);
  });

  test('the same approval again, while others are awaited, counts once', async () => {
    const request = await stage.ask('two.write', fresh());
    await stage.decide(stage.keys.reviewer, request, { verdict: 'approve' });
    const { status, body } = await stage.decide(stage.keys.reviewer, request, { verdict: 'approve' });
    expect([status, body.status, body.progress.given]).toEqual([200, 'pending', 1]);
  });

  test('law 1: another reviewer is told kindly that it is decided, by whom and when', async () => {
    const request = await stage.ask('a.write', fresh());
    const first = await stage.decide(stage.keys.reviewer, request, { verdict: 'approve' });
    for (const verdict of ['approve', 'reject'] as const) {
      const { status, code, body } = await stage.decide(stage.keys.lead, request, { verdict });
      expect([status, code]).toEqual([409, 'already_decided']);
      expect(body).toMatchObject({
        request_status: 'approved',
        decided_by: 'ann',
        decided_at: first.body.decided_at,
      });
    }
  });

  test('one’s own other verdict is already_decided too', async () => {
    const request = await stage.ask('a.write', fresh());
    await stage.decide(stage.keys.reviewer, request, { verdict: 'approve' });
    const { code } = await stage.decide(stage.keys.reviewer, request, { verdict: 'reject' });
    expect(code).toBe('already_decided');
  });
});

describe('law 6: what was seen', () => {
  test.each([
    ['version', { version: 2 }],
    ['digest', { args_digest: `sha256:${'0'.repeat(64)}` }],
  ])('another %s is 409 stale, and says what there is now', async (_name, change) => {
    const request = await stage.ask('a.write', fresh());
    const { status, code, body } = await stage.decide(
      stage.keys.reviewer,
      { ...request, ...change },
      { verdict: 'approve' },
    );
    expect([status, code]).toEqual([409, 'stale']);
    expect(body).toMatchObject({ version: 1, args_digest: request.args_digest });
    expect((await stage.read(stage.keys.reviewer, request.id)).body).toMatchObject({
      status: 'pending',
      revision: 1,
      verdicts: [],
    });
  });

  test('already_decided comes ahead of stale', async () => {
    const request = await stage.ask('a.write', fresh());
    await stage.decide(stage.keys.reviewer, request, { verdict: 'reject' });
    const stale = { ...request, version: 9 };
    expect((await stage.decide(stage.keys.lead, stale, { verdict: 'approve' })).code).toBe('already_decided');
  });

  test('law 2: a verdict after the deadline is already_decided, however stale it is too', async () => {
    const request = await stage.ask('quick.write', fresh());
    await stage.read(stage.keys.reviewer, request.id, { prefer: 'wait=20' });
    const late = await stage.decide(stage.keys.lead, { ...request, version: 3 }, { verdict: 'approve' });
    expect([late.status, late.code]).toEqual([409, 'already_decided']);
    expect(late.body).toMatchObject({ request_status: 'timed_out', stop_reason: 'approval_timeout' });
  });
});

describe('who decides', () => {
  test('not whoever is outside the groups that policy names', async () => {
    const request = await stage.ask('pay.out', fresh());
    const outside = await stage.decide(stage.keys.reviewer, request, { verdict: 'approve' });
    expect([outside.status, outside.code]).toEqual([403, 'not_your_request']);
    // A lead may read it, and still not decide it.
    expect((await stage.decide(stage.keys.lead, request, { verdict: 'reject' })).code).toBe(
      'not_your_request',
    );
    const fay = await stage.intake.addReviewer('fay', ['finance']);
    expect((await stage.decide(fay, request, { verdict: 'approve' })).status).toBe(200);
  });

  test('only keys with the role', async () => {
    const request = await stage.ask('a.write', fresh());
    for (const key of [stage.keys.agent, stage.keys.admin]) {
      const { status, code } = await stage.decide(key, request, { verdict: 'approve' });
      expect([status, code]).toEqual([403, 'forbidden']);
    }
  });
});

describe('law 6: the friction of a tier is checked by the server', () => {
  const args = () => fresh({ amount: 2400, to: { name: 'Dora' }, list: [1, 2] });

  test.each<[string, JsonObject | undefined, string[]]>([
    ['nothing', undefined, ['amount', 'to.name']],
    ['one of two', { amount: 2400 }, ['to.name']],
    ['a wrong value', { amount: 2401, 'to.name': 'Dora' }, ['amount']],
    ['a path that is not asked for', { nonce: 1 }, ['amount', 'to.name']],
  ])('confirming %s is 422 confirmation_missing, and names what is', async (_name, confirm, missing) => {
    const request = await stage.ask('retype.write', args());
    const { status, code, body } = await stage.decide(stage.keys.reviewer, request, {
      verdict: 'approve',
      ...(confirm === undefined ? {} : { confirm }),
    });
    expect([status, code]).toEqual([422, 'confirmation_missing']);
    expect(body).toMatchObject({ missing, friction: { kind: 'retype', paths: ['amount', 'to.name'] } });
    expect((await stage.read(stage.keys.reviewer, request.id)).body).toMatchObject({ revision: 1 });
  });

  test('re-typed values arrive as text', async () => {
    const request = await stage.ask('retype.write', args());
    const confirm = { amount: '2400', 'to.name': 'Dora' };
    const { status } = await stage.decide(stage.keys.reviewer, request, { verdict: 'approve', confirm });
    expect(status).toBe(200);
  });

  test('an edit is confirmed as edited', async () => {
    const request = await stage.ask('retype.write', args());
    const edit = { verdict: 'approve', args: { ...request.args, amount: 24 } } as const;
    const old = { confirm: { amount: 2400, 'to.name': 'Dora' } };
    expect((await stage.decide(stage.keys.reviewer, request, { ...edit, ...old })).code).toBe(
      'confirmation_missing',
    );
    const confirm = { amount: 24, 'to.name': 'Dora' };
    expect((await stage.decide(stage.keys.reviewer, request, { ...edit, confirm })).status).toBe(200);
  });

  test('a list can be acknowledged, a rejection needs no confirmation', async () => {
    const first = await stage.ask('ack.write', args());
    const confirm = { list: [1, 2] };
    expect((await stage.decide(stage.keys.reviewer, first, { verdict: 'approve', confirm })).status).toBe(
      200,
    );
    const second = await stage.ask('ack.write', args());
    expect((await stage.decide(stage.keys.reviewer, second, { verdict: 'reject' })).status).toBe(200);
  });
});
