/** From a proposal to the mailbox, through everything between: intake, feed, routing, queue, SMTP. */
import type { RequestView } from '@countersign/shared/contracts';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Notifier } from '../../services/notifier/start.ts';
import { startTestIntake, type TestIntake } from '../support/intake.ts';
import { startTestNotifier } from '../support/notifier.ts';
import { startTestRedis, type TestRedis } from '../support/redis.ts';
import { type SmtpPeer, startSmtpPeer } from '../support/smtp-peer.ts';

const policies = `
version: 1
default: allow
rules:
  - name: big-refunds
    tools: [orders.process_refund]
    effect: approval_required
    tier: high
    message: This refund needs a manager.
`;

let redis: TestRedis;
let peer: SmtpPeer;
let intake: TestIntake;
let notifier: Notifier;
const logged: string[] = [];

beforeAll(async () => {
  [redis, peer] = await Promise.all([
    startTestRedis(),
    startSmtpPeer({ login: { user: 'countersign', pass: 'hunter2-7421' } }),
  ]);
  intake = await startTestIntake({ redisUrl: redis.url, policies });
  notifier = await startTestNotifier({
    redisUrl: redis.url,
    logger: pino({ level: 'debug' }, { write: (line: string) => logged.push(line) }),
    retrySchedule: [0, 50, 50, 50],
    settings: {
      publicUrl: 'https://approve.example',
      mail: { url: peer.url, from: 'Countersign <approvals@acme.example>' },
    },
  });
});
afterAll(async () => {
  await notifier.stop();
  await intake.stop();
  await Promise.all([redis.stop(), peer.stop()]);
});

test('every reviewer with an address is mailed, and told in the same thread what became of it; no secret and no argument is logged', async () => {
  const { keys, call } = intake;
  const person = { id: intake.people.reviewer, name: 'Ann', groups: [], email: 'ann@acme.example' };
  await call(keys.admin, 'POST', '/v1/people', person);
  peer.misbehave({ at: 'recipient', status: 451 });
  const request = await intake.propose({
    tool: 'orders.process_refund',
    args: { amount: 80, currency: 'EUR', order: 'A-7421-secret' },
    reason: 'Captured twice.',
  });
  const mails = () => peer.received.filter(({ recipients }) => recipients.includes('ann@acme.example'));
  await expect.poll(() => mails().length).toBe(1);
  const [asked] = mails();
  expect(asked?.mail.subject).toMatch(/^\[high\] Process refund: amount €80\.00/);
  for (const said of [
    'Captured twice.',
    'A-7421-secret',
    'This refund needs a manager.',
    `/#/request/${request.id}`,
  ])
    expect(asked?.mail.text).toContain(said);

  const { version, args_digest } = request;
  const decision = { verdict: 'reject', reason: 'Once is enough.', seen: { version, args_digest } };
  const decided = await call<RequestView>(
    keys.reviewer,
    'POST',
    `/v1/requests/${request.id}/decision`,
    decision,
  );
  expect(decided.body.status).toBe('rejected');
  await expect.poll(() => mails().length).toBe(2);
  const closed = mails()[1]?.mail;
  expect(closed?.inReplyTo).toBe(asked?.mail.messageId);
  expect(closed?.text).toContain('Rejected by');
  expect(closed?.text).toContain('Once is enough.');

  const log = logged.join('');
  expect(log).toContain('smtp_451');
  expect(log).not.toMatch(/hunter2-7421|A-7421-secret|ann@acme\.example/);
});
