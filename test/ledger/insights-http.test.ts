/** G1, G2, G6: what `/v1/insights/…` answers, to whom, and that it is on record. */
import type { Figures, LoadFigures, Mine, RequestView, Trend } from '@countersign/shared/contracts';
import { decodeEvent } from '@countersign/shared/feed';
import { expect, test, vi } from 'vitest';
import { onLedgerStage } from './stage.ts';

const stage = onLedgerStage();

async function figures(query = '', key = stage.intake.keys.lead): Promise<Figures> {
  const { status, body } = await stage.call<Figures>(key, 'GET', `/v1/insights/figures${query}`);
  expect(status).toBe(200);
  return body;
}

/** All that is on record by now is counted. */
async function counted(): Promise<void> {
  await stage.sealed();
  await vi.waitUntil(
    async () => {
      const { searched, sealed } = await figures();
      return searched === sealed;
    },
    { interval: 20, timeout: 15_000 },
  );
}

async function decided(verdict: 'approve' | 'reject', attention: object): Promise<RequestView> {
  const { id, version, args_digest } = await stage.intake.propose({
    tool: 'orders.refund',
    args: { order: `ORD-${Math.random()}` },
  });
  const body = { verdict, seen: { version, args_digest }, attention };
  const { keys } = stage.intake;
  return (await stage.call<RequestView>(keys.reviewer, 'POST', `/v1/requests/${id}/decision`, body)).body;
}

test('a row says what became of the requests of its tool, rule, tier and team, and no more than may be said', async () => {
  for (const verdict of ['approve', 'approve', 'reject'] as const) await decided(verdict, { visible_ms: 5 });
  await counted();
  const { rows, by, drift } = await figures();
  expect(by).toEqual(['tool', 'rule', 'tier', 'team']);
  expect(rows).toEqual([
    expect.objectContaining({
      tool: 'orders.refund',
      team: 'anyone',
      people: null,
      requests: expect.objectContaining({ arrived: 3, decided: 3, approved: 2, rejected: 1, timed_out: 0 }),
      approval: { enough: false, n: 3, needed: 30 },
      nearly_all: false,
      reading: { reading: 'unknown', because: 'no_canaries' },
      too_fast: { enough: false, hidden: 'fewer_than_five_people' },
      catches: { enough: false, hidden: 'fewer_than_five_people' },
      canaries: null,
    }),
  ]);
  expect(drift).toEqual({});
});

test('the link behind a row finds the requests that it counts', async () => {
  const [row] = (await figures('?by=tool')).rows;
  const { body } = await stage.call<{ items: RequestView[] }>(
    stage.intake.keys.lead,
    'GET',
    row?.links.rejected ?? '',
  );
  expect(body.items).toHaveLength(1);
});

test('as CSV there is a line for each row, and why a cell is empty', async () => {
  const answer = await fetch(`${stage.intake.url}/v1/insights/figures?format=csv&by=tool`, {
    headers: { authorization: `Bearer ${stage.intake.keys.lead}` },
  });
  expect(answer.headers.get('content-type')).toContain('text/csv');
  const [head = '', line = ''] = (await answer.text()).split('\r\n');
  const cell = (name: string) => line.split(',')[head.split(',').indexOf(name)];
  expect([cell('tool'), cell('approved'), cell('approval_not_said'), cell('approval_rate')]).toEqual([
    'orders.refund',
    '2',
    'needs 30',
    '',
  ]);
});

test('reading them is an event that names who, and what was asked', async () => {
  await figures('?by=team&tier=high');
  const feed = await stage.redis.xrevrange('cs:{default}:feed', '+', '-', 'COUNT', 1);
  const [told] = feed.map(([id, fields]) => decodeEvent(id, fields));
  expect(told).toMatchObject({
    type: 'insights.read',
    actor: { kind: 'person', id: 'bo' },
    data: { of: 'figures', by: ['team'], tier: 'high' },
  });
});

test.each(['reviewer', 'agent', 'admin'] as const)('the key of %s is refused', async (who) => {
  const { status, code } = await stage.call(stage.intake.keys[who], 'GET', '/v1/insights/figures');
  expect([status, code]).toEqual([403, 'forbidden']);
});

test('law 13: another workspace has figures of its own', async () => {
  const { status } = await stage.call(
    stage.intake.keys.lead.replace('cs_default', 'cs_other'),
    'GET',
    '/v1/insights/figures',
  );
  expect(status).toBe(401);
});

test('a dimension that there is not is 400', async () => {
  const { status, code } = await stage.call(
    stage.intake.keys.lead,
    'GET',
    '/v1/insights/figures?by=reviewer',
  );
  expect([status, code]).toEqual([400, 'invalid_request']);
});

const get = async <T>(key: string, path: string): Promise<T> => {
  const { status, body } = await stage.call<T>(key, 'GET', path);
  expect(status).toBe(200);
  return body;
};

test('load says by hour what came, what was decided and who was there, and nothing of load before a week', async () => {
  const load = await get<LoadFigures>(stage.intake.keys.lead, '/v1/insights/load');
  const total = (name: 'arrived' | 'decided') => load.hours.reduce((sum, hour) => sum + hour[name], 0);
  expect([total('arrived'), total('decided')]).toEqual([3, 3]);
  expect(load.hours[0]).toMatchObject({ on_duty: 1, wait_median_ms: expect.any(Number) });
  expect(load.load).toMatchObject({ enough: false, needed: 168 });
});

test('the trend has a point for each day', async () => {
  const { days } = await get<Trend>(stage.intake.keys.lead, '/v1/insights/trend?tool=orders.refund');
  expect(days.reduce((sum, { requests }) => sum + requests.approved, 0)).toBe(2);
  expect(days[0]).toMatchObject({ too_fast: { enough: false, hidden: 'fewer_than_five_people' } });
});

test('a reviewer has figures of their own, and a link to what they decided', async () => {
  const mine = await get<Mine>(stage.intake.keys.reviewer, '/v1/insights/mine');
  expect(mine).toMatchObject({
    person: 'ann',
    all: { verdicts: 3, approved: 2, rejected: 1, too_fast: { enough: false, needed: 30 } },
    tools: [{ tool: 'orders.refund', verdicts: 3 }],
    streak: { now: 0, longest: 2 },
  });
  const found = await get<{ items: unknown[] }>(stage.intake.keys.reviewer, mine.links.approved ?? '');
  expect(found.items).toHaveLength(2);
});

test('somebody who has decided nothing has none, and no one else’s', async () => {
  const mine = await get<Mine>(stage.intake.keys.lead, '/v1/insights/mine');
  expect(mine).toMatchObject({ person: 'bo', all: { verdicts: 0 }, tools: [] });
});

test.each(['trend', 'load'])('%s is also had as CSV', async (what) => {
  const answer = await fetch(`${stage.intake.url}/v1/insights/${what}?format=csv`, {
    headers: { authorization: `Bearer ${stage.intake.keys.lead}` },
  });
  expect((await answer.text()).trim().split('\r\n').length).toBeGreaterThan(1);
});
