/** The history over HTTP: searched and exported by those who oversee, on record, and only of their own workspace. */
import type { HistoryPage, HistoryRequest, RequestView } from '@countersign/shared/contracts';
import { pino } from 'pino';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { type DevelopmentKeys, prepareDevelopment } from '../../services/intake/development.ts';
import { onLedgerStage } from './stage.ts';

const policy = `version: 1
default: approval_required
groups: { finance: [ann, bo], oncall: [cy] }
rules:
  - { name: pays, tools: [bank.*], effect: approval_required, reviewers: [finance], escalate: [{ after: 30m, notify: [oncall] }] }
`;
const stage = onLedgerStage({ 'policy.yaml': policy, 'side/policy.yaml': policy });

const search = (key: string, query: string) =>
  stage.call<HistoryPage>(key, 'GET', `/v1/audit/history?${query}`);
const download = (query: string) =>
  fetch(`${stage.intake.url}/v1/audit/history?${query}`, {
    headers: { authorization: `Bearer ${stage.auditor}` },
  });
const idsIn = ({ items }: HistoryPage) =>
  items.map((item) => ('request_id' in item ? item.request_id : item.index));

let side: DevelopmentKeys;
let approved: RequestView;
let rejected: RequestView;
beforeAll(async () => {
  const logger = pino({ level: 'error' });
  side = (await prepareDevelopment({ redisUrl: stage.server.url, logger }, 'side')).keys;
  approved = await stage.decided({ to: 'zoe@example.com', note: '=SUM(A1)' });
  rejected = await stage.decided({ to: 'adam@example.com' }, 'reject');
  await stage.sealed();
  await vi.waitUntil(
    async () => {
      const { body } = await search(stage.auditor, 'limit=1');
      return body.searched > 0 && body.searched === body.sealed;
    },
    { interval: 20, timeout: 15_000 },
  );
});

describe('a search', () => {
  test('finds requests by what became of them, who decided and what was said', async () => {
    expect(idsIn((await search(stage.auditor, 'status=rejected')).body)).toEqual([rejected.id]);
    expect(idsIn((await search(stage.auditor, 'q=ZOE%40example.com')).body)).toEqual([approved.id]);
    const { body } = await search(stage.auditor, `request_id=${approved.id}`);
    const [found] = body.items as HistoryRequest[];
    expect(found).toMatchObject({ status: 'approved', tool: 'orders.refund', agent: approved.agent });
    const [reviewer = ''] = Object.values(found?.names ?? {});
    expect(idsIn((await search(stage.auditor, `reviewer=${encodeURIComponent(reviewer)}`)).body)).toEqual([
      rejected.id,
      approved.id,
    ]);
    expect((await search(stage.auditor, 'reviewer=nobody')).body.items).toEqual([]);
  });

  test('goes through pages by their cursor', async () => {
    const first = (await search(stage.auditor, 'limit=1')).body;
    expect(idsIn(first)).toEqual([rejected.id]);
    const second = (await search(stage.auditor, `limit=1&cursor=${first.next_cursor}`)).body;
    expect(idsIn(second)).toEqual([approved.id]);
    expect(second.next_cursor).toBeUndefined();
  });

  test('is on record with all that was asked but the words', async () => {
    await search(stage.auditor, 'of=entries&type=verdict.given&q=zoe');
    const events = await stage.redis.xrevrange('cs:{default}:feed', '+', '-', 'COUNT', 50);
    const read = events.map(([, fields]) => JSON.parse(fields[3] ?? '{}')).find(({ data }) => data?.words);
    expect(read).toMatchObject({
      type: 'audit.read',
      actor: { kind: 'person', id: 'dora' },
      data: { of: 'entries', type: 'verdict.given', words: true },
    });
    expect(JSON.stringify(read)).not.toMatch(/zoe/);
  });

  test.each(['status=approve', 'limit=501', 'cursor=-1', 'from=yesterday', 'q='])(
    'for %s is refused, and says why',
    async (query) => {
      expect(await search(stage.auditor, query)).toMatchObject({ status: 400, code: 'invalid_request' });
    },
  );

  test('is for leads and auditors', async () => {
    for (const key of [stage.intake.keys.agent, stage.intake.keys.reviewer])
      expect((await search(key, '')).status).toBe(403);
  });

  test('law 13: a key of another workspace finds nothing of this one', async () => {
    expect((await search(side.lead, `request_id=${approved.id}`)).body.items).toEqual([]);
  });
});

describe('an export', () => {
  test('as CSV has a line for each request, and no cell that a spreadsheet would run', async () => {
    const response = await download('format=csv');
    expect(response.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(response.headers.get('content-disposition')).toMatch(
      /^attachment; filename="history-requests.csv"$/,
    );
    const lines = (await response.text()).trimEnd().split('\r\n');
    expect(lines[0]).toMatch(/^request_id,agent,tool,tier,status,/);
    expect(lines.slice(1).map((line) => line.split(',')[0])).toEqual([approved.id, rejected.id]);
  });

  test('as JSON Lines has every entry in the order of the log', async () => {
    const response = await download('of=entries&format=jsonl');
    const entries = (await response.text())
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(entries.length).toBeGreaterThan(8);
    expect(entries.map(({ index }) => index)).toEqual(entries.map((_, at) => at));
    expect(entries.every(({ index, entry }) => entry.seq === index)).toBe(true);
  });

  test('is on record as one', async () => {
    await (await download('format=csv&status=rejected')).text();
    const [[, fields = []] = []] = await stage.redis.xrevrange('cs:{default}:feed', '+', '-', 'COUNT', 1);
    expect(JSON.parse(fields[3] ?? '{}')).toMatchObject({
      type: 'audit.exported',
      data: { form: 'csv', of: 'requests', status: 'rejected' },
    });
  });
});

test('a search finds by the group that was asked, and not by who acted', async () => {
  const { id } = await stage.intake.propose({ tool: 'bank.transfer', args: { amount: 1 } });
  await expect.poll(async () => idsIn((await search(stage.auditor, 'group=finance')).body)).toEqual([id]);
  expect((await search(stage.auditor, 'group=oncall')).body.items).toEqual([]);
  expect((await search(stage.auditor, 'group=ann')).body.items).toEqual([]);
});
