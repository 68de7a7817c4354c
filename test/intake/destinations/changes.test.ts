/** Several who change a destination at once: two admins by two intakes, and the notifier that disables it. */
import type { CreatedDestination, DestinationView, Rotated } from '@countersign/shared/contracts';
import type { DestinationRecord } from '@countersign/shared/directory';
import { workspaceKeys } from '@countersign/shared/keys';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { disableDestination } from '../../../services/notifier/channels/destination.ts';
import { startTestIntake, type TestIntake } from '../../support/intake.ts';
import { onStage } from '../stage.ts';

const stage = onStage();
const keys = workspaceKeys('default');
const tenTimes = Array.from({ length: 10 }, (_, n) => n);
let other: TestIntake;
let id: string;

beforeAll(async () => {
  other = await startTestIntake({ redisUrl: stage.server.url, keys: stage.keys });
});
afterAll(() => other?.stop());
beforeEach(async () => {
  const webhook = { name: 'Ops', kind: 'webhook', url: 'https://hooks.example.com/x' };
  const made = await stage.call<CreatedDestination>(stage.keys.admin, 'POST', '/v1/destinations', webhook);
  id = made.body.id;
});

const put = (body: object, by: TestIntake = stage.intake) =>
  by.call(stage.keys.admin, 'PUT', `/v1/destinations/${id}`, body);
const stored = async (): Promise<DestinationRecord> =>
  JSON.parse((await stage.redis.hget(keys.destinations, id)) ?? '{}');
const listed = async () => {
  const { body } = await stage.call<{ items: DestinationView[] }>(
    stage.keys.admin,
    'GET',
    '/v1/destinations',
  );
  return body.items.find((one) => one.id === id);
};

test('changes to different members at once are all kept', async () => {
  for (const n of tenTimes) {
    const [headers, name, url] = [{ 'X-N': `${n}` }, `Ops ${n}`, `https://hooks.example.com/${n}`];
    const answers = await Promise.all([put({ headers }), put({ name }, other), put({ url }, other)]);
    expect(answers.map(({ status }) => status)).toEqual([204, 204, 204]);
    expect(await stored()).toMatchObject({ headers, name, url });
  }
});

test('who names the revision that they read changes nothing that has changed since', async () => {
  const before = await listed();
  expect(before?.revision).toBe(1);
  const answers = await Promise.all([
    put({ match: { tiers: ['high'] }, revision: 1 }),
    put({ match: { tools: ['pay.*'] }, revision: 1 }, other),
  ]);
  expect(answers.map(({ status }) => status).sort()).toEqual([204, 409]);
  const refused = answers.find(({ status }) => status === 409);
  expect(refused).toMatchObject({ code: 'destination_changed', body: { revision: 2 } });
  expect(await listed()).toMatchObject({ revision: 2 });
  // Held against the OpenAPI document as well.
  const path = `/v1/destinations/${id}`;
  const late = await stage.call(stage.keys.admin, 'PUT', path, { name: 'x', revision: 1 });
  expect(late.code).toBe('destination_changed');
  expect((await put({ name: 'On call', revision: 2 })).status).toBe(204);
  expect(await listed()).toMatchObject({ revision: 3, name: 'On call' });
});

test('what was disabled meanwhile stays disabled under any change but the one that takes it into use', async () => {
  const workspace = 'default';
  for (const n of tenTimes) {
    const text = (await stage.redis.hget(keys.destinations, id)) ?? '';
    const disabled = { at: Date.now(), reason: 'It answered 410 Gone.' };
    const [, did] = await Promise.all([
      put({ name: `Ops ${n}` }),
      disableDestination(stage.redis, { workspace, id }, text, disabled),
    ]);
    expect(await stored()).toMatchObject({ name: `Ops ${n}`, ...(did ? { disabled } : {}) });
    await put({ disabled: false });
    expect(await stored()).not.toHaveProperty('disabled');
  }
  const text = (await stage.redis.hget(keys.destinations, id)) ?? '';
  const before = await listed();
  await disableDestination(stage.redis, { workspace, id }, text, { at: 1, reason: 'Gone.' });
  expect((await put({ name: 'x', revision: before?.revision })).code).toBe('destination_changed');
});

test('of two who rotate at once, neither is shown a secret that signs nothing', async () => {
  const rotate = (by: TestIntake) =>
    by.call<Rotated>(stage.keys.admin, 'POST', `/v1/destinations/${id}/rotate`);
  const secrets = (await Promise.all([rotate(stage.intake), rotate(other)])).map(({ body }) => body.secret);
  const { secret, previous_secret } = await stored();
  expect([secret, previous_secret?.secret].sort()).toEqual(secrets.sort());
});

test('what is removed stays removed, whoever changes it meanwhile', async () => {
  const path = `/v1/destinations/${id}`;
  const changes = tenTimes.map((n) => put({ name: `Ops ${n}` }, n % 2 ? other : stage.intake));
  await Promise.all([...changes, stage.call(stage.keys.admin, 'DELETE', path)]);
  expect(await stage.redis.hexists(keys.destinations, id)).toBe(0);
  expect((await put({ name: 'late' })).code).toBe('not_found');
  expect((await stage.call(stage.keys.admin, 'DELETE', path)).code).toBe('not_found');
});

test('members that this version does not know of are kept', async () => {
  await stage.redis.hset(keys.destinations, id, JSON.stringify({ ...(await stored()), later: 'x' }));
  await put({ name: 'On call' });
  expect(await stored()).toMatchObject({ name: 'On call', later: 'x' });
});
