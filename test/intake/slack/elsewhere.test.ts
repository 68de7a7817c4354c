/** Where a button was pressed: an app that is installed in another Slack as well signs what is pressed there just the same. */
import type { JsonObject } from '@countersign/shared/contracts';
import { actions } from '@countersign/shared/slack';
import { beforeEach, expect, test } from 'vitest';
import { viewFaults } from '../../support/slack-limits.ts';
import { startSlackPeer } from '../../support/slack-peer.ts';
import { slackStage } from './stage.ts';

const { server, intake, slack, connect, person, ask, read, pressed, press, whispered } = await slackStage();

const answered = { ok: true, team_id: 'T100', app_id: 'A100' };
/** As after a day, or a change of the token. */
const forget = async () => {
  const redis = server.client();
  const known = await redis.keys('*:slack-home:*');
  if (known.length > 0) await redis.del(...known);
};
const asked = () => slack.calls.filter(({ method }) => method === 'auth.test').length;
beforeEach(async () => {
  slack.identity = answered;
  slack.team = 'T100';
  await forget();
});

test.each<[string, JsonObject]>([
  ['another Slack', { team: { id: 'T200' } }],
  ['no Slack that is named', { team: null }],
  ['an organization that the app is not installed for', { team: null, enterprise: { id: 'T100' } }],
  ['another app', { api_app_id: 'A200' }],
  ['no app that is named', { api_app_id: null }],
])('%s: decides nothing though Slack has signed it, and the person is told so', async (_, elsewhere) => {
  const request = await ask();
  for (const action of [actions.approve, actions.reject, actions.rejectWithReason]) {
    const answer = await slack.send(intake.url, { ...pressed(request, action, 'UANN'), ...elsewhere });
    expect(answer).toMatchObject({ status: 403, body: { code: 'slack_elsewhere' } });
  }
  expect(await read(request.id)).toMatchObject({ status: 'pending', verdicts: [] });
  expect(slack.views).toEqual([]);
  await whispered(/^Nothing was decided: It was pressed in another Slack/);
});

test('a form from elsewhere says so where it stands', async () => {
  const request = await ask();
  await press(request, actions.rejectWithReason, 'UANN');
  slack.team = 'T200';
  const { status, body } = await slack.submit(intake.url, 'too much', 'UANN');
  expect([status, body.response_action]).toEqual([200, 'update']);
  expect(viewFaults(body.view as JsonObject)).toEqual([]);
  expect(JSON.stringify(body)).toContain('It was pressed in another Slack');
  expect(await read(request.id)).toMatchObject({ status: 'pending', verdicts: [] });
});

test('whose a token is, is asked of Slack once', async () => {
  const before = asked();
  for (let n = 0; n < 3; n++) await press(await ask(), actions.approve, 'UANN');
  expect(asked()).toBe(before + 1);
});

test.each<[string, JsonObject | undefined]>([
  ['does not answer', undefined],
  ['refuses the token', { ok: false, error: 'invalid_auth' }],
  ['does not name the team', { ok: true, user_id: 'UBOT' }],
])('where Slack %s, nothing is decided, and the next press asks again', async (_, said) => {
  const request = await ask();
  slack.identity = said;
  expect(await press(request, actions.approve, 'UANN')).toMatchObject({
    status: 503,
    body: { code: 'slack_unverified' },
  });
  expect(await read(request.id)).toMatchObject({ status: 'pending', verdicts: [] });
  await whispered(/^Nothing was decided: Slack did not say/);
  slack.identity = answered;
  expect(await press(request, actions.approve, 'UANN')).toMatchObject({ status: 200 });
  expect(await read(request.id)).toMatchObject({ status: 'approved', decided_by: 'ann' });
});

test('of one app that is in use in two Slacks, each press counts by the token of its own', async () => {
  const other = await startSlackPeer();
  const { body } = await connect('the other Slack', other.url, other.token, 'C200');
  other.identity = { ...answered, team_id: 'T200' };
  await person('bo', 'UBO', { slack_team_id: 'T200' });
  const request = await ask();
  const trigger_id = other.trigger('UBO');
  const there = { ...pressed(request, actions.rejectWithReason, 'UBO'), trigger_id, team: { id: 'T200' } };
  await slack.send(intake.url, there);
  expect([slack.views.length, other.views.length]).toEqual([0, 1]);
  await press(request, actions.approve, 'UANN');
  expect(await read(request.id)).toMatchObject({ status: 'approved', decided_by: 'ann' });
  await intake.call(intake.keys.admin, 'DELETE', `/v1/destinations/${body.id}`);
  await other.stop();
});
