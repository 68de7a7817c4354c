/** `deliveries` in the terminal, against a real server, a real notifier and a receiver that answers. */
import { type DeliveryView, problem, problemDocument } from '@countersign/shared/contracts';
import { workspaceKeys } from '@countersign/shared/keys';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sinceOf } from '../../cli/commands/since.ts';
import type { Notifier } from '../../services/notifier/start.ts';
import { json, startHttpPeer } from '../support/http-peer.ts';
import { startTestIntake, type TestIntake } from '../support/intake.ts';
import { startTestNotifier } from '../support/notifier.ts';
import { startTestRedis, type TestRedis } from '../support/redis.ts';
import { countersign } from '../support/terminal.ts';
import { startWebhookReceiver, type WebhookReceiver } from '../support/webhook-receiver.ts';

let redis: TestRedis;
let intake: TestIntake;
let notifier: Notifier;
let receiver: WebhookReceiver;

beforeAll(async () => {
  [redis, receiver] = await Promise.all([startTestRedis(), startWebhookReceiver()]);
  intake = await startTestIntake({ redisUrl: redis.url });
  notifier = await startTestNotifier({
    redisUrl: redis.url,
    attemptTimeoutMs: 1_000,
  });
});
afterAll(async () => {
  await notifier?.stop();
  await intake?.stop();
  await Promise.all([redis?.stop(), receiver?.stop()]);
});

const env = () => ({ COUNTERSIGN_URL: intake.url, COUNTERSIGN_KEY: intake.keys.admin });
const deliveries = (...argv: string[]) => countersign(['deliveries', ...argv], { env: env() });
const log = (line: Partial<DeliveryView>) => {
  const attempt = {
    at: Date.now(),
    channel: 'webhook',
    destination: 'dst_log',
    request_id: 'req_1',
    event_id: '1-0',
    event_type: 'request.created',
    attempt: 1,
    outcome: 'delivered',
    ...line,
  };
  return redis.client().xadd(workspaceKeys('default').deliveryLog, '*', 'attempt', JSON.stringify(attempt));
};

/** A destination of its own that hears of this tool. */
async function destinationFor(tool: string): Promise<string> {
  const body = { name: tool, kind: 'webhook', url: `${receiver.url}/${tool}`, match: { tools: [tool] } };
  const made = await intake.call<{ id: string }>(intake.keys.admin, 'POST', '/v1/destinations', body);
  return made.body.id;
}
const arrived = (tool: string) => receiver.received.filter(({ path }) => path === `/${tool}`);

describe('deliveries', () => {
  test('prints the log as it is written, the newest last, and what the peer said where it is asked for', async () => {
    const destination = 'dst_read';
    const failed = { outcome: 'failed', status: 500, code: 'http_500', latency_ms: 12 } as const;
    await log({ destination, ...failed, response: 'try\u001b[2J later' });
    await log({ destination, attempt: 2, status: 204, latency_ms: 31 });
    await log({ destination: 'dst_other' });
    await log({ destination, request_id: 'req_2', outcome: 'gave_up', code: 'timeout', latency_ms: 15_000 });
    const { code, out } = await deliveries('--destination', destination);
    expect(code).toBe(0);
    const facts = 'webhook    dst_read  req_1  request.created  attempt';
    const lines = out.split('\n').map((line) => line.replace(/^\S+Z {2}/, ''));
    expect(lines).toEqual([
      `failed      ${facts} 1  500  12 ms`,
      `delivered   ${facts} 2  204  31 ms`,
      'gave_up     webhook    dst_read  req_2  request.created  attempt 1  15000 ms  timeout',
    ]);
    const verbose = await deliveries('--destination', destination, '--outcome', 'failed', '--verbose');
    expect(verbose.out.split('\n')[1]).toBe('│ try⟨U+001B⟩[2J later');
    expect((await deliveries('--request', 'req_2', '--since', '1h')).out.split('\n')).toHaveLength(1);
    const { items } = JSON.parse((await deliveries('--destination', destination, '--json')).out);
    expect(items.map((item: DeliveryView) => item.outcome)).toEqual(['failed', 'delivered', 'gave_up']);
  });

  test('shows as many of the newest as asked for, over any number of pages, and says that there are more', async () => {
    const destination = 'dst_many';
    for (let n = 0; n < 450; n++) await log({ destination, request_id: `req_${n}` });
    const some = await deliveries('--destination', destination, '--limit', '300');
    const shown = some.out.split('\n').map((line) => line.split(/ {2,}/)[4]);
    expect(shown).toEqual(Array.from({ length: 300 }, (_, n) => `req_${n + 150}`));
    expect(some.err).toContain('Older ones are there');
    const all = await deliveries('--destination', destination, '--limit', '450', '--json');
    expect(JSON.parse(all.out).items).toHaveLength(450);
    expect(await deliveries('--destination', 'dst_none')).toMatchObject({
      code: 0,
      out: '',
      err: 'No attempt in the log is like that.',
    });
  });

  test('follows the log as it grows, missing and repeating nothing, until somebody interrupts', async () => {
    const destination = 'dst_followed';
    const shown: string[] = [];
    let interrupt = () => {};
    const interrupted = new Promise<void>((resolve) => {
      interrupt = resolve;
    });
    await log({ destination, request_id: 'req_before' });
    const following = countersign(['deliveries', '--destination', destination, '--follow', '--json'], {
      env: env(),
      out: (line) => shown.push(JSON.parse(line).request_id),
      interrupted: () => interrupted,
    });
    await expect.poll(() => shown).toEqual(['req_before']);
    const expected = ['req_before'];
    for (let n = 0; n < 250; n++) {
      await log({ destination, request_id: `req_${n}` });
      await log({ destination: 'dst_other' });
      expected.push(`req_${n}`);
    }
    await expect.poll(() => shown).toEqual(expected);
    await log({ destination, request_id: 'req_last' });
    await expect.poll(() => shown.at(-1)).toBe('req_last');
    interrupt();
    expect((await following).code).toBe(0);
  });

  test('that is followed waits for a server that is away, and says so once', async () => {
    const line = { id: '5-0', at: '2026-11-21T08:00:00.000Z', channel: 'webhook', destination: 'dst_1' };
    const attempt = {
      ...line,
      event_id: '1-0',
      event_type: 'request.created',
      attempt: 1,
      outcome: 'failed',
    };
    let items: object[] = [];
    const peer = await startHttpPeer(() => json(200, { items }));
    const shown: string[] = [];
    const said: string[] = [];
    let interrupt = () => {};
    const interrupted = new Promise<void>((resolve) => {
      interrupt = resolve;
    });
    peer.answerWith('as usual', 'as usual', 503, 503);
    const following = countersign(['deliveries', '--follow', '--url', peer.url, '--key', 'k'], {
      out: (text) => shown.push(text),
      err: (text) => said.push(text),
      interrupted: () => interrupted,
    });
    await expect.poll(() => peer.calls.length).toBeGreaterThan(3);
    items = [attempt];
    await expect.poll(() => shown).toEqual([expect.stringContaining('failed      webhook    dst_1')]);
    expect(said).toEqual([expect.stringContaining('Waiting for it.')]);
    peer.answerWith(json(403, problemDocument(problem('forbidden', 'No more.'))));
    expect(await following).toMatchObject({ code: 1 });
    interrupt();
    await peer.stop();
  });

  test('says which option it does not understand', async () => {
    expect(await deliveries('--since', 'yesterday')).toMatchObject({
      code: 2,
      err: expect.stringContaining('A time is 30m, 2h'),
    });
    expect(await deliveries('--limit', '0')).toMatchObject({ code: 2 });
    expect(await deliveries('--outcome', 'lost')).toMatchObject({ code: 2 });
  });
});

describe('deliveries replay', () => {
  test('of one request brings it to the destination once more, and says so', async () => {
    const id = await destinationFor('replay.one');
    const request = await intake.propose({ tool: 'replay.one', args: {} });
    await expect.poll(() => arrived('replay.one')).toHaveLength(1);
    const { code, out } = await deliveries('replay', '--destination', id, '--request', request.id);
    expect(code).toBe(0);
    const [, event = ''] =
      /^1 delivery is queued, .*countersign deliveries --event (\d+-\d+)$/.exec(out) ?? [];
    await expect.poll(() => arrived('replay.one')).toHaveLength(2);
    await expect
      .poll(async () => (await deliveries('--event', event)).out)
      .toContain(`${id}  ${request.id}  request.created  attempt 1  204`);
  });

  test('since a time says how many that are, and of none that nothing is sent', async () => {
    const id = await destinationFor('replay.many');
    for (let n = 0; n < 3; n++) await intake.propose({ tool: 'replay.many', args: { n } });
    await expect.poll(() => arrived('replay.many')).toHaveLength(3);
    expect((await deliveries('replay', '--destination', id, '--since', '1h')).out).toContain(
      '3 deliveries are queued',
    );
    await expect.poll(() => arrived('replay.many')).toHaveLength(6);
    const json = await deliveries('replay', '--destination', id, '--since', '1h', '--json');
    expect(JSON.parse(json.out)).toMatchObject({ queued: 3 });

    const other = await destinationFor('replay.other');
    const since = await deliveries('replay', '--destination', other, '--since', '1h');
    expect(since).toMatchObject({ code: 0, out: expect.stringContaining('Nothing to send') });
    const { id: request } = await intake.propose({ tool: 'replay.many', args: { n: 3 } });
    expect(await deliveries('replay', '--destination', other, '--request', request)).toMatchObject({
      code: 1,
    });
  });

  test('wants one of the two, and a destination that is there', async () => {
    const wrong = (...argv: string[]) => deliveries('replay', '--destination', 'dst_none', ...argv);
    expect(await wrong()).toMatchObject({ code: 2, err: expect.stringContaining('--request') });
    expect(await wrong('--request', 'r', '--since', '1h')).toMatchObject({ code: 2 });
    expect(await wrong('--since', '1h')).toMatchObject({
      code: 1,
      err: expect.stringContaining('not_found'),
    });
    expect(await deliveries('replay', '--since', '1h')).toMatchObject({ code: 2 });
  });
});

test('a time is a moment or how long ago it was, and nothing else', () => {
  const now = Date.UTC(2026, 10, 21, 12);
  expect(sinceOf('90s', now)).toBe(now - 90_000);
  expect(sinceOf('1.5h', now)).toBe(now - 5_400_000);
  expect(sinceOf('3d', now)).toBe(now - 259_200_000);
  expect(sinceOf('2026-11-21', now)).toBe(Date.UTC(2026, 10, 21));
  expect(sinceOf('2026-11-21T10:00:00+02:00', now)).toBe(Date.UTC(2026, 10, 21, 8));
  for (const text of [
    '',
    'never',
    '2026',
    '5',
    '-1h',
    '2h ago',
    '2026-02-31',
    '2026-11-21T10:00:00',
    '9999d',
  ])
    expect(sinceOf(text, now), text).toBeUndefined();
});
