/** Mail has no idempotency key: what may be doubled is what an answer was lost for, and it can be told. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Notifier } from '../../services/notifier/start.ts';
import { startTestNotifier } from '../support/notifier.ts';
import { startTestRedis, type TestRedis } from '../support/redis.ts';
import { type SmtpPeer, startSmtpPeer } from '../support/smtp-peer.ts';
import { testWorkspace } from './workspace.ts';

let server: TestRedis;
let peer: SmtpPeer;
const notifiers: Notifier[] = [];

beforeAll(async () => {
  [server, peer] = await Promise.all([startTestRedis(), startSmtpPeer()]);
  for (let i = 0; i < 2; i += 1) {
    notifiers.push(
      await startTestNotifier({
        redisUrl: server.url,
        retrySchedule: [0, 30, 60, 120, 240, 480, 960],
        settings: { mail: { url: peer.url, from: 'approvals@acme.example' } },
      }),
    );
  }
});
afterAll(async () => {
  await Promise.all(notifiers.map((notifier) => notifier.stop()));
  await Promise.all([server.stop(), peer.stop()]);
});

test('two notifiers, a third of the answers lost: everyone is asked and told the end, and no more is doubled than was lost', async () => {
  const requests = 40;
  const lost = 26;
  const redis = server.client();
  const workspace = testWorkspace(redis, 'lost-mail');
  await workspace.addDestination('', { kind: 'email', to: ['ops@acme.example'] });
  await workspace.open();

  const plan = Array.from({ length: 2 * requests }, (_, i) => i % 3 === 0);
  for (const away of plan.slice(0, 3 * lost)) {
    // A good session in between is one that says no to another recipient than there is.
    peer.misbehave(
      away ? { at: 'message', goes: 'away', taken: true } : { at: 'recipient', status: 451, only: 'nobody' },
    );
  }
  const ids = Array.from({ length: requests }, (_, i) => `req_${i}`);
  const about = (id: string) =>
    peer.received.filter(({ mail }) =>
      mail.headers.some(({ key, value }) => key === 'x-countersign-request' && value === id),
    );
  for (const id of ids) await workspace.create(id);
  const delivered = async () =>
    (await workspace.attempts()).filter(({ outcome }) => outcome === 'delivered').length;
  // Received is not yet known to have been: an end that comes in between begins a thread of its own.
  await expect.poll(delivered).toBeGreaterThanOrEqual(requests);
  expect(ids.every((id) => about(id).length > 0)).toBe(true);
  for (const id of ids) await workspace.approve(id);
  const closed = (id: string) => about(id).filter(({ mail }) => mail.text?.includes('Approved by ann'));
  await expect.poll(() => ids.every((id) => closed(id).length > 0)).toBe(true);
  // Every delivery has come to its end: what would be doubled has been.
  await expect.poll(delivered).toBeGreaterThanOrEqual(2 * requests);

  const doubled = peer.received.length - new Set(peer.received.map(({ mail }) => mail.messageId)).size;
  expect(doubled).toBeGreaterThan(0);
  expect(doubled).toBeLessThanOrEqual(lost);
  for (const id of ids) {
    const [first] = about(id);
    for (const { mail } of closed(id)) expect(mail.inReplyTo).toBe(first?.mail.messageId);
    expect(new Set(about(id).map(({ mail }) => mail.messageId)).size).toBe(2);
  }
});
