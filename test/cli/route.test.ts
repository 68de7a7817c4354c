/** `route explain` in the terminal, against a real server. */
import { globalKeys } from '@countersign/shared/keys';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestIntake, type TestIntake } from '../support/intake.ts';
import { startTestRedis, type TestRedis } from '../support/redis.ts';
import { countersign } from '../support/terminal.ts';

const POLICY = `
version: 1
rules:
  - { name: refunds, tools: [orders.refund], effect: approval_required, tier: high, channels: [email] }
`;

let redis: TestRedis;
let intake: TestIntake;

beforeAll(async () => {
  redis = await startTestRedis();
  intake = await startTestIntake({ redisUrl: redis.url, policies: POLICY });
  await redis.client().set(globalKeys.notifierChannels, '["webhook","push","email"]');
  const ann = { id: 'ann', name: 'Ann', groups: [], email: 'ann@example.com' };
  await intake.call(intake.keys.admin, 'POST', '/v1/people', ann);
  await intake.call(intake.keys.admin, 'POST', '/v1/destinations', {
    name: 'ops\u001b[2J',
    kind: 'webhook',
    url: 'https://ops.example.com',
    match: { tools: ['mail.*'] },
  });
});
afterAll(async () => {
  await intake?.stop();
  await redis?.stop();
});

const env = () => ({ COUNTERSIGN_URL: intake.url, COUNTERSIGN_KEY: intake.keys.admin });
const explain = (...argv: string[]) => countersign(['route', 'explain', ...argv], { env: env() });

test('an operator reads who would hear of a request, and who would not, each with the reason', async () => {
  const { id } = await intake.propose({ tool: 'orders.refund', args: {} });
  const { code, out } = await explain(id);
  expect(code).toBe(0);
  expect(out).toContain(`HIGH  pending  ${id}`);
  expect(out).toContain('any reviewer may decide');
  const [hear = '', not = ''] = out.split('Would not hear');
  expect(hear).toMatch(/ann +email +They never saved settings: by default email tells of tier high\./);
  expect(not).toMatch(/ops.* \(destination\) +webhook +It hears of the tools mail\.\*/);
  expect(not).toMatch(/bo +email +They have no e-mail address on record\./);
  expect(out).not.toContain('\u001b');
});

test('a call that nobody has proposed can be asked about, with any tier', async () => {
  const { code, out } = await explain('--agent', 'tester', '--tool', 'orders.refund', '--tier', 'critical');
  expect(code).toBe(0);
  expect(out).toContain('CRITICAL  a call that nobody has proposed');
  const { out: json } = await explain('--agent', 'tester', '--tool', 'orders.refund', '--json');
  expect(JSON.parse(json)).toMatchObject({ effect: 'approval_required', tier: 'high', channels: ['email'] });
});

test('a command that names nothing, or what is not there, says what it wants', async () => {
  expect(await explain()).toMatchObject({ code: 2, err: expect.stringContaining('--agent and --tool') });
  const wrong = ['--agent', 'a', '--tool', 'b', '--args', '[1]'];
  expect(await explain(...wrong)).toMatchObject({ code: 2, err: expect.stringContaining('--args') });
  expect(await explain('req_none')).toMatchObject({ code: 1, err: expect.stringContaining('not_found') });
});
