/** For whom an app vouches: those of its own Slack, at the buttons of its own messages. */
import { randomBytes } from 'node:crypto';
import type { RequestView } from '@countersign/shared/contracts';
import { actions } from '@countersign/shared/slack';
import { afterAll, expect, test } from 'vitest';
import { startSlackPeer } from '../../support/slack-peer.ts';
import { slackStage } from './stage.ts';

const { intake, slack, destination, person, connect, ask, read, pressed, whispered } = await slackStage();
const other = await startSlackPeer();
afterAll(() => other.stop());
other.identity = { ok: true, team_id: 'T200', app_id: 'A100' };
const othersSecret = randomBytes(16).toString('hex');
/** The app of another Slack, which somebody else looks after. Who has its secret can sign whatever they like. */
const { body: others } = await connect('the other Slack', other.url, other.token, 'C200', othersSecret);

const inOther = { team: { id: 'T200' } };
type Press = { user: string; by?: string | undefined; secret?: string; there?: object };
const press = (request: RequestView, { user, by, secret = slack.signingSecret, there = {} }: Press) =>
  slack.send(intake.url, { ...pressed(request, actions.approve, user, {}, by), ...there }, { secret });
const undecided = { status: 'pending', verdicts: [] };

test('the app that wrote the message vouches for a person of its Slack', async () => {
  const request = await ask();
  expect(await press(request, { user: 'UANN', by: destination.id })).toMatchObject({ status: 200 });
  expect(await read(request.id)).toMatchObject({ status: 'approved', decided_by: 'ann' });
});

test('a button of one destination is not verified by the app of another, nor one of a destination that is not there', async () => {
  const request = await ask();
  for (const wrong of [
    { by: destination.id, secret: othersSecret },
    { by: destination.id, secret: othersSecret, there: inOther },
    { by: others.id },
    { by: 'dst_gone' },
  ])
    expect(await press(request, { user: 'UANN', ...wrong })).toMatchObject({ status: 401 });
  expect(await read(request.id)).toMatchObject(undecided);
});

test.each([
  ['at its own buttons', others.id],
  ['at buttons from before they named a destination', undefined],
])('the app of another Slack vouches for nobody of this one, %s', async (_, by) => {
  const request = await ask();
  const forged = { user: 'UANN', by, secret: othersSecret };
  for (const there of [inOther, {}]) {
    expect(await press(request, { ...forged, there })).toMatchObject({
      status: 403,
      body: { code: 'slack_elsewhere' },
    });
  }
  expect(await read(request.id)).toMatchObject(undecided);
  await whispered(/^Nothing was decided: /);
});

test('a person decides in the Slack that an admin entered, and there alone', async () => {
  await person('bo', 'UBO', { slack_team_id: 'T200' });
  const request = await ask();
  expect(await press(request, { user: 'UBO', by: destination.id })).toMatchObject({
    status: 403,
    body: { code: 'slack_elsewhere' },
  });
  await whispered(/slack_team_id/);
  expect(await read(request.id)).toMatchObject(undecided);
  const there = { user: 'UBO', by: others.id, secret: othersSecret, there: inOther };
  expect(await press(request, there)).toMatchObject({ status: 200 });
  expect(await read(request.id)).toMatchObject({ status: 'approved', decided_by: 'bo' });
});

test('a button from before they named a destination still decides', async () => {
  const request = await ask();
  expect(await press(request, { user: 'UANN' })).toMatchObject({ status: 200 });
  expect(await read(request.id)).toMatchObject({ status: 'approved', decided_by: 'ann' });
});
