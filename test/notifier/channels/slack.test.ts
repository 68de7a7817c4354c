import type { JsonObject } from '@countersign/shared/contracts';
import { actions } from '@countersign/shared/slack';
import type { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  type Address,
  type Attempt,
  addressOfPerson,
  type Notice,
  type Outcome,
} from '../../../services/notifier/channels/channel.ts';
import { slackChannel } from '../../../services/notifier/channels/slack.ts';
import { startTestRedis, type TestRedis } from '../../support/redis.ts';
import { type SlackPeer, startSlackPeer } from '../../support/slack-peer.ts';
import { buttonsOf, textsOf } from '../../support/slack-people.ts';
import {
  addressOf,
  anyTarget,
  conforms,
  type Fault,
  firstAttempt,
  httpFaults,
  noticeFor,
  out,
} from '../conformance.ts';
import { type TestWorkspace, testWorkspace } from '../workspace.ts';

let server: TestRedis;
let redis: Redis;
let slack: SlackPeer;

beforeAll(async () => {
  [server, slack] = await Promise.all([startTestRedis(), startSlackPeer()]);
  redis = server.client();
});
afterAll(async () => {
  await Promise.all([server.stop(), slack.stop()]);
});
beforeEach(() => {
  slack.closed.clear();
  slack.limited = false;
});

const place = async (workspace: TestWorkspace, change: object = {}): Promise<Address> => {
  await workspace.addDestination(slack.url, {
    kind: 'slack',
    secret: slack.token,
    signing_secret: slack.signingSecret,
    to: ['C100'],
    ...change,
  });
  return addressOf(workspace, 'dst_1');
};
const refused = (error: string, outcome: Partial<Outcome>): Fault => ({
  what: `${error} under HTTP 200`,
  next: () => slack.refuseWith(error),
  outcome: { kind: 'failed', code: `slack_${error}`, ...outcome } as Fault['outcome'],
});

conforms('slack', {
  place,
  channel: async (guarded) => anyTarget(slackChannel(redis, guarded)),
  redis: () => redis,
  arrived: () => slack.calls.length,
  faults: [
    ...httpFaults((...next) => slack.answerWith(...next), { knows: false }),
    ...['channel_not_found', 'is_archived', 'token_revoked', 'account_inactive'].map((error) =>
      refused(error, { retry: 'never', gone: true }),
    ),
    ...['not_in_channel', 'invalid_auth', 'missing_scope', 'invalid_blocks'].map((error) =>
      refused(error, { retry: 'never', gone: false }),
    ),
    ...['ratelimited', 'internal_error', 'a_word_of_tomorrow'].map((error) =>
      refused(error, { retry: 'scheduled', gone: false }),
    ),
    {
      what: 'what is no JSON',
      next: () => slack.answerWith({ status: 200, body: '<html>' }),
      outcome: { kind: 'failed', code: 'slack_unreadable', retry: 'scheduled' },
    },
  ],
  reference: () => JSON.stringify(slack.messages.at(-1)?.metadata),
});

let number = 0;
type Stage = {
  workspace: TestWorkspace;
  at: Address;
  /** Brings it to where the request is, as the deliverer does: what an attempt asks to keep comes with the next. */
  bring: (change?: Partial<Notice['request']>, more?: Partial<Notice>) => Promise<Outcome>;
  attempt: Attempt;
};

async function stage(change: object = {}, id = 'dst_1'): Promise<Stage> {
  slack.messages.length = 0;
  slack.calls.length = 0;
  const workspace = testWorkspace(redis, `slack-own-${number++}`);
  await place(workspace, change);
  const at = addressOf(workspace, id);
  let revision = 1;
  const staged: Stage = {
    workspace,
    at,
    attempt: firstAttempt,
    async bring(request = {}, more = {}) {
      const channel = slackChannel(redis, out);
      const found = await channel.find(at);
      if (!found.found) throw new Error(found.why);
      const notice = noticeFor(at);
      const shown = { ...notice.request, ...request, revision: request.revision ?? revision++ };
      const outcome = await channel.deliver(
        found.target,
        { ...notice, ...more, request: shown },
        staged.attempt,
      );
      const kept = 'keep' in outcome && outcome.keep !== undefined ? outcome.keep : staged.attempt.kept;
      staged.attempt = { ...staged.attempt, number: staged.attempt.number + 1, tried: true, kept };
      return outcome;
    },
  };
  return staged;
}

const approved = {
  status: 'approved',
  decided_by: 'ann',
  decided_at: '2026-01-01T00:05:00.000Z',
} as const;
const methods = () => slack.calls.map(({ method }) => method);
const here = (channel: string) => slack.messages.filter((message) => message.channel === channel);

describe('one message for a request', () => {
  test('asks with buttons, and is replaced by who decided, without them', async () => {
    const { bring } = await stage();
    expect(await bring()).toMatchObject({ kind: 'delivered', response: 'C100: shown' });
    const [message] = here('C100');
    if (message === undefined) throw new Error('there is no message');
    expect(buttonsOf(message).map(({ action_id }) => action_id)).toEqual([
      actions.approve,
      actions.reject,
      actions.rejectWithReason,
      actions.open,
    ]);
    const decision = {
      verdict: 'approve' as const,
      edited: true,
      changes: [{ path: '/amount', from: 120, to: 80 }],
      reason: 'half is enough',
    };
    expect(await bring({ ...approved, decision, proposed_args: { amount: 120 } })).toMatchObject({
      kind: 'delivered',
    });
    expect(methods()).toEqual(['chat.postMessage', 'chat.update']);
    expect(here('C100')).toHaveLength(1);
    expect(buttonsOf(message).map(({ action_id }) => action_id)).toEqual([actions.open]);
    expect(textsOf(message)).toContain('Edited and approved by ann.');
    expect(textsOf(message)).toContain('│ half is enough\nAmount: 120 → 80');
    expect(slack.faults).toEqual([]);
  });

  test.each([
    [{ status: 'rejected', decided_by: 'ann' }, 'Rejected by ann. The agent was told to stop.'],
    [{ status: 'timed_out' }, 'Nobody decided in time: it counts as rejected. The agent was told to stop.'],
    [{ status: 'cancelled' }, 'Withdrawn. The agent was told to stop.'],
    [{ status: 'cancelled', stop_reason: 'frozen' }, 'Stopped by a freeze. The agent was told to stop.'],
    [
      { status: 'cancelled', superseded_by: 'req_2' },
      'Replaced by a newer request. The agent was told to stop.',
    ],
    [
      { ...approved, revoked: { by: 'bo', at: '2026-01-01T00:06:00.000Z', reason: null } },
      'Approval taken back by bo. The agent was told to stop.',
    ],
    [
      { ...approved, outcome: { status: 'undo_failed', at: '2026-01-01T00:06:00.000Z' } },
      'Approved by ann. Undoing it failed.',
    ],
  ] as const)('says how it ended: %o', async (change, said) => {
    const { bring } = await stage();
    await bring();
    await bring(change);
    const [message] = here('C100');
    expect(message && textsOf(message)).toContain(said);
    expect(message && buttonsOf(message).map(({ action_id }) => action_id)).toEqual([actions.open]);
    expect(slack.faults).toEqual([]);
  });

  test('says who is on it, and that an approval is held', async () => {
    const { bring } = await stage();
    await bring();
    await bring({ claim: { by: 'bo', until: '2026-01-01T00:05:00.000Z' } });
    const [message] = here('C100');
    expect(message && textsOf(message).join()).toContain('bo is on it');
    const verdicts = [
      {
        reviewer: 'ann',
        verdict: 'approve' as const,
        version: 1,
        args_digest: 'd',
        edited: false,
        at: '2026-01-01T00:05:00.000Z',
      },
    ];
    await bring({ release_at: '2026-01-01T00:06:00.000Z', verdicts });
    expect(message && textsOf(message).join()).toContain('Approved by ann, and held');
    expect(message && buttonsOf(message).map(({ action_id }) => action_id)).toEqual([actions.open]);
  });

  test('is not begun for a request that is over', async () => {
    const { bring } = await stage();
    expect(await bring(approved)).toEqual({ kind: 'not_needed' });
    expect(methods()).toEqual([]);
  });

  test('is not changed where it shows this state already', async () => {
    const { bring } = await stage();
    await bring({ revision: 4 });
    await bring({ revision: 4 });
    expect(methods()).toEqual(['chat.postMessage']);
  });

  test('that somebody has deleted is said again while it waits, and left alone when it is over', async () => {
    const { bring } = await stage();
    await bring();
    slack.messages.length = 0;
    expect(await bring()).toMatchObject({ kind: 'delivered' });
    expect(here('C100')).toHaveLength(1);
    slack.messages.length = 0;
    expect(await bring(approved)).toEqual({ kind: 'not_needed' });
    expect(here('C100')).toHaveLength(0);
  });

  test('rings again for a reminder, in its thread and in the conversation, once', async () => {
    const { bring } = await stage();
    await bring();
    const reminded = { id: 'n-2', type: 'request.reminded' };
    await bring({}, reminded);
    await bring({}, reminded);
    const rung = slack.calls.filter(({ args }) => args.thread_ts !== undefined);
    expect(rung.map(({ args }) => [args.thread_ts, args.reply_broadcast])).toEqual([
      [here('C100')[0]?.ts, true],
    ]);
    expect(slack.faults).toEqual([]);
  });

  test('whose answer was lost is found by its reference, and not said twice', async () => {
    const { bring, at } = await stage();
    await bring();
    expect(await stageAfterLoss(at)).toMatchObject({ kind: 'delivered' });
    expect(here('C100')).toHaveLength(1);
    expect(methods()).toEqual(['chat.postMessage', 'conversations.history', 'chat.update']);
  });

  test('whose answer was lost is looked for again where that answer is lost too, and nothing is said twice', async () => {
    const { bring, at } = await stage();
    await bring();
    slack.answerWith(503);
    expect(await stageAfterLoss(at)).toMatchObject({ kind: 'failed', retry: 'scheduled', gone: false });
    expect(here('C100').map(({ updates }) => updates)).toEqual([0]);
    expect(await stageAfterLoss(at)).toMatchObject({ kind: 'delivered' });
    expect(here('C100').map(({ updates }) => updates)).toEqual([1]);
  });

  test('is found, and not its reminder, where the answer was lost', async () => {
    const { bring, at } = await stage();
    await bring();
    await bring({}, { id: 'n-2', type: 'request.reminded' });
    await stageAfterLoss(at);
    expect(here('C100').map(({ updates, broadcast }) => [updates, broadcast])).toEqual([
      [2, false],
      [0, true],
    ]);
  });

  test('is not begun when the deadline has passed, whoever has noticed', async () => {
    const { bring } = await stage();
    expect(await bring({ expires_at: '2026-01-01T00:00:00.000Z' })).toEqual({ kind: 'not_needed' });
    expect(methods()).toEqual([]);
  });

  test('whose answer was lost where the bot may not read is said again, with the same reference', async () => {
    const { bring, at } = await stage();
    await bring();
    slack.refuseWith('missing_scope');
    expect(await stageAfterLoss(at)).toMatchObject({ kind: 'delivered' });
    const references = here('C100').map(({ metadata }) => metadata);
    expect(references).toHaveLength(2);
    expect(references[0]).toEqual(references[1]);
  });
});

/** The next attempt of a process that never learnt what the peer had answered. */
async function stageAfterLoss(at: Address): Promise<Outcome> {
  const channel = slackChannel(redis, out);
  const found = await channel.find(at);
  if (!found.found) throw new Error(found.why);
  return channel.deliver(found.target, noticeFor(at), { ...firstAttempt, number: 2, tried: true });
}

describe('several conversations', () => {
  test('are each told once, however often one of them fails', async () => {
    const { bring } = await stage({ to: ['C1', 'C2', 'C3'] });
    slack.closed.set('C2', 'internal_error');
    expect(await bring({ revision: 1 })).toMatchObject({
      kind: 'failed',
      retry: 'scheduled',
      keep: { C1: {}, C3: {} },
    });
    slack.closed.clear();
    expect(await bring({ revision: 1 })).toMatchObject({ kind: 'delivered' });
    expect(['C1', 'C2', 'C3'].map((channel) => here(channel).length)).toEqual([1, 1, 1]);
    await bring({ ...approved, revision: 2 });
    expect(slack.messages.map(({ updates }) => updates)).toEqual([1, 1, 1]);
  });

  test('that the destination no longer names have their message ended, and get none', async () => {
    const staged = await stage({ to: ['C1', 'C2'] });
    await staged.bring();
    await place(staged.workspace, { to: ['C2', 'C3'] });
    await staged.bring(approved);
    expect(slack.messages.map(({ channel, updates }) => [channel, updates])).toEqual([
      ['C1', 1],
      ['C2', 1],
    ]);
    expect(slack.messages.flatMap(buttonsOf).map(({ action_id }) => action_id)).toEqual([
      actions.open,
      actions.open,
    ]);
  });

  test('of which one is archived are told nevertheless, and the log says which was not', async () => {
    const { bring } = await stage({ to: ['C1', 'C2'] });
    slack.closed.set('C1', 'is_archived');
    expect(await bring()).toMatchObject({ kind: 'delivered', response: 'C1: slack_is_archived, C2: shown' });
    slack.closed.set('C2', 'is_archived');
    expect(await (await stage({ to: ['C1', 'C2'] })).bring()).toMatchObject({ retry: 'never', gone: true });
  });

  test('that are gone disable the destination, unless someone has changed it since', async () => {
    const { workspace, at } = await stage();
    const channel = slackChannel(redis, out);
    const found = await channel.find(at);
    if (!found.found) throw new Error(found.why);
    await channel.retire(at, found.target, 5);
    const stored = JSON.parse((await redis.hget(workspace.keys.destinations, 'dst_1')) ?? '{}');
    expect(stored).toMatchObject({ disabled: { at: 5 } });
    expect(await channel.find(at)).toMatchObject({ why: 'destination_disabled' });
  });

  test('are left as they are told to be: too many messages a second wait for as long as Slack asks', async () => {
    slack.limited = true;
    const first = await stage();
    await first.bring();
    const second = await stage();
    slack.limited = true;
    expect(await second.bring()).toMatchObject({ kind: 'failed', retry: 'scheduled', retry_after_ms: 1_000 });
  });
});

test('there is something to send while a request waits, and once something may have been said of it', async () => {
  const { at } = await stage();
  const channel = slackChannel(redis, out);
  const found = await channel.find(at);
  if (!found.found) throw new Error(found.why);
  const notice = noticeFor(at);
  const needs = (change: object, more = {}) =>
    channel.needs?.(
      found.target,
      { ...notice, request: { ...notice.request, ...change } },
      { ...firstAttempt, ...more },
    );
  expect([needs({}), needs(approved)]).toEqual([true, false]);
  expect([needs(approved, { tried: true }), needs(approved, { kept: {} })]).toEqual([true, true]);
});

describe('a person', () => {
  const person = { id: 'ann', name: 'Ann', groups: [], slack_user_id: 'U7' };

  test('is written to directly, by the app of the workspace', async () => {
    const { workspace, bring } = await stage({}, addressOfPerson('ann'));
    await workspace.addPerson(person);
    expect(await bring()).toMatchObject({ kind: 'delivered' });
    await bring(approved);
    expect(here('D7').map(({ updates }) => updates)).toEqual([1]);
    expect(slack.calls[0]?.args).toMatchObject({ channel: 'U7' });
  });

  test('is found again in their direct messages after a lost answer', async () => {
    const { workspace, at, bring } = await stage({}, addressOfPerson('ann'));
    await workspace.addPerson(person);
    await bring();
    expect(await stageAfterLoss(at)).toMatchObject({ kind: 'delivered' });
    expect(here('D7')).toHaveLength(1);
  });

  test('without an account there, or without an app of the workspace, is not written to', async () => {
    const { workspace, at } = await stage({}, addressOfPerson('ann'));
    const channel = slackChannel(redis, out);
    expect(await channel.find(at)).toMatchObject({ found: false, why: 'no_slack_user', quiet: true });
    await workspace.addPerson(person);
    await place(workspace, { disabled: { at: 0, reason: 'gone' } });
    expect(await channel.find(at)).toMatchObject({ found: false, why: 'no_slack_app', quiet: true });
  });
});

describe('law 12: what Slack answers', () => {
  test('repeats the arguments, and comes into no log', async () => {
    const { bring } = await stage();
    const outcome: JsonObject = { ...(await bring({ args: { note: 'a secret of the call' } })) };
    expect(JSON.stringify(outcome)).not.toContain('a secret');
    slack.answerWith({ status: 500, body: 'a secret of the call' });
    const failed: JsonObject = { ...(await (await stage()).bring()) };
    expect(JSON.stringify(failed)).not.toContain('a secret');
  });
});
