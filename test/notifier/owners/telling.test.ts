/** The owners of a destination hear by mail that it was disabled: each of them, once, whoever dies meanwhile. */
import { bullPrefix, queues } from '@countersign/shared/keys';
import { addressOfPerson } from '@countersign/shared/routing';
import type { Redis } from 'ioredis';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { makeMailer } from '../../../services/notifier/channels/mailer.ts';
import type { Settings } from '../../../services/notifier/channels/settings.ts';
import { directoryReader } from '../../../services/notifier/dispatch/directory.ts';
import { tellOwner } from '../../../services/notifier/errands/tell-owner.ts';
import { notifierMetrics } from '../../../services/notifier/metrics.ts';
import { startTestNotifier } from '../../support/notifier.ts';
import { startTestRedis, type TestRedis } from '../../support/redis.ts';
import { type SmtpPeer, startSmtpPeer } from '../../support/smtp-peer.ts';
import { until } from '../../support/until.ts';
import { startWebhookReceiver, type WebhookReceiver } from '../../support/webhook-receiver.ts';
import { kill9, killAll, startNotifierProcess } from '../notifier-processes.ts';
import { type TestWorkspace, testWorkspace } from '../workspace.ts';

let server: TestRedis;
let redis: Redis;
let receiver: WebhookReceiver;
let peer: SmtpPeer;
const stops: (() => Promise<void>)[] = [];

beforeAll(async () => {
  [server, receiver] = await Promise.all([startTestRedis(), startWebhookReceiver()]);
  redis = server.client();
});
afterAll(() => Promise.all([server.stop(), receiver.stop()]));
beforeEach(async () => {
  peer = await startSmtpPeer();
});
afterEach(async () => {
  await killAll();
  await Promise.all(stops.splice(0).map((stop) => stop()));
  await peer.stop();
  // What a test left in the queue is no business of the next one's notifiers.
  await redis.flushall();
});

async function startTwo(settings: Settings = { mail: { url: peer.url, from: 'approvals@acme.example' } }) {
  for (let i = 0; i < 2; i += 1) {
    const { stop } = await startTestNotifier({
      redisUrl: server.url,
      retrySchedule: [0, 20, 40],
      attemptTimeoutMs: 1_000,
      takeOverMs: 1_000,
      settings,
    });
    stops.push(stop);
  }
}

/** A workspace whose only destination is about to say that it is gone. */
async function begin(owners = ['ann', 'bo']): Promise<TestWorkspace> {
  const workspace = testWorkspace(redis, 'owned');
  await workspace.addDestination(receiver.url, { name: 'Ops', created_by: 'cy' });
  for (const id of owners) {
    await workspace.addKey({ id: `k-${id}`, owner: id, roles: ['admin'] });
    await workspace.addPerson({ id, name: id, email: `${id}@acme.example`, groups: [] });
  }
  await workspace.open();
  receiver.answerWith(410);
  return workspace;
}
const told = async (workspace: TestWorkspace) =>
  (await workspace.attempts()).filter(({ event_type }) => event_type === 'destination.disabled');
const disabling = async (workspace: TestWorkspace) =>
  until(async () => {
    const event = (await workspace.feed()).findLast(({ type }) => type === 'destination.disabled');
    if (event === undefined) throw new Error('not disabled yet');
    return event;
  });
const recipients = () => peer.received.flatMap((letter) => letter.recipients).sort();
/** How the jobs ended that tell of an event. */
const ended = async ({ id }: { id: string }): Promise<number> => {
  const jobs = await redis.keys(`${bullPrefix}:${queues.errands}:owned_${id}_*`);
  const done = await Promise.all(jobs.map((job) => redis.hget(job, 'finishedOn')));
  return done.filter((at) => at !== null).length;
};

describe('two notifiers', () => {
  test('tell each owner once, and whoever added it, of what, why and what was missed', async () => {
    const workspace = await begin();
    await workspace.addKey({ id: 'k-cy', owner: 'cy', roles: ['reviewer'] });
    await workspace.addPerson({ id: 'cy', name: 'Cy', email: 'cy@acme.example', groups: [] });
    await workspace.addKey({ id: 'k-di', owner: 'di', roles: ['lead'] });
    await workspace.addPerson({ id: 'di', name: 'Di', email: 'di@acme.example', groups: [] });
    await startTwo();
    await workspace.create('req_1');
    const event = await disabling(workspace);
    await until(async () => expect(await ended(event)).toBe(3));
    const mails = peer.received.filter(({ mail }) => mail.subject?.startsWith('Countersign:'));
    expect(mails.flatMap((letter) => letter.recipients).sort()).toEqual([
      'ann@acme.example',
      'bo@acme.example',
      'cy@acme.example',
    ]);
    const mail = mails.find((letter) => letter.recipients.includes('cy@acme.example'))?.mail;
    expect(mail?.subject).toBe('Countersign: The destination “Ops” has been disabled');
    for (const form of [mail?.text, mail?.html]) {
      for (const said of ['It answered 410 Gone.', 'req_1', 'http_410', '/v1/destinations/dst_1/test'])
        expect(form).toContain(said);
    }
    expect(mail?.text).toContain('because you added this destination');
    // No argument of what waits: whoever administers need not be one who may see it.
    expect(mail?.text).not.toContain('A-1');
    const lines = await told(workspace);
    expect(lines.map(({ destination }) => destination).sort()).toEqual(
      ['ann', 'bo', 'cy'].map(addressOfPerson),
    );
    for (const line of lines)
      expect(line).toMatchObject({ channel: 'email', event_id: event.id, attempt: 1, outcome: 'delivered' });
  });

  test('tell of another disabling by another mail', async () => {
    const workspace = await begin(['ann']);
    await startTwo();
    await workspace.create('req_1');
    const first = await disabling(workspace);
    await until(async () => expect(await ended(first)).toBe(1));
    receiver.answerWith(410);
    await workspace.addDestination(receiver.url, { name: 'Ops' });
    await workspace.create('req_2');
    const second = await until(async () => {
      const event = await disabling(workspace);
      expect(event.id).not.toBe(first.id);
      return event;
    });
    await until(async () => expect(await ended(second)).toBe(1));
    const told = peer.received.filter(({ mail }) => mail.subject?.startsWith('Countersign:'));
    expect(new Set(told.map(({ mail }) => mail.messageId)).size).toBe(2);
    expect(told).toHaveLength(2);
  });

  test('try again on the schedule while the mail server is away, and the log has each attempt', async () => {
    const workspace = await begin(['ann']);
    peer.misbehave({ at: 'greeting', status: 421 }, { at: 'message', goes: 'away' });
    await startTwo();
    await workspace.create('req_1');
    const event = await disabling(workspace);
    await until(async () => expect(await ended(event)).toBe(1));
    expect((await told(workspace)).map(({ attempt, outcome }) => [attempt, outcome])).toEqual([
      [1, 'failed'],
      [2, 'failed'],
      [3, 'delivered'],
    ]);
    expect(recipients()).toEqual(['ann@acme.example']);
  });

  test('give up when the schedule is through', async () => {
    const workspace = await begin(['ann']);
    peer.misbehave(...Array.from({ length: 3 }, () => ({ at: 'greeting', status: 421 }) as const));
    await startTwo();
    await workspace.create('req_1');
    const event = await disabling(workspace);
    await until(async () => expect(await ended(event)).toBe(1));
    expect((await told(workspace)).map(({ outcome }) => outcome)).toEqual(['failed', 'failed', 'gave_up']);
    expect(recipients()).toEqual([]);
  });

  test('say in the log that nobody is told where no mail is set up', async () => {
    const workspace = await begin(['ann']);
    await startTwo({});
    await workspace.create('req_1');
    const event = await disabling(workspace);
    await until(async () => expect(await ended(event)).toBe(1));
    expect(await told(workspace)).toMatchObject([{ outcome: 'not_tried', code: 'mail_not_set_up' }]);
  });

  test('have nothing to tell once the destination is in use again', async () => {
    const workspace = await begin(['ann']);
    peer.misbehave({ at: 'greeting', goes: 'silent' }, { at: 'greeting', goes: 'silent' });
    await startTwo();
    await workspace.create('req_1');
    const event = await disabling(workspace);
    await until(() => expect(peer.connections()).toBe(1));
    await workspace.addDestination(receiver.url, { name: 'Ops' });
    await until(async () => expect(await ended(event)).toBe(1));
    expect(recipients()).toEqual([]);
    expect((await told(workspace)).map(({ outcome }) => outcome)).not.toContain('gave_up');
  });
});

test('law 9: notifiers that are killed again and again tell every owner, and never by two different mails', async () => {
  const owners = Array.from({ length: 8 }, (_, i) => `owner-${i}`);
  const workspace = await begin(owners);
  // Slow enough to be killed while it speaks.
  peer.misbehave(
    ...Array.from({ length: 3 }, () => ({ at: 'message', goes: 'silent' }) as const),
    { at: 'message', goes: 'away', taken: true },
    { at: 'recipient', status: 451 },
  );
  const running = [startNotifierProcess(server.url, peer.url), startNotifierProcess(server.url, peer.url)];
  await workspace.create('req_1');
  const event = await disabling(workspace);
  const kills = 3;
  for (let i = 0; i < kills; i += 1) {
    const before = peer.connections();
    await until(async () =>
      expect(peer.connections() > before || (await ended(event)) === owners.length).toBe(true),
    );
    const victim = running.shift();
    if (victim !== undefined) await kill9(victim);
    running.push(startNotifierProcess(server.url, peer.url));
  }
  await until(async () => expect(await ended(event)).toBe(owners.length));
  const mails = peer.received.filter(({ mail }) => mail.subject?.startsWith('Countersign:'));
  const byPerson = Map.groupBy(mails, ({ recipients: [to] }) => to);
  expect([...byPerson.keys()].sort()).toEqual(owners.map((id) => `${id}@acme.example`));
  for (const theirs of byPerson.values())
    expect(new Set(theirs.map(({ mail }) => mail.messageId)).size).toBe(1);
  // One answer was lost; a kill can lose as many as are under way in one process at once.
  expect(mails.length - owners.length).toBeLessThanOrEqual(1 + 4 * kills);
}, 60_000);

test('law 9: an event that is handed over twice tells once, and so does a job that is done twice', async () => {
  const workspace = await begin(['ann']);
  await startTwo();
  await workspace.create('req_1');
  const event = await disabling(workspace);
  await until(async () => expect(await ended(event)).toBe(1));
  // As after a crash between doing it and acknowledging it: the group reads it once more.
  await redis.xgroup('SETID', workspace.keys.feed, 'notifier', `${Number(event.id.split('-')[0]) - 1}-0`);
  await until(async () => expect(await workspace.unhandled()).toBe(0));
  const logger = pino({ level: 'silent' });
  const teller = {
    redis,
    logger,
    directory: directoryReader(redis, () => {}),
    mailer: makeMailer({ url: peer.url, from: 'approvals@acme.example', timeoutMs: 5_000 }),
    settings: {},
    metrics: notifierMetrics(async () => []),
    clock: async () => event.at,
  };
  const { id: event_id, at } = event;
  const telling = { workspace: 'owned', event_id, destination: 'dst_1', at, person: 'ann' };
  expect(await tellOwner(teller, telling, 2, false)).toBe('told_already');
  expect(recipients()).toEqual(['ann@acme.example']);
});

test('law 12: the job that tells an owner holds ids and times only', async () => {
  const workspace = await begin(['ann']);
  await startTwo({});
  await workspace.create('req_1');
  const event = await disabling(workspace);
  await until(async () => expect(await ended(event)).toBe(1));
  const job = await redis.hgetall(`${bullPrefix}:${queues.errands}:owned_${event.id}_ann`);
  expect(JSON.parse(job.data ?? '{}')).toEqual({
    workspace: 'owned',
    event_id: event.id,
    destination: 'dst_1',
    kind: 'tell_owner',
    person: 'ann',
    at: event.at,
  });
});
