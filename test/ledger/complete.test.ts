/** F1: what the log has of a request, and what lies beside it, from what intake really writes. */
import { hash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openDisk } from '../../services/ledger/disk/disk.ts';
import { openBeside } from '../../services/ledger/sealing/beside.ts';
import { openNames } from '../../services/ledger/sealing/names.ts';
import { startTestIntake, type TestIntake } from '../support/intake.ts';
import { startTestRedis, type TestRedis } from '../support/redis.ts';
import { readLog } from './read-log.ts';
import { seal } from './seal.ts';

const policies = {
  'gate.yaml': `
version: 1
default: approval_required
rules:
  - { name: transfers, tools: [bank.transfer], effect: approval_required, tier: high }
`,
};
let server: TestRedis;
let intake: TestIntake;
let folder: string;

beforeAll(async () => {
  server = await startTestRedis();
  intake = await startTestIntake({ redisUrl: server.url, policies });
  folder = await mkdtemp(join(tmpdir(), 'countersign-ledger-'));
});
afterAll(async () => {
  await intake?.stop();
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

type Entry = Awaited<ReturnType<typeof readLog>>['entries'][number] & {
  request_id?: string;
  actor: { kind: string; id: string };
  payload?: { commitment: string };
  words?: { commitment: string };
};

test('F1: every step of a call is sealed, what was said lies beside it, and the log itself names and quotes nobody', async () => {
  const { call, keys, people } = intake;
  const proposed = await intake.propose({
    tool: 'bank.transfer',
    args: { iban: 'DE02120300000000202051', amount: 90 },
    reason: 'The supplier has called twice.',
  });
  const path = `/v1/requests/${proposed.id}`;
  const seen = { version: proposed.version, args_digest: proposed.args_digest };
  await call(keys.reviewer, 'POST', `${path}/view`, { seen });
  await call(keys.reviewer, 'POST', `${path}/question`, { text: 'Which supplier?' });
  await call(keys.agent, 'POST', `${path}/answer`, { text: 'Müller, of course.' });
  const edited = { iban: 'DE02120300000000202051', amount: 80 };
  const decided = await call<{ status: string }>(keys.reviewer, 'POST', `${path}/decision`, {
    verdict: 'approve',
    args: edited,
    reason: 'Ten are paid already.',
    seen,
  });
  expect(decided.body).toMatchObject({ status: 'approved' });
  const { body: approved } = await call<{ token: string }>(keys.agent, 'GET', path);
  const run = { token: approved.token, args: edited };
  expect((await call(keys.agent, 'POST', '/v1/tokens/consume', run)).status).toBe(200);
  for (const outcome of [
    { status: 'unknown', detail: 'The bank of Müller did not answer.' },
    { status: 'succeeded', detail: { receipt: 'DE0212/17' } },
    // Said again: nothing new.
    { status: 'succeeded', detail: { receipt: 'another' } },
  ])
    expect((await call(keys.agent, 'POST', `${path}/outcome`, outcome)).status).toBe(200);

  await seal(server, folder, 'default');
  const dir = join(folder, 'default');
  const entries = (await readLog(dir)).entries as Entry[];
  const of = entries.filter(({ request_id }) => request_id === proposed.id);
  expect(of.map(({ type }) => type)).toEqual([
    'action.proposed',
    'request.created',
    'request.viewed',
    'question.asked',
    'question.answered',
    'request.edited',
    'verdict.given',
    'request.approved',
    'token.issued',
    'token.consumed',
    'outcome.reported',
    'outcome.reported',
  ]);
  const given = of.find(({ type }) => type === 'verdict.given');
  expect(given).toMatchObject({ data: { verdict: 'approve', edited: true, seen } });

  // Who it was is known beside the log, and by nothing in it.
  const names = await openNames(openDisk(dir));
  expect(names.personOf(given?.actor.id ?? '')).toBe(people.reviewer);
  for (const person of Object.values(people)) expect(JSON.stringify(entries)).not.toContain(`"${person}"`);
  expect(JSON.stringify(entries)).not.toMatch(/DE0212|supplier|Müller|Ten are/);

  const beside = await openBeside(openDisk(dir)).between(0, entries.length);
  const texts: unknown[] = [];
  for (const { seq, payload, words } of of) {
    const committed = payload ?? words;
    const found = beside.get(seq) ?? [];
    expect(found).toHaveLength(committed === undefined ? 0 : 1);
    for (const { text, commitment } of found) {
      expect(commitment).toBe(committed?.commitment);
      expect(commitment).toBe(`sha256:${hash('sha256', text, 'hex')}`);
      texts.push(JSON.parse(text));
    }
  }
  expect(texts).toMatchObject([
    { args: { amount: 90 }, said: { reason: 'The supplier has called twice.' } },
    { text: 'Which supplier?' },
    { text: 'Müller, of course.' },
    { args: { amount: 80 } },
    { text: 'Ten are paid already.' },
    { detail: 'The bank of Müller did not answer.' },
    { detail: { receipt: 'DE0212/17' } },
  ]);
});
