import type { Preferences } from '@countersign/shared/contracts';
import type { PersonRecord } from '@countersign/shared/directory';
import { queueMember } from '@countersign/shared/keys';
import { defaultPreferences } from '@countersign/shared/preferences';
import { audienceOf, type Payload, type RequestRecord, tierRank } from '@countersign/shared/request';
import { addressOfPerson } from '@countersign/shared/routing';
import type { Redis } from 'ioredis';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { makeMailer } from '../../../services/notifier/channels/mailer.ts';
import { openDigestQueue } from '../../../services/notifier/digest/digest-queue.ts';
import { type DigestClerk, queueDueDigests } from '../../../services/notifier/digest/due.ts';
import { type DigestSender, sendDigest } from '../../../services/notifier/digest/send-digest.ts';
import { startDigests } from '../../../services/notifier/digest/start.ts';
import { directoryReader } from '../../../services/notifier/dispatch/directory.ts';
import { notifierMetrics } from '../../../services/notifier/metrics.ts';
import { startTestRedis, type TestRedis } from '../../support/redis.ts';
import { type SmtpPeer, startSmtpPeer } from '../../support/smtp-peer.ts';
import { pendingRequest, type TestWorkspace, testWorkspace } from '../workspace.ts';

const logger = pino({ level: 'silent' });
const minute = 60_000;
/** Nine o'clock in Berlin, on a Saturday. */
const nine = Date.UTC(2026, 10, 21, 8, 0);
const wishes: Preferences = {
  ...defaultPreferences,
  digest_at: ['09:00', '17:00'],
  time_zone: 'Europe/Berlin',
};

let server: TestRedis;
let redis: Redis;
let peer: SmtpPeer;
let now: number;
let workspace: TestWorkspace;
let made = 0;
const stops: (() => Promise<void>)[] = [];

beforeAll(async () => {
  [server, peer] = await Promise.all([startTestRedis(), startSmtpPeer()]);
  redis = server.client();
});
afterAll(async () => {
  await Promise.all([server.stop(), peer.stop()]);
});
beforeEach(async () => {
  await redis.flushall();
  peer.received.length = 0;
  now = nine - 30_000;
  workspace = testWorkspace(redis, `digests-${made++}`);
  await workspace.open();
});
afterEach(async () => {
  await Promise.all(stops.splice(0).map((stop) => stop()));
});

const directory = () => directoryReader(redis, () => {});
const clock = async () => now;

function sender(): DigestSender {
  return {
    redis,
    directory: directory(),
    mailer: makeMailer({ url: peer.url, from: 'approvals@acme.example', timeoutMs: 5_000 }),
    settings: { publicUrl: 'https://approve.example' },
    metrics: notifierMetrics(async () => []),
    logger,
    clock,
  };
}

function clerk(): DigestClerk {
  const queue = openDigestQueue(server.client({ maxRetriesPerRequest: null }), () => {});
  stops.push(() => queue.close());
  return { ...sender(), queue, everyMs: minute, attempts: 3, pauseMs: 10 };
}

/** A reviewer, of a group where one is given. */
async function reviewer(id: string, preferences: Preferences = wishes, person: Partial<PersonRecord> = {}) {
  await workspace.addKey({ id: `k-${id}`, owner: id, roles: ['reviewer'] });
  await workspace.addPerson({ id, name: id, email: `${id}@acme.example`, groups: [], ...person });
  await redis.hset(workspace.keys.preferences, id, JSON.stringify(preferences));
  await redis.hincrby(workspace.keys.state, 'preferences', 1);
}

/** A request as intake leaves it: record, payload, place in the queues. */
async function waits(id: string, tier: RequestRecord['terms']['tier'], change: Partial<RequestRecord> = {}) {
  const request = pendingRequest(workspace.name, id, {
    created_at: now - minute,
    expires_at: nine + 90 * minute,
    ...change,
  });
  const record = { ...request, terms: { ...request.terms, tier } };
  const payload: Payload = { args: { amount: 80, currency: 'EUR' }, salt: 's', why: [] };
  await redis.set(workspace.keys.payload(id, 1), JSON.stringify(payload));
  await redis.hset(workspace.keys.request(id), 'revision', 1, 'record', JSON.stringify(record));
  for (const audience of audienceOf(record)) {
    const score = tierRank[tier] * 1e13 + (record.expires_at ?? 9e12);
    await redis.zadd(workspace.keys.queue(audience), score, queueMember(id, [record.owner]));
  }
}

/** A call that ran before anyone looked, as intake leaves it: its place is in a list of its own. */
async function ran(id: string, until: number) {
  const request = pendingRequest(workspace.name, id, {
    status: 'running',
    expires_at: null,
    created_at: now - minute,
    consumed: { at: now - minute, jti: 't' },
    review: { window_ms: minute, sample: 1, undo_within_ms: minute, until },
  });
  const payload: Payload = { args: { amount: 80, currency: 'EUR' }, salt: 's', why: [] };
  await redis.set(workspace.keys.payload(id, 1), JSON.stringify(payload));
  await redis.hset(workspace.keys.request(id), 'revision', 1, 'record', JSON.stringify(request));
  await redis.zadd(workspace.keys.reviews('any'), until, queueMember(id, [request.owner]));
}

/** Looks, lets time pass, looks again, and sends whatever is due then; gives what came of each. */
async function pass(ms: number): Promise<string[]> {
  const { queue, jobs } = await dueWithin(ms);
  const results: string[] = [];
  for (const { data, id } of jobs) {
    results.push(await sendDigest(sender(), data, 1, false));
    await queue.remove(String(id));
  }
  return results;
}

/** What falls due while so much time goes by, queued and not sent. */
async function dueWithin(ms: number) {
  const looking = clerk();
  await queueDueDigests(looking);
  now += ms;
  await queueDueDigests(looking);
  return { queue: looking.queue, jobs: await looking.queue.getJobs() };
}

describe('a digest', () => {
  test('tells what ran and may still be looked at, whatever its tier, and nobody whose run it was', async () => {
    await reviewer('ann');
    await reviewer('dev');
    await ran('req_ran', nine + 90 * minute);
    await ran('req_over', nine - 10 * minute);
    expect((await pass(minute)).sort()).toEqual(['nothing_waits', 'sent']);
    expect(peer.received).toHaveLength(1);
    const [mail] = peer.received;
    expect(JSON.stringify(mail)).toContain('1 to look at');
    expect(JSON.stringify(mail)).toContain('req_ran');
    expect(JSON.stringify(mail)).not.toContain('req_over');
  });

  test('comes at the time on the person’s own clock, and tells what waits that did not interrupt', async () => {
    await reviewer('ann');
    await waits('req_low', 'low');
    await waits('req_medium', 'medium');
    await waits('req_high', 'high');
    expect(await pass(minute)).toEqual(['sent']);
    expect(peer.received).toHaveLength(1);
    const mail = peer.received[0]?.mail;
    expect(peer.received[0]?.recipients).toEqual(['ann@acme.example']);
    expect(mail?.subject).toBe('Countersign: 2 waiting (1 medium, 1 low)');
    for (const form of [mail?.text, mail?.html]) {
      expect(form).toContain('1 that you were told of still waits');
      expect(form).toContain('https://approve.example/app/#/request/req_low');
      expect(form).toContain('https://approve.example/app/#/');
      expect(form).not.toContain('req_high');
    }
    expect(mail?.text?.indexOf('req_medium')).toBeLessThan(mail?.text?.indexOf('req_low') ?? 0);
    expect(mail?.text).toContain('until Sat 21 Nov, 10:30 CET (1 hour 29 minutes left)');
  });

  test('law 10: tells nothing of what was planted, and is no mail where nothing else waits', async () => {
    await reviewer('ann');
    const planted = { kind: 'extra_zero', path: 'amount', difficulty: 'plain', source: 'req_0' } as const;
    await waits('req_planted', 'medium', { planted });
    expect(await pass(minute)).toEqual(['nothing_waits']);
    await waits('req_too', 'medium', { planted, expires_at: nine + 24 * 60 * minute });
    await waits('req_by_hand', 'medium', { expires_at: nine + 24 * 60 * minute });
    expect(await pass(8 * 60 * minute)).toEqual(['sent']);
    const [mail] = peer.received;
    expect(JSON.stringify(mail)).toContain('req_by_hand');
    expect(JSON.stringify(mail)).toContain('1 waiting');
    expect(JSON.stringify(mail)).not.toMatch(/req_planted|req_too/);
  });

  test('comes once: another look in the same minute, and all until the next time, finds nothing due', async () => {
    await reviewer('ann');
    await waits('req_low', 'low');
    expect(await pass(minute)).toEqual(['sent']);
    expect(await pass(0)).toEqual([]);
    expect(await pass(4 * 60 * minute)).toEqual([]);
    await waits('req_late', 'low', { expires_at: null });
    expect(await pass(4 * 60 * minute)).toEqual(['sent']);
  });

  test('is not sent before its time, nor to those who want none', async () => {
    await reviewer('ann');
    await reviewer('bo', { ...wishes, digest_at: [] });
    await waits('req_low', 'low');
    expect(await pass(20_000)).toEqual([]);
  });

  test('is no mail where nothing waits, or nothing that did not interrupt, or nothing any more', async () => {
    await reviewer('ann');
    await waits('req_high', 'high');
    await waits('req_over', 'low', { expires_at: nine - minute });
    expect(await pass(minute)).toEqual(['nothing_waits']);
    expect(peer.received).toEqual([]);
  });

  test('tells of what came in quiet hours, and of what could not reach its person at once', async () => {
    const quiet = { ...wishes, quiet_hours: [{ from: '00:00', to: '08:00' }] };
    await reviewer('ann', quiet);
    await reviewer('bo', { ...wishes, channels: { ...wishes.channels, high: ['push'] } });
    await waits('req_night', 'high', { created_at: nine - 3 * 60 * minute });
    await waits('req_alarm', 'critical', { created_at: nine - 3 * 60 * minute });
    expect(await pass(minute)).toEqual(['sent', 'sent']);
    const subjects = peer.received.map(({ recipients, mail }) => `${recipients[0]} ${mail.subject}`);
    expect(subjects.sort()).toEqual([
      'ann@acme.example Countersign: 1 waiting (1 high)',
      'bo@acme.example Countersign: 1 waiting (1 high)',
    ]);
  });

  test('leaves out what policy told of at once, whatever its tier', async () => {
    await reviewer('ann');
    await waits('req_low', 'low', { channels: ['email'] });
    expect(await pass(minute)).toEqual(['nothing_waits']);
  });

  test('holds only what its person may decide: their groups’, and never what they are a party to', async () => {
    const slots = (from: string[]) => ({ requirements: [{ rule: 'r', slots: [{ from, need: 1 }] }] });
    const { terms } = pendingRequest('w', 'r');
    await reviewer('ann', wishes, { groups: ['finance'] });
    await waits('req_finance', 'low', { terms: { ...terms, ...slots(['finance']) } });
    await waits('req_oncall', 'low', { terms: { ...terms, ...slots(['oncall']) } });
    await waits('req_own', 'low', { owner: 'ann' });
    expect(await pass(minute)).toEqual(['sent']);
    expect(peer.received[0]?.mail.text).toContain('req_finance');
    expect(peer.received[0]?.mail.text).not.toMatch(/req_oncall|req_own/);
  });

  test('names twenty and counts the rest', async () => {
    await reviewer('ann');
    for (let i = 0; i < 23; i += 1) await waits(`req_${i}`, 'low');
    expect(await pass(minute)).toEqual(['sent']);
    const text = peer.received[0]?.mail.text ?? '';
    expect(text.match(/#\/request\//g)).toHaveLength(20);
    expect(text).toContain('3 more in the queue.');
  });

  test('does not come to someone who is away, nor theirs to whoever stands in; nor all at once when they are back', async () => {
    const absence = {
      from: new Date(nine - 60 * minute).toISOString(),
      until: new Date(nine + 60 * minute).toISOString(),
      delegate: 'bo',
    };
    await reviewer('ann', { ...wishes, absence });
    await reviewer('bo', { ...wishes, digest_at: [] });
    await waits('req_low', 'low', { expires_at: null });
    expect(await pass(minute)).toEqual([]);
    now = nine + 61 * minute;
    expect(await pass(minute)).toEqual([]);
    now = nine + 8 * 60 * minute - 30_000;
    expect(await pass(minute)).toEqual(['sent']);
  });

  test('does not come to those who may not review, or have no address', async () => {
    await reviewer('ann');
    await workspace.addPerson({ id: 'ann', name: 'Ann', groups: [] });
    await workspace.addPerson({ id: 'lee', name: 'Lee', email: 'lee@acme.example', groups: [] });
    await redis.hset(workspace.keys.preferences, 'lee', JSON.stringify(wishes));
    await waits('req_low', 'low');
    expect(await pass(minute)).toEqual([]);
  });

  test('law 13: tells nobody of another workspace', async () => {
    await reviewer('ann');
    const other = testWorkspace(redis, `other-${made++}`);
    await other.open();
    await redis.zadd(other.keys.queue('any'), 1, queueMember('req_theirs', []));
    expect(await pass(minute)).toEqual(['nothing_waits']);
  });

  test('law 9: is not sent again by a process that takes over what another had done', async () => {
    await reviewer('ann');
    await waits('req_low', 'low');
    const [job] = (await dueWithin(minute)).jobs;
    if (job === undefined) throw new Error('nothing was due');
    expect(await sendDigest(sender(), job.data, 1, false)).toBe('sent');
    expect(await sendDigest(sender(), job.data, 1, false)).toBe('told_already');
    expect(peer.received).toHaveLength(1);
  });

  test('is in the delivery log like any other mail, each attempt with what the server said', async () => {
    await reviewer('ann');
    await waits('req_low', 'low');
    const [job] = (await dueWithin(minute)).jobs;
    if (job === undefined) throw new Error('nothing was due');
    peer.misbehave({ at: 'message', status: 452 }, { at: 'message', goes: 'away' });
    for (const number of [1, 2, 3]) await sendDigest(sender(), job.data, number, false);
    const lines = await workspace.attempts();
    const [messageId = ''] = peer.received.map(({ mail }) => mail.messageId);
    const digest = { channel: 'email', destination: addressOfPerson('ann'), event_type: 'digest' };
    const event_id = messageId.slice(1, messageId.indexOf('@'));
    expect(lines).toEqual([
      expect.objectContaining({ ...digest, event_id, attempt: 1, outcome: 'failed', code: 'smtp_452' }),
      expect.objectContaining({ ...digest, event_id, attempt: 2, outcome: 'failed' }),
      expect.objectContaining({ ...digest, event_id, attempt: 3, outcome: 'delivered', status: 250 }),
    ]);
    expect(lines[0]).not.toHaveProperty('request_id');
  });

  test('law 12: its job holds names and moments only', async () => {
    await reviewer('ann');
    await waits('req_low', 'low');
    const [job] = (await dueWithin(minute)).jobs;
    expect(Object.keys(job?.data ?? {}).sort()).toEqual(['at', 'person', 'since', 'workspace']);
  });
});

describe('two notifiers', () => {
  function both(everyMs = 20) {
    for (let i = 0; i < 2; i += 1) {
      const connection = () => server.client({ maxRetriesPerRequest: null });
      const running = startDigests({
        ...sender(),
        working: connection(),
        adding: connection(),
        onError: () => {},
        takeOverMs: 5_000,
        everyMs,
        pauseMs: 20,
      });
      stops.push(() => running.stop());
    }
  }
  const told = async () => Number(await redis.hget(workspace.keys.digests, 'ann'));

  test('send one mail between them', async () => {
    await reviewer('ann');
    await waits('req_low', 'low', { expires_at: null });
    both();
    await expect.poll(told).toBeGreaterThan(0);
    now = nine;
    await expect.poll(told).toBe(nine);
    // The next one comes after whatever a second sender of this one would have sent.
    now = nine + 8 * 60 * minute;
    await expect.poll(told).toBe(now);
    expect(peer.received).toHaveLength(2);
    expect(new Set(peer.received.map(({ mail }) => mail.messageId)).size).toBe(2);
  });

  test('try again while the mail server is away, and then send one', async () => {
    await reviewer('ann');
    await waits('req_low', 'low');
    both();
    await expect.poll(told).toBeGreaterThan(0);
    peer.misbehave({ at: 'greeting', status: 421 }, { at: 'message', status: 452 });
    now = nine;
    await expect.poll(() => peer.received.length).toBe(1);
    await expect.poll(told).toBe(nine);
  });

  test('give up what the server refuses for good, and go on with the next', async () => {
    await reviewer('ann');
    await waits('req_low', 'low', { expires_at: null });
    both();
    await expect.poll(told).toBeGreaterThan(0);
    peer.misbehave({ at: 'recipient', status: 550, text: '5.1.1 User unknown' });
    now = nine;
    await expect.poll(told).toBe(nine);
    expect(peer.received).toEqual([]);
    now = nine + 8 * 60 * minute;
    await expect.poll(() => peer.received.length).toBe(1);
  });
});
