/** G2: what a surface claims of attention goes on record with the verdict, as far as it can be; G1: and so do the groups that were asked. */
import type { Attention, JsonObject } from '@countersign/shared/contracts';
import { decodeEvent, type FeedEvent } from '@countersign/shared/feed';
import { beforeAll, describe, expect, test } from 'vitest';
import { onStage } from '../stage.ts';

const stage = onStage(`
version: 1
groups: { finance: [ann, fay], audit: [ann] }
rules:
  - { name: anyone, tools: [any.*], effect: approval_required, tier: low }
  - { name: money, tools: [money.*], effect: approval_required, reviewers: [finance] }
  - { name: both, tools: [both.*], effect: approval_required, quorum: { finance: 1, audit: 1 } }
  - { name: ann-only, tools: [ann.*], effect: approval_required, reviewers: [ann] }
`);

beforeAll(async () => {
  await stage.intake.addReviewer('fay', ['finance']);
});

async function told(type: string, id: string): Promise<FeedEvent | undefined> {
  const feed = await stage.redis.xrange('cs:{default}:feed', '-', '+');
  return feed
    .map(([place, fields]) => decodeEvent(place, fields))
    .findLast((event) => event.type === type && event.request_id === id);
}

async function claimed(attention?: JsonObject): Promise<Attention | undefined> {
  const request = await stage.ask('any.write', { nonce: Math.random() });
  const { status } = await stage.decide(stage.keys.reviewer, request, {
    verdict: 'approve',
    ...(attention === undefined ? {} : { attention }),
  });
  expect(status).toBe(200);
  return (await told('verdict.given', request.id))?.data?.attention as Attention | undefined;
}

describe('a claim of attention', () => {
  test('stands in the event of the verdict, each part that was opened once', async () => {
    const claim = { surface: 'popup', visible_ms: 0, opened: ['raw', 'payload', 'raw'], values_opened: 2 };
    expect(await claimed(claim)).toEqual({
      surface: 'popup',
      visible_ms: 0,
      opened: ['payload', 'raw'],
      values_opened: 2,
    });
  });

  test('never reaches further back than the request, nor than when it was first shown', async () => {
    const hour = 3_600_000;
    const long = await claimed({ visible_ms: hour, since_shown_ms: 2 * hour });
    expect(long?.since_shown_ms).toBeLessThan(hour);
    expect(long?.visible_ms).toBe(long?.since_shown_ms);
    expect((await claimed({ visible_ms: hour, since_shown_ms: 0 }))?.visible_ms).toBe(0);
  });

  test('may be a rejection’s, and is in no view of the request', async () => {
    const request = await stage.ask('any.write', { nonce: 'rejected' });
    const { body } = await stage.decide(stage.keys.reviewer, request, {
      verdict: 'reject',
      attention: { surface: 'page', visible_ms: 0 },
    });
    expect((await told('verdict.given', request.id))?.data).toMatchObject({
      attention: { surface: 'page', visible_ms: 0 },
    });
    expect(JSON.stringify(body)).not.toContain('attention');
  });

  test('is taken in a batch of verdicts, each with its own', async () => {
    const request = await stage.ask('any.write', { nonce: 'batch' });
    const { id, version, args_digest } = request;
    const item = { id, verdict: 'approve', seen: { version, args_digest }, attention: { values_opened: 1 } };
    await stage.call(stage.keys.reviewer, 'POST', '/v1/decisions', { items: [item] });
    expect((await told('verdict.given', id))?.data?.attention).toEqual({ values_opened: 1 });
  });

  test('loses what nobody defined, and a verdict without any has none', async () => {
    expect(await claimed({ heart_rate: 70, keys: 'abc' })).toBeUndefined();
    expect(await claimed()).toBeUndefined();
  });

  test.each<[string, JsonObject]>([
    ['less than no time', { visible_ms: -1 }],
    ['parts of a millisecond', { visible_ms: 0.5 }],
    ['more than a week', { visible_ms: 7 * 86_400_000 + 1 }],
    ['a surface that there is not', { surface: 'watch' }],
    ['a part that no card has', { opened: ['args.customer'] }],
  ])('of %s is 400 invalid_request, and nothing is decided', async (_what, attention) => {
    const request = await stage.ask('any.write', { nonce: Math.random() });
    const { status, code } = await stage.decide(stage.keys.reviewer, request, {
      verdict: 'approve',
      attention,
    });
    expect([status, code]).toEqual([400, 'invalid_request']);
    expect((await stage.read(stage.keys.reviewer, request.id)).body.status).toBe('pending');
  });
});

describe('the groups that a request asks are on record', () => {
  test.each([
    ['nobody in particular: none is named', 'any.write', undefined],
    ['a group', 'money.write', ['finance']],
    ['two groups', 'both.write', ['audit', 'finance']],
    ['a person by name: no name of a person', 'ann.write', []],
  ])('%s', async (_what, tool, groups) => {
    const request = await stage.ask(tool, { nonce: Math.random() });
    expect((await told('request.created', request.id))?.data?.groups).toEqual(groups);
  });
});
