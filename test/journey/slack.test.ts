/** A request on its way through Slack: asked there, decided there, and the message says what became of it. */
import type { RequestView } from '@countersign/shared/contracts';
import { actions } from '@countersign/shared/slack';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Notifier } from '../../services/notifier/start.ts';
import { startTestIntake, type TestIntake } from '../support/intake.ts';
import { startTestNotifier } from '../support/notifier.ts';
import { startTestRedis, type TestRedis } from '../support/redis.ts';
import { type SlackMessage, type SlackPeer, startSlackPeer } from '../support/slack-peer.ts';
import { buttonsOf, textsOf } from '../support/slack-people.ts';

let server: TestRedis;
let intake: TestIntake;
let notifier: Notifier;
let slack: SlackPeer;

beforeAll(async () => {
  [server, slack] = await Promise.all([startTestRedis(), startSlackPeer()]);
  intake = await startTestIntake({ redisUrl: server.url });
  notifier = await startTestNotifier({
    redisUrl: server.url,
    logger: pino({ level: 'error' }),
    settings: { publicUrl: 'https://approve.example' },
  });
  const admin = (path: string, body: object) => intake.call(intake.keys.admin, 'POST', path, body);
  // One for each tool: Slack takes a message a second in one conversation.
  for (const [tool, channel] of [
    ['pay.one', 'C001'],
    ['pay.two', 'C002'],
  ] as const) {
    await admin('/v1/destinations', {
      name: tool,
      kind: 'slack',
      url: slack.url,
      secret: slack.token,
      signing_secret: slack.signingSecret,
      to: [channel],
      match: { tools: [tool] },
    });
  }
  await admin('/v1/people', { id: 'ann', name: 'Ann', slack_user_id: 'UANN' });
});
afterAll(async () => {
  await notifier.stop();
  await intake.stop();
  await Promise.all([server.stop(), slack.stop()]);
});

/** Proposes, and waits for the message that asks about it. */
async function ask(tool: string): Promise<{ request: RequestView; message: SlackMessage }> {
  const request = await intake.propose({ tool, args: { amount: 80, to: 'a.smith@acme.com' } });
  const find = () => slack.messages.find(({ metadata }) => JSON.stringify(metadata)?.includes(request.id));
  await expect.poll(find).toBeDefined();
  return { request, message: find() as SlackMessage };
}

test('approved by a button, the message says by whom, and has no buttons but Open', async () => {
  const { request, message } = await ask('pay.one');
  expect(textsOf(message).join('\n')).toContain('amount: 80\nto: "a.smith@acme.com"');
  await slack.press(intake.url, message, actions.approve, 'UANN');
  await expect.poll(() => textsOf(message)).toContain('Approved by ann.');
  const open = { action_id: actions.open, url: `https://approve.example/app/#/request/${request.id}` };
  expect(buttonsOf(message)).toMatchObject([open]);
  expect(slack.faults).toEqual([]);
});

test('rejected with a reason, the message says which', async () => {
  const { request, message } = await ask('pay.two');
  await slack.press(intake.url, message, actions.rejectWithReason, 'UANN');
  await slack.submit(intake.url, 'We refund by *voucher* only.', 'UANN');
  await expect.poll(() => textsOf(message)).toContain('│ We refund by *voucher* only.');
  expect(textsOf(message)).toContain('Rejected by ann. The agent was told to stop.');
  const { body } = await intake.call<RequestView>(intake.keys.agent, 'GET', `/v1/requests/${request.id}`);
  expect(body.decision?.reason).toBe('We refund by *voucher* only.');
  expect(slack.faults).toEqual([]);
});
