/** People who press buttons in Slack, against a real intake and notifier: what is pressed is what the message showed. */
import type { JsonObject, RequestView } from '@countersign/shared/contracts';
import { actions, buttonValue } from '@countersign/shared/slack';
import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Notifier, startNotifier } from '../../../services/notifier/start.ts';
import { startTestIntake, type TestIntake } from '../../support/intake.ts';
import { startTestRedis, type TestRedis } from '../../support/redis.ts';
import {
  buttonsOf,
  type SlackMessage,
  type SlackPeer,
  startSlackPeer,
  textsOf,
} from '../../support/slack-peer.ts';

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

let server: TestRedis;
let intake: TestIntake;
let notifier: Notifier;
let slack: SlackPeer;
let beaKey: string;
let orders = 1_000;

beforeAll(async () => {
  [server, slack] = await Promise.all([startTestRedis(), startSlackPeer()]);
  intake = await startTestIntake({ redisUrl: server.url, policies });
  notifier = await startNotifier({
    redisUrl: server.url,
    development: true,
    logger: pino({ level: 'error' }),
    settings: { publicUrl: 'https://approve.example' },
  });
  const { call, keys } = intake;
  await call(keys.admin, 'POST', '/v1/destinations', {
    name: 'approvals',
    kind: 'slack',
    url: slack.url,
    secret: slack.token,
    signing_secret: slack.signingSecret,
    to: ['C100'],
  });
  beaKey = await intake.addReviewer('bea');
  const person = (id: string, slack_user_id: string) =>
    call(keys.admin, 'POST', '/v1/people', { id, name: id, slack_user_id });
  await person('ann', 'UANN');
  await person('bo', 'UBO');
  await person('bea', 'UBEA');
  // Owns the agent's key.
  await person('dev', 'UDEV');
  // Is known, and has no key that may decide.
  await person('cy', 'UCY');
});
afterAll(async () => {
  await notifier.stop();
  await intake.stop();
  await Promise.all([server.stop(), slack.stop()]);
});
beforeEach(() => {
  slack.whispers.length = 0;
  slack.views.length = 0;
});

const read = async (id: string) =>
  (await intake.call<RequestView>(intake.keys.lead, 'GET', `/v1/requests/${id}`)).body;

/** Proposes, and waits for the message that asks about it. */
async function ask(tool = 'pay.out', more = {}) {
  // A call that was rejected is not asked about again for a while: each is another.
  const args = { amount: 80, to: 'a.smith@acme.com', order: orders++ };
  const request = await intake.propose({ tool, args, ...more });
  const message = await expect
    .poll(() => slack.messages.find(({ metadata }) => JSON.stringify(metadata)?.includes(request.id)))
    .toBeDefined()
    .then(() => slack.messages.find(({ metadata }) => JSON.stringify(metadata)?.includes(request.id)));
  return { request, message: message as SlackMessage };
}
const press = (message: SlackMessage, action: string, user: string) =>
  slack.press(intake.url, message, action, user);
const whispered = async (words: RegExp) => {
  await expect.poll(() => slack.whispers.map(({ text }) => text).join()).toMatch(words);
  expect(slack.whispers[0]).toMatchObject({ response_type: 'ephemeral', replace_original: false });
};

describe('a button in Slack', () => {
  test('approves, for the person whose account pressed it, and the message says so', async () => {
    const { request, message } = await ask();
    expect(await press(message, actions.approve, 'UANN')).toMatchObject({ status: 200, text: '' });
    expect(await read(request.id)).toMatchObject({ status: 'approved', decided_by: 'ann' });
    await expect.poll(() => textsOf(message)).toContain('Approved by ann.');
    expect(buttonsOf(message).map(({ action_id }) => action_id)).toEqual([actions.open]);
    expect(slack.whispers).toEqual([]);
    expect(slack.faults).toEqual([]);
  });

  test('rejects', async () => {
    const { request, message } = await ask();
    await press(message, actions.reject, 'UBO');
    expect(await read(request.id)).toMatchObject({ status: 'rejected', decided_by: 'bo' });
    await expect.poll(() => textsOf(message)).toContain('Rejected by bo.');
  });

  test('asks for a reason, which the agent is told', async () => {
    const { request, message } = await ask();
    await press(message, actions.rejectWithReason, 'UANN');
    expect(await read(request.id)).toMatchObject({ status: 'pending' });
    expect(slack.views).toHaveLength(1);
    expect(await slack.submit(intake.url, 'too much', 'UANN')).toMatchObject({ status: 200, text: '' });
    expect(await read(request.id)).toMatchObject({
      status: 'rejected',
      decision: { verdict: 'reject', reason: 'too much' },
    });
    await expect.poll(() => textsOf(message)).toContain('│ too much');
    expect(slack.faults).toEqual([]);
  });

  test('that Slack tells of twice decides once', async () => {
    const { request, message } = await ask();
    const payload = pressedBy(message, actions.approve, 'UANN');
    await slack.send(intake.url, payload);
    expect(await slack.send(intake.url, payload, { retry: 1 })).toMatchObject({ status: 200 });
    const { verdicts, revision } = await read(request.id);
    expect(verdicts).toHaveLength(1);
    await slack.send(intake.url, payload, { retry: 2 });
    expect((await read(request.id)).revision).toBe(revision);
    expect(slack.whispers).toEqual([]);
  });

  test('that opens the card decides nothing', async () => {
    const { request, message } = await ask();
    expect(await press(message, actions.open, 'UANN')).toMatchObject({ status: 200, text: '' });
    expect(await read(request.id)).toMatchObject({ status: 'pending', verdicts: [] });
    const [, , , open] = buttonsOf(message);
    expect(open?.url).toBe(`https://approve.example/app/#/request/${request.id}`);
  });
});

describe('who it is', () => {
  test.each([
    ['nobody that the workspace knows', 'UNONE'],
    ['somebody without a key that may decide', 'UCY'],
  ])('%s decides nothing and is told so, alone', async (_, user) => {
    const { request, message } = await ask();
    for (const action of [actions.approve, actions.reject, actions.rejectWithReason])
      expect(await press(message, action, user)).toMatchObject({ status: 200, text: '' });
    expect(await read(request.id)).toMatchObject({ status: 'pending', verdicts: [] });
    expect(slack.views).toEqual([]);
    await whispered(/^Nothing was decided: no reviewer/);
  });

  test('is never what the payload calls them', async () => {
    const { request, message } = await ask();
    const payload = {
      ...pressedBy(message, actions.approve, 'UNONE'),
      user: { id: 'UNONE', username: 'ann', name: 'ann' },
    };
    await slack.send(intake.url, payload);
    expect(await read(request.id)).toMatchObject({ status: 'pending' });
  });

  test('ends with their key', async () => {
    const { request, message } = await ask();
    const { body } = await intake.call<{ key_id: string }>(beaKey, 'GET', '/v1/me');
    await intake.call(intake.keys.admin, 'DELETE', `/v1/keys/${body.key_id}`);
    await press(message, actions.approve, 'UBEA');
    await whispered(/no reviewer/);
    expect(await read(request.id)).toMatchObject({ status: 'pending' });
  });

  test('is nobody where two people claim one account', async () => {
    const { call, keys } = intake;
    const { request, message } = await ask();
    await call(keys.admin, 'POST', '/v1/people', { id: 'zed', name: 'zed', slack_user_id: 'UANN' });
    await press(message, actions.approve, 'UANN');
    await call(keys.admin, 'POST', '/v1/people', { id: 'zed', name: 'zed' });
    expect(await read(request.id)).toMatchObject({ status: 'pending' });
    await whispered(/no reviewer/);
  });
});

describe('the laws hold in Slack', () => {
  test('law 1: who is second is told that it is decided', async () => {
    const { request, message } = await ask();
    const payload = pressedBy(message, actions.reject, 'UBO');
    await press(message, actions.approve, 'UANN');
    await slack.send(intake.url, payload);
    expect(await read(request.id)).toMatchObject({ status: 'approved', decided_by: 'ann' });
    await whispered(/is approved by ann/);
  });

  test('law 1: of presses at once, one decides', async () => {
    const { request, message } = await ask();
    await Promise.all([
      slack.send(intake.url, pressedBy(message, actions.approve, 'UANN')),
      slack.send(intake.url, pressedBy(message, actions.reject, 'UBO')),
    ]);
    const { status, decided_by } = await read(request.id);
    expect([`${status} ${decided_by}`]).toEqual([status === 'approved' ? 'approved ann' : 'rejected bo']);
  });

  test('law 6: a message that shows what has changed since decides nothing', async () => {
    const { request, message } = await ask('pay.both');
    const shownBefore = pressedBy(message, actions.approve, 'UANN');
    const { version, args_digest } = request;
    const args = { ...request.args, amount: 70 };
    const edit = { verdict: 'approve', args, seen: { version, args_digest } };
    await intake.call(intake.keys.lead, 'POST', `/v1/requests/${request.id}/decision`, edit);
    await slack.send(intake.url, shownBefore);
    const { verdicts, status } = await read(request.id);
    expect([status, verdicts.map(({ reviewer }) => reviewer)]).toEqual(['pending', ['bo']]);
    await whispered(/has changed since this message was written/);
  });

  test('law 1: a reason that comes too late is refused where it was typed', async () => {
    const { request, message } = await ask();
    await press(message, actions.rejectWithReason, 'UANN');
    await press(message, actions.approve, 'UBO');
    const { body } = await slack.submit(intake.url, 'too late', 'UANN');
    expect(body).toMatchObject({ response_action: 'update', view: { type: 'modal' } });
    expect(JSON.stringify(body)).toContain('is approved by bo');
    expect(await read(request.id)).toMatchObject({ status: 'approved' });
  });

  test('law 6: friction is for the card: the message has no Approve, and one that is forged is refused', async () => {
    const { request, message } = await ask('pay.retyped');
    expect(buttonsOf(message).map(({ action_id }) => action_id)).toEqual([actions.open]);
    const { friction } = await read(request.id);
    if (friction.paths.length > 0) {
      const seen = { version: request.version, args_digest: request.args_digest };
      const value = buttonValue({ workspace: request.workspace, request_id: request.id, seen });
      await slack.send(intake.url, pressedBy(message, actions.approve, 'UANN', value));
      expect(await read(request.id)).toMatchObject({ status: 'pending' });
    }
  });

  test('law 8: whoever owns the agent’s key does not approve it, reviewer or not', async () => {
    await intake.call(intake.keys.admin, 'POST', '/v1/keys', { roles: ['reviewer'], owner: 'dev' });
    const { request, message } = await ask();
    await press(message, actions.approve, 'UDEV');
    expect(await read(request.id)).toMatchObject({ status: 'pending', verdicts: [] });
    await whispered(/an agent of yours/);
  });

  test('law 8: nor does whoever it was asked for', async () => {
    const { request, message } = await ask('pay.out', { requested_by: 'ann' });
    await press(message, actions.approve, 'UANN');
    expect(await read(request.id)).toMatchObject({ status: 'pending', verdicts: [] });
  });

  test('a quorum of two takes two people, and the first is told so', async () => {
    const { request, message } = await ask('pay.both');
    await press(message, actions.approve, 'UANN');
    await whispered(/Others have to approve/);
    expect(await read(request.id)).toMatchObject({ status: 'pending', progress: { given: 1, needed: 2 } });
    await slack.send(intake.url, pressedBy(message, actions.approve, 'UBO'));
    expect(await read(request.id)).toMatchObject({ status: 'approved' });
  });

  test('an approval that is held takes effect later, and the person is told so', async () => {
    const { request, message } = await ask('pay.held');
    await press(message, actions.approve, 'UANN');
    const held = await read(request.id);
    expect(held.status).toBe('pending');
    expect(held.release_at).toBeDefined();
    await whispered(/held for a moment/);
  });

  test('law 13: a workspace is opened by its own app’s secret, whatever the button says', async () => {
    const { request, message } = await ask();
    const seen = { version: request.version, args_digest: request.args_digest };
    const elsewhere = buttonValue({ workspace: 'elsewhere', request_id: request.id, seen });
    const payload = pressedBy(message, actions.approve, 'UANN', elsewhere);
    expect(await slack.send(intake.url, payload)).toMatchObject({ status: 401 });
    expect(await read(request.id)).toMatchObject({ status: 'pending' });
  });
});

describe('what is not Slack’s', () => {
  test.each([
    ['signed by somebody else', { secret: 'f'.repeat(32) }],
    ['signed by nobody', { signature: undefined }],
    ['six minutes old', { timestamp: Math.floor(Date.now() / 1_000) - 360 }],
    ['from a clock far ahead', { timestamp: Math.floor(Date.now() / 1_000) + 360 }],
  ])('is refused without a word of why: %s', async (_, how) => {
    const { request, message } = await ask();
    const answer = await slack.send(intake.url, pressedBy(message, actions.approve, 'UANN'), how);
    expect(answer).toMatchObject({
      status: 401,
      body: { code: 'unauthorized', detail: 'No Slack app of this installation has signed this.' },
    });
    expect(await read(request.id)).toMatchObject({ status: 'pending' });
  });

  test.each([
    ['nothing', {}],
    [
      'a button without a value',
      { type: 'block_actions', user: { id: 'UANN' }, actions: [{ action_id: actions.approve }] },
    ],
    [
      'a button of another app',
      { type: 'block_actions', user: { id: 'UANN' }, actions: [{ action_id: 'x', value: '{"w":1}' }] },
    ],
    ['a shortcut', { type: 'shortcut', user: { id: 'UANN' } }],
  ])('is refused alike, signed or not: %s', async (_, payload) => {
    expect(await slack.send(intake.url, payload as JsonObject)).toMatchObject({ status: 401 });
  });

  test('is read no further than a body may be long', async () => {
    const payload = { type: 'block_actions', filler: 'x'.repeat(300_000) };
    expect(await slack.send(intake.url, payload)).toMatchObject({
      status: 413,
      body: { code: 'body_too_large' },
    });
  });

  test('law 12: the answers and the log hold no secret of the app', async () => {
    const entries = await server.client().xrange('cs:{default}:feed', '-', '+');
    const text = JSON.stringify(entries);
    expect(text).not.toContain(slack.token);
    expect(text).not.toContain(slack.signingSecret);
  });
});

/** What Slack sends when a button of the message is pressed, whether the message still has it or not. */
function pressedBy(message: SlackMessage, action_id: string, user: string, value?: string): JsonObject {
  const own = value ?? buttonsOf(message).find((button) => button.value !== undefined)?.value ?? '';
  return {
    type: 'block_actions',
    user: { id: user },
    response_url: slack.responseUrl(),
    trigger_id: 'gone',
    actions: [{ action_id, value: own }],
  };
}
