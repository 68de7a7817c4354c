/** Several who change a destination at once: two admins by two intakes, and the notifier that disables it. */
import type { CreatedDestination, DestinationView, Rotated } from '@countersign/shared/contracts';
import type { DestinationRecord } from '@countersign/shared/directory';
import { workspaceKeys } from '@countersign/shared/keys';
import type { Redis } from 'ioredis';
import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { authenticate } from '../../../services/intake/access/authenticate.ts';
import { openContinuity } from '../../../services/intake/continuity/continuity.ts';
import { changeDestination } from '../../../services/intake/destinations/store.ts';
import { connectForCommands } from '../../../services/intake/store/connect.ts';
import { openWorkspaces } from '../../../services/intake/workspace/workspaces.ts';
import { disableDestination } from '../../../services/notifier/channels/destination.ts';
import { startTestIntake, type TestIntake } from '../../support/intake.ts';
import { onStage } from '../stage.ts';

const stage = onStage();
const keys = workspaceKeys('default');
const tenTimes = Array.from({ length: 10 }, (_, n) => n);
let other: TestIntake;
/** As intake connects. */
let intakeRedis: Redis;
let id: string;

beforeAll(async () => {
  other = await startTestIntake({ redisUrl: stage.server.url, keys: stage.keys });
  intakeRedis = connectForCommands(stage.server.url, pino({ level: 'silent' }));
  await intakeRedis.connect();
});
afterAll(async () => {
  intakeRedis?.disconnect();
  await other?.stop();
});
beforeEach(async () => {
  const webhook = { name: 'Ops', kind: 'webhook', url: 'https://hooks.example.com/x' };
  const made = await stage.call<CreatedDestination>(stage.keys.admin, 'POST', '/v1/destinations', webhook);
  id = made.body.id;
});

const put = (body: object, by: TestIntake = stage.intake) =>
  by.call(stage.keys.admin, 'PUT', `/v1/destinations/${id}`, body);
const stored = async (): Promise<DestinationRecord> =>
  JSON.parse((await stage.redis.hget(keys.destinations, id)) ?? '{}');
async function adminCaller() {
  const caller = await authenticate(
    openWorkspaces(intakeRedis, openContinuity(intakeRedis, undefined)),
    `Bearer ${stage.keys.admin}`,
  );
  if ('code' in caller) throw new Error(caller.detail);
  return caller;
}
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

/** Has `meanwhile` happen after the destination was read and before what it is to be is written. */
async function changeAround(meanwhile: (stored: string) => void) {
  const caller = await adminCaller();
  let first = true;
  return changeDestination({ redis: intakeRedis }, caller, id, (before) => {
    // By the same connection, on which commands keep their order.
    if (first) meanwhile(JSON.stringify(before));
    first = false;
    return { after: { ...before, name: 'On call' }, event: 'changed' };
  });
}

test('what is disabled meanwhile stays disabled', async () => {
  const disabled = { at: Date.now(), reason: 'It answered 410 Gone.' };
  const changed = await changeAround((stored) => {
    void disableDestination(intakeRedis, { workspace: 'default', id }, stored, disabled);
  });
  expect(changed).toMatchObject({ name: 'On call', disabled, revision: 3 });
  expect(await stored()).toEqual(changed);
  // Who read it before that is told that it is not what they read.
  expect((await put({ name: 'x', revision: 1 })).code).toBe('destination_changed');
  expect((await put({ disabled: false, revision: 3 })).status).toBe(204);
  expect(await stored()).not.toHaveProperty('disabled');
});

test('what is removed meanwhile stays removed', async () => {
  const changed = await changeAround(() => void intakeRedis.hdel(keys.destinations, id));
  expect(changed).toMatchObject({ code: 'not_found' });
  expect(await stage.redis.hexists(keys.destinations, id)).toBe(0);
  const path = `/v1/destinations/${id}`;
  expect((await put({ name: 'late' })).code).toBe('not_found');
  expect((await stage.call(stage.keys.admin, 'DELETE', path)).code).toBe('not_found');
});

test('of two who rotate at once, neither is shown a secret that signs nothing', async () => {
  const rotate = (by: TestIntake) =>
    by.call<Rotated>(stage.keys.admin, 'POST', `/v1/destinations/${id}/rotate`);
  const secrets = (await Promise.all([rotate(stage.intake), rotate(other)])).map(({ body }) => body.secret);
  const { secret, previous_secret } = await stored();
  expect([secret, previous_secret?.secret].sort()).toEqual(secrets.sort());
});

test('members that this version does not know of are kept', async () => {
  await stage.redis.hset(keys.destinations, id, JSON.stringify({ ...(await stored()), later: 'x' }));
  await put({ name: 'On call' });
  expect(await stored()).toMatchObject({ name: 'On call', later: 'x' });
});
