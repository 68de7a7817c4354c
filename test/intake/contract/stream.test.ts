import type { RequestView } from '@countersign/shared/contracts';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { faults } from '../described.ts';
import { type OpenStream, openStream } from '../event-stream.ts';
import { onStage } from '../stage.ts';

const stage = onStage(`
version: 1
rules:
  - { name: money, tools: [pay.*], effect: approval_required, reviewers: [finance] }
`);

const open: OpenStream[] = [];
async function stream(key: string, after?: string): Promise<OpenStream> {
  const opened = await openStream(stage.intake.url, key, after);
  open.push(opened);
  await expect.poll(() => opened.events.length + Number(opened.status !== 200)).toBeGreaterThan(0);
  return opened;
}
afterEach(() => {
  for (const opened of open.splice(0)) opened.close();
});

let n = 0;
const ask = (tool = 'a.write', more = {}) => stage.ask(tool, { nonce: ++n }, more);
const kinds = ({ events }: OpenStream, { id }: RequestView) =>
  events.filter(({ data }) => data.request_id === id).map(({ event }) => event);
const has = (opened: OpenStream, request: RequestView, event: string) =>
  expect.poll(() => kinds(opened, request), { timeout: 10_000 }).toContain(event);

test('begins with ready and then tells what happens, without payloads', async () => {
  const opened = await stream(stage.keys.reviewer);
  expect(opened.status).toBe(200);
  expect(opened.headers.get('content-type')).toBe('text/event-stream');
  expect(opened.headers.get('cache-control')).toBe('no-cache');
  expect(opened.events[0]?.event).toBe('ready');
  const request = await ask('a.write', { reason: 'private words' });
  await stage.decide(stage.keys.reviewer, request, { verdict: 'approve', reason: 'more words' });
  await has(opened, request, 'request.approved');
  expect(kinds(opened, request)).toEqual([
    'action.proposed',
    'request.created',
    'verdict.given',
    'request.approved',
  ]);
  const described = stage.document.paths['/v1/stream']?.get?.responses['200']?.content;
  for (const { event, data, id } of opened.events.filter((sent) => sent.event !== 'ready')) {
    expect(data.type).toBe(event);
    expect(id).toMatch(/^\d+-\d+$/);
    expect(faults(stage.document, described?.['text/event-stream']?.schema ?? {}, data)).toEqual([]);
  }
  expect(JSON.stringify(opened.events)).not.toMatch(/words|nonce/);
  expect(opened.events.at(-1)?.data).toMatchObject({
    request_id: request.id,
    agent: 'tester',
    status: 'approved',
    revision: 2,
    version: 1,
  });
});

test('resumes behind Last-Event-ID: nothing is missing and nothing comes twice', async () => {
  const first = await stream(stage.keys.reviewer);
  const request = await ask();
  await has(first, request, 'request.created');
  first.close();
  const { id: last } = first.events.at(-1) ?? { id: '' };
  const [second, third] = [await ask(), await ask()];
  const again = await stream(stage.keys.reviewer, last);
  await has(again, third, 'request.created');
  expect(again.events[0]).toMatchObject({ event: 'ready', id: last });
  expect(kinds(again, request)).toEqual([]);
  expect(kinds(again, second)).toEqual(['action.proposed', 'request.created']);
});

describe('reset', () => {
  test('when it is resumed from before the window', async () => {
    const request = await ask();
    const first = await stream(stage.keys.reviewer, '1-0');
    expect(first.events[0]?.event).toBe('reset');
    const opened = await stream(stage.keys.reviewer);
    await stage.decide(stage.keys.reviewer, request, { verdict: 'reject' });
    await has(opened, request, 'request.rejected');
    const known = opened.events.at(-1)?.id ?? '';
    await ask();
    await stage.redis.xtrim('cs:{default}:feed', 'MAXLEN', 1);
    const lost = await stream(stage.keys.reviewer, known);
    expect(lost.events[0]?.event).toBe('reset');
    const next = await ask();
    await has(lost, next, 'request.created');
  });

  test.each(['99999999999999-0', '18446744073709551615-18446744073709551615'])(
    'when it is resumed from a place that the feed has not reached (%s)',
    async (place) => {
      await ask();
      expect((await stream(stage.keys.reviewer, place)).events[0]?.event).toBe('reset');
    },
  );

  test('nonsense in Last-Event-ID is no place at all', async () => {
    expect((await stream(stage.keys.reviewer, 'yesterday')).events[0]?.event).toBe('ready');
  });
});

describe('tells only what the key may see', () => {
  test('a reviewer: not what is for another group; joining it opens the stream', async () => {
    const gus = await stage.intake.addReviewer('gus');
    const opened = await stream(gus);
    const [hidden, shown] = [await ask('pay.out'), await ask('a.write')];
    await has(opened, shown, 'request.created');
    expect(kinds(opened, hidden)).toEqual([]);
    await stage.call(stage.keys.admin, 'POST', '/v1/people', { id: 'gus', name: 'Gus', groups: ['finance'] });
    const later = await ask('pay.out');
    await has(opened, later, 'request.created');
  });

  test('an agent: its own requests only; nobody but those who oversee hears of keys', async () => {
    const { body } = await stage.call<{ key: string }>(stage.keys.admin, 'POST', '/v1/keys', {
      roles: ['agent'],
      owner: 'zoe',
      agents: ['other-*'],
    });
    const [theirs, overseer] = [await stream(body.key), await stream(stage.keys.admin)];
    const [foreign, own] = [await ask(), await ask('a.write', { agent: 'other-1' })];
    await stage.call(stage.keys.admin, 'POST', '/v1/keys', { roles: ['auditor'], owner: 'zoe' });
    await expect.poll(() => overseer.events.map(({ event }) => event)).toContain('key.created');
    await has(theirs, own, 'request.created');
    expect(kinds(theirs, foreign)).toEqual([]);
    expect(theirs.events.map(({ event }) => event)).not.toContain('key.created');
    expect(kinds(overseer, foreign)).toContain('request.created');
  });
});

test('ends when its key is revoked', async () => {
  const { body } = await stage.call<{ id: string; key: string }>(stage.keys.admin, 'POST', '/v1/keys', {
    roles: ['reviewer'],
    owner: 'rae',
  });
  const opened = await stream(body.key);
  await stage.call(stage.keys.admin, 'DELETE', `/v1/keys/${body.id}`);
  await opened.ended;
  expect((await stream(body.key)).status).toBe(401);
});

test('a heartbeat comes at least every 15 seconds', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  try {
    const opened = await openStream(stage.intake.url, stage.keys.reviewer);
    open.push(opened);
    const look = async (): Promise<void> => {
      // Ten times as fast as the clock on the wall, and slow enough for Redis to answer within its own time limit.
      await vi.advanceTimersByTimeAsync(500);
      expect(opened.comments).toContain('still here');
    };
    await vi.waitFor(look, { timeout: 25_000, interval: 50 });
  } finally {
    vi.useRealTimers();
  }
});
