/** G5: an alert on record reaches whoever leads, by every way they have, once; and so does its end. */
import type { Alert } from '@countersign/shared/contracts';
import type { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Changes } from '../../services/ledger/alerts/reconcile.ts';
import { defineAlertScripts, writeChanges } from '../../services/ledger/alerts/record.ts';
import type { Notifier } from '../../services/notifier/start.ts';
import { startTestNotifier } from '../support/notifier.ts';
import { type PagerDutyPeer, startPagerDutyPeer } from '../support/pagerduty-peer.ts';
import { type PushService, startPushService } from '../support/push-service.ts';
import { startTestRedis, type TestRedis } from '../support/redis.ts';
import { type SlackPeer, startSlackPeer } from '../support/slack-peer.ts';
import { type SmtpPeer, startSmtpPeer } from '../support/smtp-peer.ts';
import { startTeamsPeer, type TeamsPeer } from '../support/teams-peer.ts';
import { startTwilioPeer, type TwilioPeer } from '../support/twilio-peer.ts';
import { until } from '../support/until.ts';
import { startWebhookReceiver, type WebhookReceiver } from '../support/webhook-receiver.ts';
import { kill9, killAll, startNotifierProcess } from './notifier-processes.ts';
import { secret, type TestWorkspace, testWorkspace } from './workspace.ts';

let server: TestRedis;
let redis: Redis;
let receiver: WebhookReceiver;
let pagerduty: PagerDutyPeer;
let slack: SlackPeer;
let teams: TeamsPeer;
let twilio: TwilioPeer;
let smtp: SmtpPeer;
let push: PushService;
let notifier: Notifier | undefined;

beforeAll(async () => {
  [server, receiver, pagerduty, slack, teams, twilio, smtp, push] = await Promise.all([
    startTestRedis(),
    startWebhookReceiver(),
    startPagerDutyPeer(),
    startSlackPeer(),
    startTeamsPeer(),
    startTwilioPeer(),
    startSmtpPeer(),
    startPushService(),
  ]);
  redis = server.client();
  defineAlertScripts(redis);
});
afterEach(async () => {
  await notifier?.stop();
  notifier = undefined;
  await killAll();
});
afterAll(() =>
  Promise.all([server, receiver, pagerduty, slack, teams, twilio, smtp, push].map((one) => one.stop())),
);

async function startHere(): Promise<void> {
  notifier = await startTestNotifier({
    redisUrl: server.url,
    retrySchedule: [0, 30, 60],
    settings: {
      publicUrl: 'https://approve.example',
      mail: { url: smtp.url, from: 'Countersign <approvals@acme.example>' },
      sms: twilio.account,
    },
  });
}

const finding: Changes['raise'][number] = {
  key: 'k',
  kind: 'timeouts',
  urgency: 'high',
  state: 'on',
  about: { tool: 'orders.refund', rules: ['big-refunds'], tier: 'critical', team: 'finance' },
  figures: {
    share: { k: 20, n: 40, rate: 0.5, low: 0.352, high: 0.648 },
    usual: { k: 10, n: 200, rate: 0.05, days: 10 },
    chance: 0.00001,
  },
};

async function raise(workspace: TestWorkspace, change: Partial<typeof finding> = {}): Promise<Alert> {
  const raised = { raise: [{ ...finding, ...change }], clear: [] };
  const [alert] = await writeChanges(redis, workspace.name, raised, new Map(), Date.now());
  if (alert === undefined) throw new Error('it was not raised');
  return alert;
}
async function clear(workspace: TestWorkspace, alert: Alert): Promise<void> {
  const cleared = { raise: [], clear: [{ key: 'k', alert, because: 'over' as const }] };
  expect(await writeChanges(redis, workspace.name, cleared, new Map(), Date.now())).toHaveLength(1);
}

const mailsTo = (address: string) =>
  smtp.received.filter(({ recipients }) => recipients.includes(address)).map(({ mail }) => mail);
const webhooksAt = (path: string) => receiver.received.filter((one) => one.path === path);

test('whoever leads hears by their own settings, destinations that ask for it by their kind, each once; and that it is over', async () => {
  const workspace = testWorkspace(redis, 'all-ways');
  await workspace.open();
  await workspace.addKey({ id: 'key_bo', owner: 'bo', roles: ['lead', 'reviewer'] });
  await workspace.addKey({ id: 'key_ann', owner: 'ann', roles: ['reviewer'] });
  await workspace.addKey({ id: 'key_cy', owner: 'cy', roles: ['admin'] });
  for (const id of ['bo', 'ann', 'cy'])
    await workspace.addPerson({
      id,
      name: id,
      groups: [],
      email: `${id}@all.example`,
      phone: '+49151000001',
    });
  await workspace.addPreferences('cy', {
    channels: { low: [], medium: [], high: ['sms'], critical: ['sms'] },
  });
  const { id: subscription, ...browser } = push.subscribe();
  await workspace.addSubscription({ id: subscription, person: 'bo', key_id: 'key_bo', ...browser });
  const match = { events: ['alert.*'] };
  await workspace.addDestination(`${receiver.url}/asked`, { match });
  await workspace.addDestination(`${receiver.url}/not-asked`, { id: 'dst_2' });
  await workspace.addDestination(`${receiver.url}/other-tool`, {
    id: 'dst_3',
    match: { ...match, tools: ['mail.*'] },
  });
  await workspace.addDestination(`${pagerduty.url}/v2/enqueue`, {
    id: 'dst_4',
    kind: 'pagerduty',
    secret: 'R'.repeat(32),
    match,
  });
  await workspace.addDestination(slack.url, {
    id: 'dst_5',
    kind: 'slack',
    secret: slack.token,
    to: ['C100'],
    match,
  });
  await workspace.addDestination(teams.webhook, { id: 'dst_6', kind: 'teams', match });
  await startHere();

  const alert = await raise(workspace);
  await until(async () => {
    expect(webhooksAt('/asked')).toHaveLength(1);
    expect(pagerduty.open()).toHaveLength(1);
    expect([slack.messages.length, teams.cards.length, twilio.messages.length, push.received.length]).toEqual(
      [1, 1, 1, 1],
    );
    expect(mailsTo('bo@all.example')).toHaveLength(1);
  });
  const title = 'Far more requests time out than usual';
  const [hook] = webhooksAt('/asked');
  if (hook === undefined) throw new Error('nothing came');
  receiver.verify(hook, secret);
  expect(hook.body).toMatchObject({
    type: 'alert.raised',
    data: {
      alert: {
        ...{ id: alert.id, workspace: 'all-ways', kind: 'timeouts', status: 'raised', urgency: 'high' },
        about: finding.about,
        figures: finding.figures,
        title: `${title}: orders.refund, asked of finance`,
        link: 'https://approve.example/app/#/insights?team=finance&tool=orders.refund&rule=big-refunds&tier=critical',
      },
    },
  });
  expect(pagerduty.open()[0]?.triggers[0]?.payload).toMatchObject({
    summary: `HIGH: ${title}: “orders.refund”, asked of “finance”`,
    severity: 'error',
    class: 'alert.timeouts',
  });
  expect(JSON.stringify(slack.messages)).toContain(
    'Timed out in 24 hours: 20 of 40, 50% (95% sure: 35% to 65%)',
  );
  expect(JSON.stringify(teams.cards)).toContain('What to do');
  expect(twilio.messages[0]).toMatchObject({ to: '+49151000001' });
  expect(twilio.messages[0]?.body).toContain(`HIGH: ${title}`);
  const [mail] = mailsTo('bo@all.example');
  // As everywhere in mail: nothing that somebody else chose can be followed.
  expect(mail?.subject).toBe(`[high] ${title}: “orders[.]refund”, asked of “finance”`);
  expect(mail?.text).toContain('20 of 40, 50% (95% sure: 35% to 65%)');
  expect(mail?.text).toContain('https://approve.example/app/#/insights?team=finance');
  // An id, how pressing, how it stands: nothing of what it says.
  expect(push.received[0]).toMatchObject({ payload: { id: alert.id, tier: 'high', status: 'raised' } });

  await clear(workspace, alert);
  await until(async () => {
    expect(pagerduty.open()).toEqual([]);
    expect(webhooksAt('/asked').map(({ body }) => body.type)).toEqual(['alert.raised', 'alert.cleared']);
    expect(JSON.stringify(slack.messages)).toContain('Over since');
    expect([slack.messages.length, teams.cards.length]).toEqual([1, 2]);
    expect(mailsTo('bo@all.example')).toHaveLength(2);
  });
  const [, over] = mailsTo('bo@all.example');
  expect(over?.inReplyTo).toBe(mail?.messageId);
  expect(over?.text).toContain('Over since');

  // A reviewer is not told, nor who did not ask; and nobody hears an end by a text.
  expect([
    mailsTo('ann@all.example'),
    mailsTo('cy@all.example'),
    webhooksAt('/not-asked'),
    webhooksAt('/other-tool'),
  ]).toEqual([[], [], [], []]);
  expect(twilio.messages).toHaveLength(1);
  const attempts = await workspace.attempts();
  expect(
    attempts.every(({ alert_id, request_id }) => alert_id === alert.id && request_id === undefined),
  ).toBe(true);
  const noticed = (await workspace.feed()).filter(({ type }) => type === 'notice.delivered');
  expect(noticed.every(({ data, request_id }) => data?.alert === alert.id && request_id === undefined)).toBe(
    true,
  );
});

test('in quiet hours only mail comes, to somebody away nothing, and what was over before anyone heard of it is not told', async () => {
  const workspace = testWorkspace(redis, 'quiet');
  await workspace.open();
  for (const id of ['bo', 'cy']) {
    await workspace.addKey({ id: `key_${id}`, owner: id, roles: ['lead'] });
    await workspace.addPerson({
      id,
      name: id,
      groups: [],
      email: `${id}@quiet.example`,
      phone: `+4915100000${id === 'bo' ? 2 : 3}`,
    });
  }
  await workspace.addPreferences('bo', {
    channels: { low: [], medium: [], high: ['sms', 'email'], critical: ['sms'] },
    quiet_hours: [{ from: '00:00', to: '00:00' }],
  });
  await workspace.addPreferences('cy', {
    absence: { from: new Date(0).toISOString(), until: new Date(Date.now() + 86_400_000).toISOString() },
  });
  const gone = await raise(workspace, { key: 'gone', about: { team: 'gone' } });
  await clear(workspace, gone);
  await startHere();
  await raise(workspace);
  await until(() => expect(mailsTo('bo@quiet.example')).toHaveLength(1));
  await until(async () => expect(await workspace.unhandled()).toBe(0));
  expect(mailsTo('cy@quiet.example')).toEqual([]);
  expect(twilio.messages.filter(({ to }) => to.endsWith('02') || to.endsWith('03'))).toEqual([]);
});

test('law 9: raised with no notifier there, told by one that is killed before it could note so: told again by the next under the same id', async () => {
  const workspace = testWorkspace(redis, 'killed');
  await workspace.open();
  await workspace.addDestination(`${receiver.url}/killed`, { match: { events: ['alert.raised'] } });
  const alert = await raise(workspace);
  // It stands: the same is not raised beside it, whoever looks.
  expect(
    await writeChanges(redis, 'killed', { raise: [finding], clear: [] }, new Map(), Date.now() + 1),
  ).toEqual([]);

  const first = startNotifierProcess(server.url);
  receiver.answerWith((response) => {
    // It has arrived, and whoever sent it will never know.
    void kill9(first).then(() => response.writeHead(204).end());
  });
  await until(() => expect(first.signalCode).toBe('SIGKILL'));
  startNotifierProcess(server.url);
  await until(async () => {
    const outcomes = (await workspace.attempts()).map(({ outcome, alert_id }) => [outcome, alert_id]);
    expect(outcomes).toEqual([
      ['unrecorded', alert.id],
      ['delivered', alert.id],
    ]);
  });
  const arrived = webhooksAt('/killed');
  expect(arrived.map(({ id }) => id)).toEqual([arrived[0]?.id, arrived[0]?.id]);
  expect((await workspace.feed()).filter(({ type }) => type === 'alert.raised')).toHaveLength(1);
});
