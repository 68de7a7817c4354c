/** What tests of Slack's buttons stand on: an intake with a Slack destination, Slack itself, and people in both. */
import type { RequestView } from '@countersign/shared/contracts';
import { type Button, buttonValue } from '@countersign/shared/slack';
import { afterAll, beforeEach, expect } from 'vitest';
import { startTestIntake } from '../../support/intake.ts';
import { startTestRedis } from '../../support/redis.ts';
import { startSlackPeer } from '../../support/slack-peer.ts';

/** Ann is `UANN` in Slack and Bo `UBO`; both are reviewers. */
export async function slackStage(policies = 'version: 1\ndefault: approval_required\n') {
  const [server, slack] = await Promise.all([startTestRedis(), startSlackPeer()]);
  const intake = await startTestIntake({ redisUrl: server.url, policies });
  afterAll(async () => {
    await intake.stop();
    await Promise.all([server.stop(), slack.stop()]);
  });
  beforeEach(() => {
    slack.whispers.length = 0;
    slack.views.length = 0;
  });

  const person = (id: string, slack_user_id: string, more: { slack_team_id?: string } = {}) =>
    intake.call(intake.keys.admin, 'POST', '/v1/people', { id, name: id, slack_user_id, ...more });
  const connect = (
    name: string,
    url: string,
    secret: string,
    to: string,
    signing_secret = slack.signingSecret,
  ) =>
    intake.call<{ id: string }>(intake.keys.admin, 'POST', '/v1/destinations', {
      name,
      kind: 'slack',
      url,
      secret,
      signing_secret,
      to: [to],
    });
  const { body: destination } = await connect('approvals', slack.url, slack.token, 'C100');
  await person('ann', 'UANN');
  await person('bo', 'UBO');

  let orders = 1_000;
  /** Proposes what nobody has asked for yet: a call that was rejected is not asked about again for a while. */
  const ask = (tool = 'pay.out', more = {}) =>
    intake.propose({ tool, args: { amount: 80, to: 'a.smith@acme.com', order: orders++ }, ...more });
  const read = async (id: string) =>
    (await intake.call<RequestView>(intake.keys.lead, 'GET', `/v1/requests/${id}`)).body;

  /** What Slack sends when a button of the request's message is pressed. */
  function pressed(
    request: RequestView,
    action_id: string,
    user: string,
    seen: Partial<Button['seen']> = {},
    destination?: string,
  ) {
    const { workspace, id: request_id, version, args_digest } = request;
    const value = buttonValue({
      workspace,
      destination,
      request_id,
      seen: { version, args_digest, ...seen },
    });
    return {
      type: 'block_actions',
      user: { id: user },
      response_url: slack.responseUrl(),
      trigger_id: slack.trigger(user),
      actions: [{ action_id, value }],
    };
  }
  const press = (request: RequestView, action: string, user: string) =>
    slack.send(intake.url, pressed(request, action, user));
  /** Waits until somebody was told so, in a message that only they see. */
  const whispered = async (words: RegExp) => {
    await expect.poll(() => slack.whispers.map(({ text }) => text).join()).toMatch(words);
    expect(slack.whispers[0]).toMatchObject({ response_type: 'ephemeral', replace_original: false });
  };
  return { server, intake, slack, destination, person, connect, ask, read, pressed, press, whispered };
}
