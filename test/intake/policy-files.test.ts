import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import type { RequestView } from '@countersign/shared/contracts';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestIntake, type TestIntake } from '../support/intake.ts';
import { startTestRedis, type TestRedis } from '../support/redis.ts';

const policy = (rules: string) => `version: 1\nrules:\n${rules}`;
const gate = (more = '') => policy(`  - { name: gate, tools: [pay.*], effect: approval_required${more} }\n`);

let server: TestRedis;
let intake: TestIntake;
const lines: string[] = [];
const logger = pino(
  { level: 'info' },
  new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk));
      done();
    },
  }),
);

beforeAll(async () => {
  server = await startTestRedis();
  intake = await startTestIntake({ redisUrl: server.url, policies: gate(), logger });
});
afterAll(async () => {
  await intake.stop();
  await server.stop();
});

const write = (text: string) => writeFileSync(join(intake.policiesDir, 'policy.yaml'), text);
const active = () => server.client().hget('cs:{default}:state', 'policy');
/** Writes a policy and waits until it is the one that judges. */
async function put(text: string): Promise<void> {
  const before = await active();
  write(text);
  await expect.poll(active, { timeout: 10_000 }).not.toBe(before);
}

let n = 0;
const ask = () => intake.propose({ tool: 'pay.out', args: { nonce: ++n } });
const approve = (shown: RequestView, key = intake.keys.reviewer) =>
  intake.call<RequestView>(key, 'POST', `/v1/requests/${shown.id}/decision`, {
    verdict: 'approve',
    seen: { version: shown.version, args_digest: shown.args_digest },
  });
const read = async ({ id }: RequestView) =>
  (await intake.call<RequestView>(intake.keys.agent, 'GET', `/v1/requests/${id}`)).body;

describe('at the start', () => {
  const start = (policies: Record<string, string>) => startTestIntake({ redisUrl: server.url, policies });

  test('law 3: a policy that does not load is refused with file, line and column, all faults at once', async () => {
    const broken = policy(
      '  - { name: one, tools: [a], effect: alow }\n  - { name: two, effect: deny, when: param.a > }\n',
    );
    await expect(start({ 'broken.yaml': broken })).rejects.toThrow(
      /broken\.yaml:3:38: .*`allow`.*\n.*broken\.yaml:4:47: /,
    );
  });

  test('an empty directory is no policy, and not a permission', async () => {
    await expect(start({})).rejects.toThrow(/no policy file/);
  });

  test('where one workspace’s policy is broken, no workspace’s is put in force', async () => {
    const before = await active();
    const policies = { 'policy.yaml': gate(', quorum: 3'), 'side/policy.yaml': 'version: 2\n' };
    await expect(start(policies)).rejects.toThrow(/side: policy\.yaml:1:10: /);
    expect(await active()).toBe(before);
  });
});

describe('a changed file', () => {
  test('takes effect without a restart, on the next call', async () => {
    await put(gate(', tier: critical'));
    expect(await ask()).toMatchObject({ tier: 'critical' });
    await put(gate());
    expect(await ask()).toMatchObject({ tier: 'medium' });
  });

  test('law 3: that does not load leaves the old one in force; the log says where it is wrong', async () => {
    const before = await active();
    write(gate(', quorum: none'));
    await expect.poll(() => lines.join(''), { timeout: 10_000 }).toMatch(/policy\.yaml:3:\d+: /);
    expect(lines.join('')).toContain('the changed policy does not load; the policy in force stays');
    expect(await active()).toBe(before);
    expect(await ask()).toMatchObject({ rules: ['gate'], quorum: 1 });
    expect((await fetch(`${intake.url}/readyz`)).status).toBe(200);
    await put(gate(', quorum: 2'));
    expect(await ask()).toMatchObject({ quorum: 2 });
    await put(gate());
  });

  test('on another intake’s disk is followed here', async () => {
    const second = await startTestIntake({
      redisUrl: server.url,
      policies: gate(', tier: low'),
      keys: intake.keys,
    });
    expect(await ask()).toMatchObject({ tier: 'low' });
    await second.stop();
    await put(gate(', tier: high'));
    await put(gate());
  });
});

describe('policy at decision time', () => {
  test('stricter since: 409 stale, a new version under the new rules, judged by both', async () => {
    const shown = await ask();
    await put(gate(', quorum: 2, tier: high'));
    const { status, code, body } = await approve(shown);
    expect([status, code]).toEqual([409, 'stale']);
    expect(body).toMatchObject({ version: 2, args_digest: shown.args_digest });
    const raised = await read(shown);
    expect(raised).toMatchObject({ status: 'pending', version: 2, tier: 'high', quorum: 2, verdicts: [] });
    expect(raised.policy_digests).toEqual([shown.policy_digest, await active()]);
    expect(raised.policy_digest).toBe(await active());
    expect(raised.expires_at).toBe(shown.expires_at);
    await approve(raised);
    const { body: approved } = await approve(raised, intake.keys.lead);
    expect(approved.status).toBe('approved');
    await put(gate());
  });

  test('denied since: the approval is refused and the request rejected by policy', async () => {
    const shown = await ask();
    await put(policy('  - { name: never, tools: [pay.*], effect: deny, message: Payments are closed. }\n'));
    const { status, code } = await approve(shown);
    expect([status, code]).toEqual([409, 'already_decided']);
    const rejected = await read(shown);
    expect(rejected).toMatchObject({
      status: 'rejected',
      stop_reason: 'policy_denied',
      decided_by: 'policy',
      decision: { verdict: 'reject', reason: 'Payments are closed.' },
    });
    expect(rejected.policy_digests).toEqual([shown.policy_digest, await active()]);
    await put(gate());
  });

  test('milder since: what was asked for stays asked for', async () => {
    await put(gate(', quorum: 2'));
    const shown = await ask();
    await put(policy('  - { name: free, tools: [pay.*], effect: allow }\n'));
    const { body } = await approve(shown);
    expect(body).toMatchObject({ status: 'pending', quorum: 2, progress: { needed: 2, given: 1 } });
    expect(body.policy_digests).toEqual([shown.policy_digest, await active()]);
    await put(gate());
  });

  test('a rejection needs no policy', async () => {
    const shown = await ask();
    await put(gate(', tier: high'));
    const { body } = await intake.call<RequestView>(
      intake.keys.reviewer,
      'POST',
      `/v1/requests/${shown.id}/decision`,
      { verdict: 'reject', seen: { version: 1, args_digest: shown.args_digest } },
    );
    expect(body).toMatchObject({ status: 'rejected', policy_digests: [shown.policy_digest] });
    await put(gate());
  });
});
