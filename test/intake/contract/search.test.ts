import type { RequestView, SearchResult } from '@countersign/shared/contracts';
import { beforeAll, describe, expect, test } from 'vitest';
import { onStage } from '../stage.ts';

const stage = onStage(`
version: 1
rules:
  - { name: reads-run, tools: ["*.get"], effect: allow }
  - { name: money, tools: [pay.*], effect: approval_required, tier: high, reviewers: [finance] }
`);

const search = (key: string, query: Record<string, string> = {}) =>
  stage.call<SearchResult>(key, 'GET', `/v1/requests?${new URLSearchParams(query)}`);
const found = async (query: Record<string, string>, key = stage.keys.lead) =>
  (await search(key, query)).body.items.map(({ id }) => id);

let rejected: RequestView;
let approved: RequestView;
let paid: RequestView;
let other: RequestView;

beforeAll(async () => {
  await stage.intake.addReviewer('fay', ['finance']);
  rejected = await stage.ask('mail.send', { to: 'ada@example.com' }, { reason: 'She asked for the Report' });
  approved = await stage.ask('mail.send', { to: 'bob@example.com' });
  paid = await stage.ask('pay.out', { amount: 12.5 });
  other = await stage.ask('mail.send', { to: 'cleo@example.com' }, { agent: 'other-agent' });
  await stage.propose({ tool: 'mail.get', args: {} });
  await stage.decide(stage.keys.reviewer, rejected, { verdict: 'reject', reason: 'Wrong Recipient' });
  await stage.decide(stage.keys.lead, approved, { verdict: 'approve' });
});

describe('filters', () => {
  test('without any, everything the key may see, newest first', async () => {
    const { status, body } = await search(stage.keys.lead);
    expect(status).toBe(200);
    expect(body.items.map(({ tool }) => tool)).toEqual([
      'mail.get',
      'mail.send',
      'pay.out',
      'mail.send',
      'mail.send',
    ]);
    expect(body).not.toHaveProperty('next_cursor');
    expect(body.items.every((item) => !('token' in item))).toBe(true);
  });

  test('by status', async () => {
    expect(await found({ status: 'pending' })).toEqual([other.id, paid.id]);
    expect(await found({ status: 'rejected' })).toEqual([rejected.id]);
    expect(await found({ status: 'timed_out' })).toEqual([]);
  });

  test('by agent, tool, tier and reviewer, alone and together', async () => {
    expect(await found({ agent: 'other-agent' })).toEqual([other.id]);
    expect(await found({ tool: 'pay.out' })).toEqual([paid.id]);
    expect(await found({ tier: 'high' })).toEqual([paid.id]);
    expect(await found({ reviewer: 'ann' })).toEqual([rejected.id]);
    expect(await found({ tool: 'mail.send', agent: 'tester', status: 'approved' })).toEqual([approved.id]);
    expect(await found({ tool: 'pay.out', agent: 'other-agent' })).toEqual([]);
  });

  test('by time, both ends included', async () => {
    const at = approved.created_at;
    expect(await found({ from: at, to: at })).toContain(approved.id);
    expect(await found({ to: '2001-01-01T00:00:00Z' })).toEqual([]);
    expect(await found({ from: '2001-01-01T00:00:00+02:00', tool: 'pay.out' })).toEqual([paid.id]);
  });

  test('by text: args, the agent’s reason, the reviewer’s reason, the id; without regard to case', async () => {
    expect(await found({ q: 'ADA@example' })).toEqual([rejected.id]);
    expect(await found({ q: 'the report' })).toEqual([rejected.id]);
    expect(await found({ q: 'wrong recipient' })).toEqual([rejected.id]);
    expect(await found({ q: paid.id })).toEqual([paid.id]);
    expect(await found({ q: 'nothing says this' })).toEqual([]);
  });
});

describe('what a key may see', () => {
  test('a reviewer: their groups’ and everyone’s', async () => {
    expect(await found({}, stage.keys.reviewer)).toEqual(
      expect.arrayContaining([rejected.id, approved.id, other.id]),
    );
    expect(await found({ tool: 'pay.out' }, stage.keys.reviewer)).toEqual([]);
  });

  test('an agent: its own', async () => {
    const { body } = await stage.call<{ key: string }>(stage.keys.admin, 'POST', '/v1/keys', {
      roles: ['agent'],
      owner: 'zoe',
      agents: ['other-*'],
    });
    expect(await found({}, body.key)).toEqual([other.id]);
  });
});

describe('paging', () => {
  test('each match once, newest first, over many pages and within one millisecond', async () => {
    await Promise.all(Array.from({ length: 130 }, (_, n) => stage.ask('many.a', { n })));
    const ids: string[] = [];
    const times: string[] = [];
    let query: Record<string, string> = { tool: 'many.a', limit: '13' };
    for (let page = 0; page < 20; page++) {
      const { body } = await search(stage.keys.lead, query);
      ids.push(...body.items.map(({ id }) => id));
      times.push(...body.items.map(({ created_at }) => created_at));
      if (body.next_cursor === undefined) break;
      query = { ...query, cursor: body.next_cursor };
    }
    expect(new Set(ids).size).toBe(130);
    expect(ids).toHaveLength(130);
    expect(times).toEqual(times.toSorted().toReversed());
  });

  test.each(['nonsense', ' ~x', '0b1~x', '~x', '1~', '(5~x', '-inf~x', '1e400~x'])(
    'a cursor that is not ours (%s) is 400 invalid_request',
    async (cursor) => {
      const { status, code } = await search(stage.keys.lead, { cursor });
      expect([status, code]).toEqual([400, 'invalid_request']);
    },
  );

  test.each([
    { status: 'open' },
    { tier: 'huge' },
    { from: 'yesterday' },
    { to: '2025-01-01' },
    { limit: '-1' },
  ])('%o is 400 invalid_request', async (query) => {
    const { status, code } = await search(stage.keys.lead, query);
    expect([status, code]).toEqual([400, 'invalid_request']);
  });
});
