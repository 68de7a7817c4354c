/** `destinations` in the terminal, against a real server, a real notifier and a receiver that answers. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { workspaceKeys } from '@countersign/shared/keys';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Notifier } from '../../services/notifier/start.ts';
import { startTestIntake, type TestIntake } from '../support/intake.ts';
import { startTestNotifier } from '../support/notifier.ts';
import { startTestRedis, type TestRedis } from '../support/redis.ts';
import { countersign } from '../support/terminal.ts';
import { startWebhookReceiver, type WebhookReceiver } from '../support/webhook-receiver.ts';

let redis: TestRedis;
let intake: TestIntake;
let notifier: Notifier;
let receiver: WebhookReceiver;
let folder: string;

beforeAll(async () => {
  [redis, receiver] = await Promise.all([startTestRedis(), startWebhookReceiver()]);
  intake = await startTestIntake({ redisUrl: redis.url });
  notifier = await startTestNotifier({
    redisUrl: redis.url,
    attemptTimeoutMs: 1_000,
  });
  folder = await mkdtemp(join(tmpdir(), 'countersign-secrets-'));
});
afterAll(async () => {
  await notifier?.stop();
  await intake?.stop();
  await Promise.all([redis?.stop(), receiver?.stop()]);
  await rm(folder, { recursive: true, force: true });
});

const env = () => ({ COUNTERSIGN_URL: intake.url, COUNTERSIGN_KEY: intake.keys.admin });
const destinations = (...argv: string[]) => countersign(['destinations', ...argv], { env: env() });
const file = async (name: string, text: string) => {
  await writeFile(join(folder, name), text);
  return `@${join(folder, name)}`;
};
const stored = async (id: string) =>
  JSON.parse((await redis.client().hget(workspaceKeys('default').destinations, id)) ?? 'null');
async function add(...argv: string[]): Promise<{ id: string; secret: string }> {
  const { code, out } = await destinations('add', ...argv);
  expect(code).toBe(0);
  const [id = '', secret = ''] = out.split('\n');
  return { id, secret: secret.replace('secret: ', '') };
}

describe('destinations add', () => {
  test('prints the id and, once, the secret that the server made', async () => {
    const header = await file('headers', 'X-Token: very-secret\nX-Team: finance\n');
    const options = ['--header', header, 'X-More: a: b', '--tool', 'orders.*', '--tier', 'high', 'critical'];
    const { id, secret } = await add('webhook', 'Ops', '--address', `${receiver.url}/ops`, ...options);
    expect(secret).toMatch(/^whsec_/);
    expect(await stored(id)).toMatchObject({
      name: 'Ops',
      kind: 'webhook',
      url: `${receiver.url}/ops`,
      secret,
      headers: { 'X-Token': 'very-secret', 'X-Team': 'finance', 'X-More': 'a: b' },
      match: { tools: ['orders.*'], tiers: ['high', 'critical'] },
    });
  });

  test('takes secrets from files, and does not print those', async () => {
    const secret = await file('routing-key', `${'R0'.repeat(16)}\n`);
    const { code, out, err } = await destinations(
      'add',
      'pagerduty',
      'x',
      '--secret',
      secret,
      '--tier',
      'none',
    );
    expect(code).toBe(0);
    expect(out + err).not.toContain('R0R0');
    expect(await stored(out)).toMatchObject({ secret: 'R0'.repeat(16), match: { tiers: [] } });
  });

  test('says what is wrong: a file that is not there, a header that is none, what the server refuses', async () => {
    const wrong = (...argv: string[]) => destinations('add', 'webhook', 'x', ...argv);
    expect(await wrong('--secret', '@/nowhere')).toMatchObject({
      code: 2,
      err: expect.stringContaining('--secret: there is no file /nowhere'),
    });
    expect(await wrong('--header', 'X-Token')).toMatchObject({
      code: 2,
      err: expect.stringContaining('Name: value'),
    });
    expect(await wrong()).toMatchObject({ code: 1, err: expect.stringContaining('invalid_request: url:') });
    expect(await destinations('add', 'carrier-pigeon', 'x')).toMatchObject({ code: 2 });
  });
});

test('destinations list shows whose address and what is the matter, and no secret nor what may be one', async () => {
  const url = `${receiver.url}/hooks/T0/very-secret?sig=very-secret`;
  const { id, secret } = await add('webhook', 'Lis\u001b[2Jted', '--address', url, '--header', 'X-A: hidden');
  const numbers = [1, 2, 3, 4, 5].map((n) => `+491511234567${n}`);
  const phones = await add('sms', 'Phones', '--to', ...numbers, '--group', 'finance');
  const disabled = { at: Date.UTC(2026, 10, 1), reason: 'It answered 410 Gone.' };
  const keys = workspaceKeys('default');
  await redis.client().hset(keys.destinations, id, JSON.stringify({ ...(await stored(id)), disabled }));
  await redis.client().hset(keys.failing, `webhook-${id}`, `${disabled.at - 1000} 41`);
  await redis.client().hset(keys.pace(`webhook-${id}`), 'held', Date.now() + 3_600_000);

  const { code, out } = await destinations('list');
  expect(code).toBe(0);
  const { origin } = new URL(receiver.url);
  expect(out).toContain(`${id}  webhook  Lis⟨U+001B⟩[2Jted  ${origin}/… with X-A`);
  expect(out).toContain('DISABLED since 2026-11-01T00:00:00.000Z: It answered 410 Gone.');
  expect(out).toContain('every attempt has failed since 2026-10-31T23:59:59.000Z: 41 of them');
  expect(out).toMatch(/it asked to be left alone until \d{4}-/);
  expect(out).toContain(`${phones.id}  sms  Phones  ${numbers.slice(0, 3).join(', ')} and 2 more`);
  expect(out).toContain('hears only of groups finance');
  for (const hidden of ['very-secret', 'hidden', secret, '\u001b']) expect(out).not.toContain(hidden);
  const { items } = JSON.parse((await destinations('list', '--json')).out);
  expect(items).toContainEqual(expect.objectContaining({ id, revision: 1 }));

  const enabled = await destinations('enable', id);
  expect(enabled).toMatchObject({ code: 0, out: `${id} is in use again.` });
  expect(enabled.err).toContain(`deliveries replay --destination ${id} --since 2026-10-31T23:59:59.000Z`);
  expect(await stored(id)).not.toHaveProperty('disabled');
  expect((await destinations('list')).out).not.toMatch(/DISABLED|has failed|left alone/);
  expect((await destinations('enable', id)).out).toContain('was in use');
});

describe('destinations test', () => {
  test('says that the peer took it, and ends with 0', async () => {
    const { id } = await add('webhook', 'Fine', '--address', `${receiver.url}/fine`);
    const { code, out } = await destinations('test', id);
    expect(out).toMatch(/^Delivered\. It answered 204\. It took \d+ ms\.$/);
    expect(code).toBe(0);
    const arrived = receiver.received.filter(({ path }) => path === '/fine');
    expect(arrived.map(({ body }) => body.type)).toEqual(['destination.test']);
  });

  test('says how it failed with the peer’s own words, and ends with 1', async () => {
    const { id } = await add('webhook', 'Gone', '--address', `${receiver.url}/gone`);
    receiver.answerWith({ status: 404, body: 'no such \u001b[2J hook' });
    const { code, out } = await destinations('test', id);
    expect(code).toBe(1);
    expect(out).toMatch(/^Not delivered \(http_404\)\. It answered 404\./);
    expect(out).toContain('│ no such ⟨U+001B⟩[2J hook');
    receiver.answerWith(500);
    const json = await destinations('test', id, '--json');
    expect(json.code).toBe(1);
    expect(JSON.parse(json.out)).toMatchObject({ attempt: { status: 500 } });
  });

  test('says what to do where nothing was sent', async () => {
    const { id } = await add('sms', 'Nobody', '--to', '+4915112345678');
    const { code, out } = await destinations('test', id);
    expect(code).toBe(1);
    expect(out).toContain('Nothing was sent (sms_not_set_up).');
    expect(out).toContain('TWILIO_ACCOUNT_SID');
    expect(await destinations('test', 'dst_none')).toMatchObject({
      code: 1,
      err: expect.stringContaining('not_found'),
    });
  });
});

test('destinations rotate prints the new secret once, and says how long the old one signs too', async () => {
  const { id, secret } = await add('webhook', 'Turned', '--address', `${receiver.url}/turned`);
  const { code, out, err } = await destinations('rotate', id);
  expect(code).toBe(0);
  expect(out).toMatch(/^whsec_[A-Za-z0-9+/]+=*$/);
  expect(out).not.toBe(secret);
  expect(err).toMatch(/signs too until \d{4}-/);
  expect((await stored(id)).secret).toBe(out);
  expect((await destinations('list')).out).toContain('the secret before the last signs too until');
});

test('destinations remove removes one, and says where there is none', async () => {
  const { id } = await add('webhook', 'Brief', '--address', `${receiver.url}/brief`);
  expect(await destinations('remove', id)).toMatchObject({ code: 0, out: `${id} is removed.` });
  for (const verb of ['remove', 'enable', 'rotate', 'test'])
    expect(await destinations(verb, id)).toMatchObject({
      code: 1,
      err: expect.stringContaining('not_found'),
    });
});
