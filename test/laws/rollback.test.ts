/**
 * Redis is put back to an older state, as by a backup or a replica that lagged: what was revoked or used up since looks
 * open again. By what the ledger noted outside Redis, both intakes notice, and nothing from before runs until an admin
 * has looked.
 */
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RequestView } from '@countersign/shared/contracts';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startTestIntake, type TestIntake } from '../support/intake.ts';
import { startTestRedis, type TestRedis } from '../support/redis.ts';
import { consume, decide, proposeAllowed, read } from './arena.ts';

const policies = `version: 1
rules:
  - { name: look, tools: [ask.*], effect: approval_required, timeout: 1h }
  - { name: run, tools: [run.*], effect: allow }
  - { name: like, tools: [like.*], effect: approval_required, grants: { calls: 5, for: 1h, per: [param.ticket] } }
`;

let server: TestRedis;
let left: TestIntake;
let right: TestIntake;
let ledgerDir: string;
let backup: string;

beforeEach(async () => {
  server = await startTestRedis({ appendfsync: 'always' });
  ledgerDir = mkdtempSync(join(tmpdir(), 'countersign-ledger-'));
  backup = mkdtempSync(join(tmpdir(), 'countersign-backup-'));
  const options = { redisUrl: server.url, policies, ledgerDir, logger: pino({ level: 'silent' }) };
  left = await startTestIntake(options);
  right = await startTestIntake({ ...options, keys: left.keys });
});
afterEach(async () => {
  await Promise.all([left.stop(), right.stop()]);
  await server.stop();
  for (const dir of [ledgerDir, backup]) rmSync(dir, { recursive: true });
});

/** Ends Redis, does something to its files, starts it again, and waits until these intakes have it back. */
async function outOfService(meanwhile: () => void, intakes = [left, right]): Promise<void> {
  await server.kill9();
  meanwhile();
  await server.restart();
  await expectAnswer(200, intakes);
}
async function expectAnswer(status: number, intakes = [left, right]): Promise<void> {
  for (const { url } of intakes)
    await expect.poll(async () => (await fetch(`${url}/readyz`)).status, { timeout: 20_000 }).toBe(status);
}
const backUp = () => outOfService(() => cpSync(server.dir, backup, { recursive: true }));
const restore = (intakes?: TestIntake[]) =>
  outOfService(() => {
    rmSync(join(server.dir, 'appendonlydir'), { recursive: true });
    cpSync(join(backup, 'appendonlydir'), join(server.dir, 'appendonlydir'), { recursive: true });
  }, intakes);

const feed = () => server.client().xrange('cs:{default}:feed', '-', '+');
const eventsOf = async (type: string) =>
  (await feed()).filter(([, fields]) => fields[1] === type).map(([, fields]) => JSON.parse(fields[3] ?? ''));

/** What the ledger does: notes the last event that it has sealed. */
async function seal(): Promise<string> {
  const id = (await feed()).at(-1)?.[0] ?? '';
  mkdirSync(join(ledgerDir, 'default'), { recursive: true });
  writeFileSync(join(ledgerDir, 'default', 'sealed.json'), JSON.stringify({ feed_id: id }));
  return id;
}

type Permit = { id: string; token: string; args: { n: number } };
async function approved(n: number): Promise<Permit> {
  const request = await left.propose({ tool: 'ask.it', args: { n } });
  await decide(left, left.keys.reviewer, request, 'approve');
  return { id: request.id, token: (await read(left, request.id)).token ?? '', args: { n } };
}
const discontinuity = (intake: TestIntake) =>
  intake.call<{ found_at: string | null }>(intake.keys.admin, 'GET', '/v1/discontinuity');
const accept = (intake: TestIntake, found_at: string | null) =>
  intake.call(intake.keys.admin, 'POST', '/v1/discontinuity', { found_at, reason: 'looked at the log' });

test('law 5: after a rollback approvals from before neither mint nor consume until an admin has accepted it', {
  timeout: 60_000,
}, async () => {
  const [revoked, used, open] = [await approved(1), await approved(2), await approved(3)];
  await backUp();
  await left.call<RequestView>(left.keys.reviewer, 'POST', `/v1/requests/${revoked.id}/revoke`, {});
  expect((await consume(right, used)).status).toBe(200);
  const sealed = await seal();
  await restore();

  for (const intake of [left, right]) {
    for (const permit of [revoked, used, open]) {
      const { status, code } = await consume(intake, permit);
      expect([status, code]).toEqual([403, 'discontinuity']);
      expect(await read(intake, permit.id)).not.toHaveProperty('token');
    }
  }
  expect((await eventsOf('discontinuity.found')).map(({ data }) => data)).toEqual([{ sealed }]);

  // What is approved now is on record whole.
  const fresh = await approved(4);
  expect((await consume(right, fresh)).status).toBe(200);

  const { found_at } = (await discontinuity(right)).body;
  expect(found_at).toEqual(expect.any(String));
  expect((await accept(left, '2020-01-01T00:00:00.000Z')).code).toBe('not_found');
  expect((await left.call(left.keys.lead, 'POST', '/v1/discontinuity', { found_at, reason: 'x' })).code).toBe(
    'forbidden',
  );
  expect((await accept(left, found_at)).status).toBe(204);
  expect((await accept(right, found_at)).code).toBe('not_found');
  expect((await discontinuity(right)).body.found_at).toBeNull();
  expect((await consume(right, open)).status).toBe(200);
  expect(await eventsOf('discontinuity.accepted')).toMatchObject([
    { actor: { kind: 'person', id: 'cy' }, data: { sealed, found_at, reason: 'looked at the log' } },
  ]);

  // Another restart finds the same event missing, which was accepted.
  await outOfService(() => {});
  expect((await consume(left, await approved(5))).status).toBe(200);
  expect(await eventsOf('discontinuity.found')).toHaveLength(1);
});

test('law 5: a grant from before a rollback lets nothing through', { timeout: 60_000 }, async () => {
  const args = { ticket: 'T-1' };
  const { id, version, args_digest } = await left.propose({ tool: 'like.it', args });
  const verdict = { verdict: 'approve', seen: { version, args_digest }, grant: { calls: 5, seconds: 3600 } };
  await left.call(left.keys.reviewer, 'POST', `/v1/requests/${id}/decision`, verdict);
  const propose = async (intake: TestIntake, n: number) => {
    const body = { agent: 'tester', tool: 'like.it', args: { ...args, n } };
    return (await intake.call<{ decision: string }>(left.keys.agent, 'POST', '/v1/requests', body)).body
      .decision;
  };
  expect(await propose(left, 1)).toBe('allow');
  await backUp();
  expect(await propose(left, 2)).toBe('allow');
  await seal();
  await restore();
  for (const intake of [left, right]) expect(await propose(intake, 3)).toBe('approval_required');
});

test('a restart that loses nothing holds nothing back', { timeout: 60_000 }, async () => {
  const open = await approved(1);
  await seal();
  await outOfService(() => {});
  expect((await discontinuity(left)).body.found_at).toBeNull();
  expect((await consume(right, open)).status).toBe(200);
});

test('a feed that is empty, where something was sealed, is a discontinuity', {
  timeout: 60_000,
}, async () => {
  const open = await approved(1);
  await seal();
  await server.client().del('cs:{default}:feed');
  await outOfService(() => {});
  expect((await consume(left, open)).code).toBe('discontinuity');
});

test('law 5: what an intake remembers of the time that was lost is not taken for what is so now', {
  timeout: 60_000,
}, async () => {
  await backUp();
  const freeze = (tool: string) =>
    left.call(left.keys.admin, 'POST', '/v1/freeze', { scope: 'tool', match: tool, reason: 'stop' });
  await freeze('run.a');
  for (const intake of [left, right]) await discontinuity(intake);
  await restore([left]);
  // The second freeze has the number of the first, which is no more; the other intake still knows that one alone.
  await freeze('run.b');
  await expectAnswer(200);
  for (const intake of [left, right]) {
    const { call, keys } = intake;
    expect((await consume(intake, await proposeAllowed(left, 'run.a', { n: 1 }))).status).toBe(200);
    const body = { agent: 'tester', tool: 'run.b', args: { n: 2 } };
    const { body: stopped } = await call(keys.agent, 'POST', '/v1/requests', body);
    expect(stopped).toMatchObject({ stop_reason: 'frozen' });
  }
});

test('where the note of what was sealed cannot be read, nothing runs', { timeout: 60_000 }, async () => {
  const open = await approved(1);
  await seal();
  writeFileSync(join(ledgerDir, 'default', 'sealed.json'), '{"feed_id":');
  await server.restart();
  await expectAnswer(503);
  for (const intake of [left, right]) {
    await expect.poll(async () => (await consume(intake, open)).code, { timeout: 20_000 }).toBe('not_ready');
  }
  await seal();
  await expectAnswer(200);
  expect((await consume(right, open)).status).toBe(200);
});
