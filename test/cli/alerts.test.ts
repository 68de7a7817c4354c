/** Alerts, and agents that are held back, in the terminal. */
import type { AlertList } from '@countersign/shared/contracts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestIntake, type TestIntake } from '../support/intake.ts';
import { startTestRedis, type TestRedis } from '../support/redis.ts';
import { countersign } from '../support/terminal.ts';

const list: AlertList = {
  open: [
    {
      ...{ id: 'alr_1', kind: 'flooding', status: 'raised', urgency: 'high', figures: {} },
      ...{ about: { agent: 'x' }, raised_at: '2026-01-02T03:04:05.000Z', page: '#/insights' },
      title: 'mail\u001b[2Jer asks people too much',
      found: [{ name: 'Agent', value: 'mail\u001b[2Jer' }],
      advice: ['See what it asks for.'],
    },
  ],
  recent: [
    {
      ...{ id: 'alr_0', kind: 'load', status: 'cleared', urgency: 'medium', about: {}, figures: {} },
      ...{ raised_at: '2026-01-01T00:00:00.000Z', cleared_at: '2026-01-02T00:00:00.000Z' },
      ...{ title: 'More arrives', found: [], advice: [], page: '#/insights' },
    },
  ],
  log: '/v1/audit/history?of=entries&type=alert.raised',
};

let redis: TestRedis;
let intake: TestIntake;
beforeAll(async () => {
  redis = await startTestRedis();
  intake = await startTestIntake({
    redisUrl: redis.url,
    policies: 'version: 1\nflood: { asks: 1, window: 1h, throttle: 1h }\nrules: []\n',
    // The ledger's answer, as it comes through intake's port.
    ledger: () => Response.json(list),
  });
});
afterAll(async () => {
  await intake?.stop();
  await redis?.stop();
});

const typed = (...argv: string[]) =>
  countersign(argv, { env: { COUNTERSIGN_URL: intake.url, COUNTERSIGN_KEY: intake.keys.lead } });

test('a lead reads what stands and what to do about it, and what is over; nothing in it acts on the terminal', async () => {
  const { code, out } = await typed('insights', 'alerts');
  expect(code).toBe(0);
  expect(out).toContain('HIGH  mail');
  expect(out).toContain('since 2026-01-02 03:04 UTC');
  expect(out).toContain('→ See what it asks for.');
  expect(out).toMatch(/Over:\n {2}2026-01-02 00:00 UTC {2}More arrives/);
  expect(out).not.toContain('\u001b');
  expect(JSON.parse((await typed('insights', 'alerts', '--json')).out).open).toHaveLength(1);
});

test('a lead lists agents that are held back, and lets one go', async () => {
  expect((await typed('throttles')).out).toContain('No agent is held back.');
  await intake.propose({ agent: 'mailer', tool: 'mail.send', args: { n: 1 } });
  const args = { agent: 'mailer', tool: 'mail.send', args: { n: 2 } };
  expect((await intake.call(intake.keys.agent, 'POST', '/v1/requests', args)).code).toBe('agent_throttled');
  expect((await typed('throttles')).out).toMatch(/^mailer {2}.* left {2}mailer has asked people 1 times/);
  expect(await typed('throttles', 'lift', 'mailer')).toMatchObject({
    code: 0,
    out: expect.stringContaining('mailer may ask again'),
  });
  expect((await typed('throttles', 'lift', 'mailer')).code).toBe(1);
  expect((await intake.call(intake.keys.agent, 'POST', '/v1/requests', args)).status).toBe(202);
});
