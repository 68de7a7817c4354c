import { canonicalize } from '@countersign/shared/canonical';
import type { EditPreview, JsonObject, RequestView } from '@countersign/shared/contracts';
import { argsDigest } from '@countersign/shared/digest';
import { describe, expect, test } from 'vitest';
import { keysAndValues } from '../redis-state.ts';
import { onStage } from '../stage.ts';

const stage = onStage(`
version: 1
rules:
  - { name: small, tools: [pay.*], when: param.amount <= 100, effect: approval_required, tier: medium }
  - { name: large, tools: [pay.*], when: param.amount > 100, effect: approval_required, tier: high, quorum: 2, message: Two people for large sums. }
  - { name: huge, tools: [pay.*], when: param.amount > 9000, effect: deny, message: Never that much. }
  - { name: fixed, tools: [fixed.*], effect: approval_required, editable: [amount, to.name] }
`);

let n = 0;
const pay = (amount: number, more: Record<string, unknown> = {}) =>
  stage.ask('pay.out', { amount, to: 'dora', nonce: ++n }, more);
const edit = (request: RequestView, args: JsonObject, key = stage.keys.reviewer) =>
  stage.decide(key, request, { verdict: 'approve', args });
const preview = (request: RequestView, args: JsonObject, key = stage.keys.reviewer) =>
  stage.call<EditPreview>(key, 'POST', `/v1/requests/${request.id}/decision/preview`, { args });

describe('an edit', () => {
  test('law 5: what runs is the edit, and both sides see what changed', async () => {
    const request = await pay(50);
    const { status, body } = await edit(request, { ...request.args, amount: 40 });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      status: 'approved',
      version: 2,
      args: { ...request.args, amount: 40 },
      proposed_args: request.args,
      args_digest: argsDigest(canonicalize({ ...request.args, amount: 40 })),
      verdicts: [{ reviewer: 'ann', edited: true, version: 2 }],
      decision: { verdict: 'approve', edited: true, changes: [{ path: '/amount', from: 50, to: 40 }] },
    });
    const { body: read } = await stage.read(stage.keys.agent, request.id);
    const consume = (args: JsonObject) =>
      stage.call(stage.keys.agent, 'POST', '/v1/tokens/consume', { token: read.token, args });
    expect((await consume(request.args)).code).toBe('args_mismatch');
    expect((await consume(body.args)).body).toMatchObject({ args: body.args });
  });

  test('to the very same args is a plain approval', async () => {
    const request = await pay(51);
    const { body } = await edit(request, { ...request.args });
    expect(body).toMatchObject({ version: 1, decision: { edited: false } });
  });

  test('law 7: that raises the tier makes a new version under the stricter rules', async () => {
    const request = await pay(60);
    const { status, body } = await edit(request, { ...request.args, amount: 600 });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      status: 'pending',
      version: 2,
      tier: 'high',
      rules: ['small', 'large'],
      message: 'Two people for large sums.',
      progress: { needed: 2, given: 1 },
      expires_at: request.expires_at,
    });
    const second = await stage.decide(stage.keys.lead, body, { verdict: 'approve' });
    expect(second.body).toMatchObject({ status: 'approved', decided_by: 'ann,bo' });
  });

  test('law 7: that would ask for less lowers nothing', async () => {
    const request = await pay(700);
    const { body } = await edit(request, { ...request.args, amount: 1 });
    expect(body).toMatchObject({ status: 'pending', tier: 'high', progress: { needed: 2, given: 1 } });
  });

  test('voids the approvals of what it replaces; who saw the old version is told it is stale', async () => {
    const request = await pay(800);
    await stage.decide(stage.keys.reviewer, request, { verdict: 'approve' });
    const { body } = await edit(request, { ...request.args, amount: 801 }, stage.keys.lead);
    expect(body.verdicts).toMatchObject([{ reviewer: 'bo', edited: true }]);
    const stale = await edit(request, { ...request.args, amount: 802 });
    expect([stale.status, stale.code]).toEqual([409, 'stale']);
    expect((await stage.decide(stage.keys.reviewer, body, { verdict: 'approve' })).body).toMatchObject({
      status: 'approved',
      args: { amount: 801 },
    });
  });
});

describe('an edit that is refused changes nothing', () => {
  async function refused(
    request: RequestView,
    args: JsonObject,
  ): Promise<{ code: unknown; detail: unknown }> {
    const before = await keysAndValues(stage.redis);
    const { status, code, body } = await edit(request, args);
    expect(status).toBe(422);
    expect(await keysAndValues(stage.redis)).toEqual(before);
    return { code, detail: (body as unknown as JsonObject).detail };
  }

  test('law 4: what policy denies is edit_denied', async () => {
    const request = await pay(70);
    expect(await refused(request, { ...request.args, amount: 9001 })).toMatchObject({
      code: 'edit_denied',
      detail: expect.stringContaining('Never that much.'),
    });
  });

  test('a field that policy keeps is edit_invalid', async () => {
    const args = { amount: 1, to: { name: 'dora', iban: 'X1' }, nonce: ++n };
    const request = await stage.ask('fixed.write', args);
    const other = { ...args, to: { name: 'dora', iban: 'X2' } };
    expect(await refused(request, other)).toMatchObject({
      code: 'edit_invalid',
      detail: expect.stringContaining('to.iban'),
    });
    expect((await refused(request, { amount: 1 })).code).toBe('edit_invalid');
    expect((await edit(request, { ...args, amount: 2, to: { name: 'cleo', iban: 'X1' } })).status).toBe(200);
  });

  test('what does not fit the tool’s schema is edit_invalid', async () => {
    const args_schema = {
      type: 'object',
      properties: { amount: { type: 'number', minimum: 1 } },
      required: ['amount'],
    };
    const request = await pay(71, { args_schema });
    expect(await refused(request, { ...request.args, amount: 0 })).toMatchObject({
      code: 'edit_invalid',
      detail: expect.stringContaining('amount'),
    });
    expect((await refused(request, { to: 'dora' })).code).toBe('edit_invalid');
    expect((await edit(request, { ...request.args, amount: 2 })).status).toBe(200);
  });

  test.each<[string, JsonObject]>([
    ['unresolvable', { $ref: 'https://example.com/schema.json' }],
    ['nonsense', { type: 7, properties: [] }],
  ])('a schema that is %s lets no edit through, and no other harm is done', async (_name, args_schema) => {
    const request = await pay(72, { args_schema });
    expect((await refused(request, { ...request.args, amount: 5 })).code).toBe('edit_invalid');
    expect((await stage.decide(stage.keys.reviewer, request, { verdict: 'approve' })).status).toBe(200);
  });
});

describe('preview', () => {
  test('says what would become of an edit, and does nothing', async () => {
    const request = await pay(80);
    const before = await keysAndValues(stage.redis);
    const args = { ...request.args, amount: 500 };
    const { status, body } = await preview(request, args);
    expect(status).toBe(200);
    expect(body).toEqual({
      ok: true,
      args_digest: argsDigest(canonicalize(args)),
      tier: 'high',
      raised: true,
      rules: ['large'],
      messages: ['Two people for large sums.'],
      changes: [{ path: '/amount', from: 80, to: 500 }],
      needed: 2,
    });
    expect(await keysAndValues(stage.redis)).toEqual(before);
  });

  test('says why it would be refused', async () => {
    const request = await pay(81, { args_schema: { properties: { amount: { type: 'number' } } } });
    expect((await preview(request, { ...request.args, amount: 9001 })).body).toMatchObject({
      ok: false,
      code: 'edit_denied',
      detail: 'Never that much.',
    });
    expect((await preview(request, { ...request.args, amount: 'all' })).body).toMatchObject({
      ok: false,
      code: 'edit_invalid',
      detail: expect.stringContaining('amount'),
    });
  });

  test('of no change is fine and raises nothing', async () => {
    const request = await pay(82);
    expect((await preview(request, request.args)).body).toMatchObject({
      ok: true,
      raised: false,
      changes: [],
      args_digest: request.args_digest,
      needed: 1,
    });
  });

  test('is for reviewers who may see it', async () => {
    const request = await pay(83);
    expect((await preview(request, {}, stage.keys.agent)).code).toBe('forbidden');
    expect((await preview({ ...request, id: 'req_none' }, {})).code).toBe('not_found');
  });
});
