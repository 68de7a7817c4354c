/** Buttons pressed in Slack, as intake hears of them: signed by Slack, for whom Slack knows, about what was shown. */
import type { JsonObject } from '@countersign/shared/contracts';
import { workspaceKeys } from '@countersign/shared/keys';
import { actions } from '@countersign/shared/slack';
import { describe, expect, test } from 'vitest';
import { viewFaults } from '../../support/slack-limits.ts';
import { slackStage } from './stage.ts';

const policies = `
version: 1
tiers:
  low: { hold: 60s }
  critical: { friction: retype }
default: approval_required
rules:
  - { name: both, tools: [pay.both], effect: approval_required, quorum: 2 }
  - { name: held, tools: [pay.held], effect: approval_required, tier: low }
  - { name: friction, tools: [pay.retyped], effect: approval_required, tier: critical }
`;

const { server, intake, slack, person, ask, read, pressed, press, whispered } = await slackStage(policies);
const beaKey = await intake.addReviewer('bea');
await person('bea', 'UBEA');
// Owns the agent's key.
await person('dev', 'UDEV');
// Is known, and has no key that may decide.
await person('cy', 'UCY');

describe('a button in Slack', () => {
  test('approves for the person whose account pressed it, and has nothing more to say', async () => {
    const request = await ask();
    expect(await press(request, actions.approve, 'UANN')).toMatchObject({ status: 200, text: '' });
    expect(await read(request.id)).toMatchObject({ status: 'approved', decided_by: 'ann' });
    expect(slack.whispers).toEqual([]);
  });

  test('rejects', async () => {
    const request = await ask();
    await press(request, actions.reject, 'UBO');
    expect(await read(request.id)).toMatchObject({ status: 'rejected', decided_by: 'bo' });
  });

  test('asks for a reason, which the agent is told', async () => {
    const request = await ask();
    await press(request, actions.rejectWithReason, 'UANN');
    expect(await read(request.id)).toMatchObject({ status: 'pending', verdicts: [] });
    expect(slack.views).toHaveLength(1);
    expect(await slack.submit(intake.url, 'too much', 'UANN')).toMatchObject({ status: 200, text: '' });
    const decision = { verdict: 'reject', reason: 'too much' };
    expect(await read(request.id)).toMatchObject({ status: 'rejected', decision });
    expect(slack.faults).toEqual([]);
  });

  test('says so where Slack does not open the form', async () => {
    const request = await ask();
    slack.refuseWith('expired_trigger_id');
    await press(request, actions.rejectWithReason, 'UANN');
    await whispered(/did not open the form/);
    slack.answerWith(() => {});
    await press(request, actions.rejectWithReason, 'UANN');
    expect(await read(request.id)).toMatchObject({ status: 'pending', verdicts: [] });
  });

  test('that Slack tells of more than once decides once', async () => {
    const request = await ask();
    const payload = pressed(request, actions.approve, 'UANN');
    const [first, second] = await Promise.all([
      slack.send(intake.url, payload),
      slack.send(intake.url, payload, { retry: 1 }),
    ]);
    expect([first.status, second.status]).toEqual([200, 200]);
    const { verdicts, revision } = await read(request.id);
    expect(verdicts).toHaveLength(1);
    await slack.send(intake.url, payload, { retry: 2 });
    expect((await read(request.id)).revision).toBe(revision);
    expect(slack.whispers).toEqual([]);
  });

  test('that opens the card decides nothing, nor does a form that is closed', async () => {
    const request = await ask();
    expect(await press(request, actions.open, 'UANN')).toMatchObject({ status: 200, text: '' });
    const [button] = pressed(request, actions.open, 'UANN').actions;
    const view = { callback_id: actions.rejectWithReason, private_metadata: button?.value ?? '' };
    const closed = { type: 'view_closed', user: { id: 'UANN' }, view };
    expect(await slack.send(intake.url, closed)).toMatchObject({ status: 200, text: '' });
    expect(await read(request.id)).toMatchObject({ status: 'pending', verdicts: [] });
  });
});

describe('who it is', () => {
  test.each([
    ['nobody that the workspace knows', 'UNONE'],
    ['somebody without a key that may decide', 'UCY'],
  ])('%s: decides nothing and is told so, alone', async (_, user) => {
    const request = await ask();
    for (const action of [actions.approve, actions.reject, actions.rejectWithReason])
      expect(await press(request, action, user)).toMatchObject({ status: 200, text: '' });
    expect(await read(request.id)).toMatchObject({ status: 'pending', verdicts: [] });
    expect(slack.views).toEqual([]);
    await whispered(/^Nothing was decided: no reviewer/);
  });

  test('law 14: is never what the payload calls them', async () => {
    const request = await ask();
    const user = { id: 'UNONE', username: 'ann', name: 'ann' };
    await slack.send(intake.url, { ...pressed(request, actions.approve, 'UNONE'), user });
    expect(await read(request.id)).toMatchObject({ status: 'pending', verdicts: [] });
  });

  test('ends with their key', async () => {
    const request = await ask();
    const { body } = await intake.call<{ key_id: string }>(beaKey, 'GET', '/v1/me');
    await intake.call(intake.keys.admin, 'DELETE', `/v1/keys/${body.key_id}`);
    await press(request, actions.approve, 'UBEA');
    await whispered(/no reviewer/);
    expect(await read(request.id)).toMatchObject({ status: 'pending', verdicts: [] });
  });

  test('is nobody where two people claim one account', async () => {
    const { call, keys } = intake;
    const request = await ask();
    // As it could be before that was refused. Anything of the directory that changes lets intake read it again.
    const zed = { id: 'zed', name: 'zed', groups: [], slack_user_id: 'UANN' };
    await server.client().hset('cs:{default}:people', 'zed', JSON.stringify(zed));
    await call(keys.admin, 'POST', '/v1/people', { id: 'yan', name: 'yan' });
    await press(request, actions.approve, 'UANN');
    await call(keys.admin, 'POST', '/v1/people', { id: 'zed', name: 'zed' });
    expect(await read(request.id)).toMatchObject({ status: 'pending', verdicts: [] });
    await whispered(/no reviewer/);
  });
});

describe('the laws hold in Slack', () => {
  test('law 1: who is second is told that it is decided', async () => {
    const request = await ask();
    await press(request, actions.approve, 'UANN');
    await press(request, actions.reject, 'UBO');
    expect(await read(request.id)).toMatchObject({ status: 'approved', decided_by: 'ann' });
    await whispered(/is approved by ann/);
  });

  test('law 1: of presses at once, one decides', async () => {
    const request = await ask();
    await Promise.all([press(request, actions.approve, 'UANN'), press(request, actions.reject, 'UBO')]);
    const { status, decided_by } = await read(request.id);
    expect(['approved by ann', 'rejected by bo']).toContain(`${status} by ${decided_by}`);
    await whispered(/^Nothing was decided: This request is/);
  });

  test('law 1: a reason that comes too late is refused where it was typed', async () => {
    const request = await ask();
    await press(request, actions.rejectWithReason, 'UANN');
    await press(request, actions.approve, 'UBO');
    const { body } = await slack.submit(intake.url, 'too late', 'UANN');
    expect(body).toMatchObject({ response_action: 'update', view: { type: 'modal' } });
    expect(viewFaults(body.view as JsonObject)).toEqual([]);
    expect(JSON.stringify(body)).toContain('is approved by bo');
    expect(await read(request.id)).toMatchObject({ status: 'approved' });
  });

  test('law 2: what has run out is not approved', async () => {
    const request = await ask('pay.out', { timeout: 1 });
    await expect.poll(async () => (await read(request.id)).status).toBe('timed_out');
    await press(request, actions.approve, 'UANN');
    await whispered(/is timed_out/);
    expect(await read(request.id)).toMatchObject({ status: 'timed_out', verdicts: [] });
  });

  test('law 6: a message that shows what an edit has changed since decides nothing', async () => {
    const request = await ask('pay.both');
    const { version, args_digest } = request;
    const args = { ...request.args, amount: 70 };
    const edit = { verdict: 'approve', args, seen: { version, args_digest } };
    await intake.call(intake.keys.lead, 'POST', `/v1/requests/${request.id}/decision`, edit);
    await press(request, actions.approve, 'UANN');
    const { verdicts, status } = await read(request.id);
    expect([status, verdicts.map(({ reviewer }) => reviewer)]).toEqual(['pending', ['bo']]);
    await whispered(/has changed since this message was written/);
  });

  test.each([
    ['version', { version: 2 }],
    ['digest', { args_digest: 'sha256:00' }],
  ])('law 6: another %s than stands is refused', async (_, seen) => {
    const request = await ask();
    for (const action of [actions.approve, actions.reject])
      await slack.send(intake.url, pressed(request, action, 'UANN', seen));
    expect(await read(request.id)).toMatchObject({ status: 'pending', verdicts: [] });
    await whispered(/has changed since/);
  });

  test('law 6: what the tier has confirmed is not approved by a button', async () => {
    const request = await ask('pay.retyped');
    expect(request.friction).toMatchObject({ kind: 'retype', paths: ['amount', 'to', 'order'] });
    await press(request, actions.approve, 'UANN');
    expect(await read(request.id)).toMatchObject({ status: 'pending', verdicts: [] });
    await whispered(/have to be confirmed/);
  });

  test('law 8: whoever owns the agent’s key does not approve it, reviewer or not', async () => {
    await intake.call(intake.keys.admin, 'POST', '/v1/keys', { roles: ['reviewer'], owner: 'dev' });
    const request = await ask();
    await press(request, actions.approve, 'UDEV');
    expect(await read(request.id)).toMatchObject({ status: 'pending', verdicts: [] });
    await whispered(/an agent of yours/);
  });

  test('law 8: nor does whoever it was asked for', async () => {
    const request = await ask('pay.out', { requested_by: 'ann' });
    await press(request, actions.approve, 'UANN');
    expect(await read(request.id)).toMatchObject({ status: 'pending', verdicts: [] });
  });

  test('a quorum of two takes two people, and the first is told so', async () => {
    const request = await ask('pay.both');
    await press(request, actions.approve, 'UANN');
    await whispered(/Others have to approve/);
    expect(await read(request.id)).toMatchObject({ status: 'pending', progress: { given: 1, needed: 2 } });
    await press(request, actions.approve, 'UBO');
    expect(await read(request.id)).toMatchObject({ status: 'approved' });
  });

  test('an approval that is held takes effect later, and the person is told so', async () => {
    const request = await ask('pay.held');
    await press(request, actions.approve, 'UANN');
    const held = await read(request.id);
    expect(held.status).toBe('pending');
    expect(held.release_at).toBeDefined();
    await whispered(/held for a moment/);
  });

  test('law 13: a workspace is opened by its own app’s secret, whatever the button says', async () => {
    const request = await ask();
    const elsewhere = { ...request, workspace: 'elsewhere' };
    expect(await press(elsewhere, actions.approve, 'UANN')).toMatchObject({ status: 401 });
    expect(await read(request.id)).toMatchObject({ status: 'pending', verdicts: [] });
  });
});

describe('what is not Slack’s', () => {
  const now = () => Math.floor(Date.now() / 1_000);
  test.each([
    ['signed by somebody else', () => ({ secret: 'f'.repeat(32) })],
    ['signed by nobody', () => ({ signature: undefined })],
    ['six minutes old', () => ({ timestamp: now() - 360 })],
    ['from a clock far ahead', () => ({ timestamp: now() + 360 })],
  ])('is refused without a word of why: %s', async (_, how) => {
    const request = await ask();
    const answer = await slack.send(intake.url, pressed(request, actions.approve, 'UANN'), how());
    const body = { code: 'unauthorized', detail: 'No Slack app of this installation has signed this.' };
    expect(answer).toMatchObject({ status: 401, body });
    expect(await read(request.id)).toMatchObject({ status: 'pending', verdicts: [] });
  });

  const user = { id: 'UANN' };
  test.each<[string, JsonObject]>([
    ['nothing', {}],
    ['a button without a value', { type: 'block_actions', user, actions: [{ action_id: actions.approve }] }],
    [
      'a button of another app',
      { type: 'block_actions', user, actions: [{ action_id: 'x', value: '{"w":1}' }] },
    ],
    ['a shortcut', { type: 'shortcut', user }],
    [
      'a workspace that is no name',
      {
        type: 'block_actions',
        user,
        actions: [
          { action_id: actions.approve, value: '{"w":"default}:x","r":"req_1","v":1,"d":"sha256:00"}' },
        ],
      },
    ],
  ])('is refused alike, signed or not: %s', async (_, payload) => {
    expect(await slack.send(intake.url, payload)).toMatchObject({ status: 401 });
  });

  test('is read no further than a body may be long', async () => {
    const payload = { type: 'block_actions', filler: 'x'.repeat(300_000) };
    const body = { code: 'body_too_large' };
    expect(await slack.send(intake.url, payload)).toMatchObject({ status: 413, body });
  });

  test('counts for nothing where its app is disabled', async () => {
    const redis = server.client();
    const { destinations } = workspaceKeys('default');
    const [[id = '', stored = '']] = Object.entries(await redis.hgetall(destinations)) as [[string, string]];
    const disabled = { at: 0, reason: 'It is gone.' };
    await redis.hset(destinations, id, JSON.stringify({ ...JSON.parse(stored), disabled }));
    const request = await ask();
    expect(await press(request, actions.approve, 'UANN')).toMatchObject({ status: 401 });
    await redis.hset(destinations, id, stored);
    expect(await press(request, actions.approve, 'UANN')).toMatchObject({ status: 200 });
  });

  test('law 12: no secret of the app comes into the feed', async () => {
    const entries = JSON.stringify(await server.client().xrange(workspaceKeys('default').feed, '-', '+'));
    expect(entries).toContain('destination.created');
    expect(entries).not.toContain(slack.token);
    expect(entries).not.toContain(slack.signingSecret);
  });
});
