import type { JsonObject } from '@countersign/shared/contracts';
import type { DestinationRecord } from '@countersign/shared/directory';
import type { RequestRecord } from '@countersign/shared/request';
import type { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type Address,
  type Attempt,
  addressOfPerson,
  type Notice,
  type Outcome,
} from '../../../services/notifier/channels/channel.ts';
import { emailChannel } from '../../../services/notifier/channels/email.ts';
import { makeMailer, needsTls } from '../../../services/notifier/channels/mailer.ts';
import { startTestRedis, type TestRedis } from '../../support/redis.ts';
import { type Letter, type Misbehaviour, type SmtpPeer, startSmtpPeer } from '../../support/smtp-peer.ts';
import { startWebhookReceiver, type WebhookReceiver } from '../../support/webhook-receiver.ts';
import { addressOf, anyTarget, conforms, type Fault, firstAttempt, noticeFor } from '../conformance.ts';
import { type TestWorkspace, testWorkspace } from '../workspace.ts';

const login = { user: 'countersign', pass: 'p@ss:word/1' };
const from = 'Countersign <approvals@acme.example>';
const timeoutMs = 1_000;

let server: TestRedis;
let redis: Redis;
let peer: SmtpPeer;
let stranger: WebhookReceiver;

beforeAll(async () => {
  [server, peer, stranger] = await Promise.all([
    startTestRedis(),
    startSmtpPeer({ login, tls: true }),
    startWebhookReceiver(),
  ]);
  redis = server.client();
});
afterAll(async () => {
  await Promise.all([server.stop(), peer.stop(), stranger.stop()]);
});

/** The peer's certificate is its own; what a URL may say to nodemailer, an operator may say too. */
const channelTo = (url: string) =>
  emailChannel(redis, makeMailer({ url: `${url}?tls.rejectUnauthorized=false`, from, timeoutMs }));
const channel = () => channelTo(peer.url);

async function place(
  workspace: TestWorkspace,
  to: string[] = ['ops@acme.example'],
  change: Partial<DestinationRecord> = {},
  request: Partial<RequestRecord> = {},
): Promise<Address> {
  await workspace.addDestination('', { kind: 'email', to, ...change });
  return addressOf(workspace, 'dst_1', request);
}

let made = 0;
const fresh = () => testWorkspace(redis, `mail-${made++}`);

const again = { kind: 'failed', retry: 'scheduled', gone: false } as const;
const never = { kind: 'failed', retry: 'never', gone: false } as const;
const fault = (what: string, next: Misbehaviour, outcome: Fault['outcome']): Fault => ({
  what,
  next: () => peer.misbehave(next),
  outcome,
});
const faults: Fault[] = [
  fault('421 instead of a greeting', { at: 'greeting', status: 421 }, { ...again, code: 'smtp_421' }),
  fault('535 to the login', { at: 'login', status: 535 }, { ...again, code: 'smtp_535', status: 535 }),
  fault('550 to the sender', { at: 'sender', status: 550 }, { ...again, code: 'smtp_550' }),
  fault('451 to the recipient', { at: 'recipient', status: 451 }, { ...again, code: 'smtp_451' }),
  fault(
    '550 5.7.1 to the recipient: not from here',
    { at: 'recipient', status: 550, text: '5.7.1 Relaying denied' },
    { ...never, code: 'smtp_550' },
  ),
  fault(
    '550 5.1.1 to the recipient: nobody has this address',
    { at: 'recipient', status: 550, text: '5.1.1 User unknown' },
    { ...never, code: 'smtp_550', gone: true },
  ),
  fault('452 to the message', { at: 'message', status: 452 }, { ...again, code: 'smtp_452' }),
  fault('554 to the message', { at: 'message', status: 554 }, { ...never, code: 'smtp_554' }),
  fault('nothing at all', { at: 'greeting', goes: 'silent' }, { ...again, code: 'timeout' }),
  fault('a byte at a time', { at: 'greeting', goes: 'dripping' }, { ...again, code: 'timeout' }),
  fault('silence after the message', { at: 'message', goes: 'silent' }, { ...again, code: 'timeout' }),
  fault('a broken connection', { at: 'message', goes: 'away' }, { ...again, code: 'connection_closed' }),
];

conforms('email', {
  place,
  channel: async () => anyTarget(channel()),
  redis: () => redis,
  arrived: () => peer.connections(),
  faults,
  reference: () => peer.received.at(-1)?.mail.messageId,
  operatorsServer: {
    astray: (workspace) =>
      place(workspace, ['ops@127.0.0.1'], { url: stranger.url, headers: { host: '127.0.0.1' } }),
    strays: () => stranger.received.length,
  },
});

/** Tells of a request, as a deliverer would attempt after attempt: what an attempt keeps, the next one gets. */
function thread(at: Address) {
  let kept: JsonObject | undefined;
  let tried = false;
  return {
    async tell(
      type: string,
      change: Partial<RequestRecord> = {},
      attempt: Partial<Attempt> = {},
    ): Promise<{ outcome: Outcome; letters: Letter[] }> {
      const mail = channel();
      const found = await mail.find(at);
      if (!found.found) throw new Error(found.why);
      const before = peer.received.length;
      const now = { ...at, request: { ...at.request, ...change } };
      const notice = noticeFor(now, { type, id: `${at.workspace}_${type}` });
      const outcome = await mail.deliver(found.target, notice, { ...firstAttempt, tried, kept, ...attempt });
      if ('keep' in outcome && outcome.keep !== undefined) kept = outcome.keep;
      tried = true;
      return { outcome, letters: peer.received.slice(before) };
    },
  };
}

const approved = { status: 'approved', decided_by: 'ann', decided_at: 1 } as const;

describe('a mail', () => {
  test('is sent logged in and encrypted, says whom it is for and from, and that a machine sent it', async () => {
    const { letters } = await thread(await place(fresh())).tell('request.created');
    expect(letters).toHaveLength(1);
    const [letter] = letters;
    expect(letter).toMatchObject({
      user: login.user,
      secure: true,
      sender: 'approvals@acme.example',
      recipients: ['ops@acme.example'],
    });
    const header = (key: string) => letter?.mail.headers.find((each) => each.key === key)?.value;
    expect(letter?.mail.from).toEqual({ name: 'Countersign', address: 'approvals@acme.example' });
    expect(header('auto-submitted')).toBe('auto-generated');
    expect(header('list-id')).toMatch(/<mail-\d+\.countersign\.acme\.example>$/);
    expect(header('x-countersign-request')).toBe('req_1');
    expect(letter?.mail.subject).toMatch(/^\[high\] /);
    expect(letter?.mail.text).toContain('https://approve.example/app/#/request/req_1');
    expect(letter?.mail.html).toContain('https://approve.example/app/#/request/req_1');
  });

  test('goes to a person at the address on their record, on their own clock', async () => {
    const workspace = fresh();
    await workspace.addPerson({ id: 'ann', name: 'Ann', email: 'ann@acme.example', groups: [] });
    await redis.hset(workspace.keys.preferences, 'ann', JSON.stringify({ time_zone: 'Asia/Tokyo' }));
    const at = addressOf(workspace, addressOfPerson('ann'), { expires_at: Date.UTC(2026, 0, 1, 12, 0) });
    const { letters } = await thread(at).tell('request.created', {}, { now: Date.UTC(2026, 0, 1, 11, 0) });
    expect(letters[0]?.recipients).toEqual(['ann@acme.example']);
    expect(letters[0]?.mail.text).toContain('21:00 GMT+9 (1 hour after this was sent)');
  });

  test('is not sent any more to someone whose keys were all revoked', async () => {
    const workspace = fresh();
    await workspace.addPerson({ id: 'ann', name: 'Ann', email: 'ann@acme.example', groups: [] });
    await workspace.addKey({ id: 'old', owner: 'ann', roles: ['reviewer'], revoked_at: 1 });
    const at = addressOf(workspace, addressOfPerson('ann'));
    expect(await channel().find(at)).toEqual({ found: false, why: 'key_revoked', quiet: true });
    await workspace.addKey({ id: 'new', owner: 'ann', roles: ['reviewer'] });
    expect(await channel().find(at)).toMatchObject({ found: true });
  });

  test('is not sent to someone without an address, which is no news', async () => {
    const workspace = fresh();
    await workspace.addPerson({ id: 'bo', name: 'Bo', groups: [] });
    const found = await channel().find(addressOf(workspace, addressOfPerson('bo')));
    expect(found).toEqual({ found: false, why: 'no_address', quiet: true });
  });

  test('is not sent where no server is set up, which is news for a destination only', async () => {
    const workspace = fresh();
    await workspace.addPerson({ id: 'ann', name: 'Ann', email: 'ann@acme.example', groups: [] });
    const nothing = emailChannel(redis, undefined);
    expect(await nothing.find(await place(workspace))).toMatchObject({
      why: 'mail_not_set_up',
      quiet: false,
    });
    expect(await nothing.find(addressOf(workspace, addressOfPerson('ann')))).toMatchObject({
      why: 'mail_not_set_up',
      quiet: true,
    });
  });

  test('law 12: its secrets are the URL and the password, as written and as sent', async () => {
    const secrets = channel().secrets({ to: [], always: false, timeZone: 'UTC' });
    expect(secrets).toContain(login.pass);
    expect(secrets).toContain(encodeURIComponent(login.pass));
    expect(secrets.some((secret) => secret.startsWith(peer.url))).toBe(true);
  });

  test.each([
    'ann@acme.example\r\nRCPT TO:<evil@example.com>',
    'ann@acme.example, evil@example.com',
    'Ann <ann@acme.example>',
    'nobody',
  ])('goes to bare addresses only, not to %j', async (address) => {
    const found = await channel().find(await place(fresh(), ['ops@acme.example', address]));
    expect(found).toEqual({ found: false, why: 'destination_incomplete', quiet: false });
  });

  test.each([
    ['smtp://user:pass@mail.example.com', true],
    ['smtp://user:pass@mail.example.com?requireTLS=false', false],
    ['smtp://mail.example.com', false],
    ['smtp://user:pass@127.0.0.1:2525', false],
  ])('law 12: no password crosses a network unencrypted: %s', (url, needed) => {
    expect(needsTls(url)).toBe(needed);
  });

  test('that a log-in is refused for names no secret', async () => {
    const wrong = channelTo(peer.url.replace(encodeURIComponent(login.pass), 'guess-7421'));
    const at = await place(fresh());
    const found = await wrong.find(at);
    if (!found.found) throw new Error(found.why);
    const outcome = await wrong.deliver(found.target, noticeFor(at), firstAttempt);
    expect(outcome).toMatchObject({ kind: 'failed', code: 'smtp_535', retry: 'scheduled' });
    expect(JSON.stringify(outcome)).not.toContain('guess-7421');
  });

  test('finds nobody listening: the network’s word for it', async () => {
    const gone = await startSmtpPeer();
    await gone.stop();
    const at = await place(fresh());
    const mail = channelTo(gone.url);
    const found = await mail.find(at);
    if (!found.found) throw new Error(found.why);
    const outcome = await mail.deliver(found.target, noticeFor(at), firstAttempt);
    expect(outcome).toMatchObject({ kind: 'failed', code: 'econnrefused', retry: 'scheduled' });
  });
});

describe('a thread', () => {
  test('is opened by the first mail; the decision goes on in it', async () => {
    const about = thread(await place(fresh()));
    const first = (await about.tell('request.created')).letters[0]?.mail;
    const second = (await about.tell('request.approved', approved)).letters[0]?.mail;
    expect(first?.inReplyTo).toBeUndefined();
    expect(second?.inReplyTo).toBe(first?.messageId);
    expect(second?.references).toBe(first?.messageId);
    expect(second?.messageId).not.toBe(first?.messageId);
    expect(second?.subject).toBe(`Re: ${first?.subject}`);
    expect(second?.text).toContain('Approved by ann');
  });

  test('is not closed for those who never heard of it', async () => {
    const { outcome, letters } = await thread(await place(fresh())).tell('request.approved', approved);
    expect(outcome).toEqual({ kind: 'not_needed' });
    expect(letters).toEqual([]);
  });

  test('is closed unasked for a destination that wants to hear of just that', async () => {
    const at = await place(fresh(), undefined, { match: { events: ['request.approved'] } });
    expect((await thread(at).tell('request.approved', approved)).letters).toHaveLength(1);
  });

  test('is not closed when the ask certainly never arrived', async () => {
    const about = thread(await place(fresh()));
    peer.misbehave({ at: 'sender', status: 451 });
    expect((await about.tell('request.created')).letters).toEqual([]);
    expect((await about.tell('request.rejected', { status: 'rejected' })).outcome.kind).toBe('not_needed');
  });

  test('is closed when the ask may have arrived: its answer was lost, or the process that sent it', async () => {
    const lost = thread(await place(fresh()));
    peer.misbehave({ at: 'message', goes: 'away', taken: true });
    const asked = await lost.tell('request.created');
    expect(asked.outcome).toMatchObject({ kind: 'failed', retry: 'scheduled' });
    const closed = (await lost.tell('request.timed_out', { status: 'timed_out' })).letters[0]?.mail;
    expect(closed?.inReplyTo).toBe(asked.letters[0]?.mail.messageId);

    const killed = thread(await place(fresh()));
    const told = await killed.tell('request.timed_out', { status: 'timed_out' }, { tried: true });
    expect(told.letters).toHaveLength(1);
  });

  test('is not closed twice with the same words, and goes on when there is something new', async () => {
    const about = thread(await place(fresh(), undefined));
    await about.tell('request.created');
    await about.tell('request.approved', approved);
    expect((await about.tell('token.consumed', approved)).outcome.kind).toBe('not_needed');
    const outcome = { status: 'failed', at: 2 } as const;
    const ran = await about.tell('outcome.reported', { ...approved, outcome });
    expect(ran.letters[0]?.mail.text).toContain('The tool ran, and failed.');
  });

  test('is told again as it stands when an admin wants it replayed, heard of before or not', async () => {
    const about = thread(await place(fresh()));
    await about.tell('request.created');
    await about.tell('request.approved', approved);
    const replayed = await about.tell('delivery.replay_requested', approved, { replay: true });
    expect(replayed.letters[0]?.mail.text).toContain('Approved by ann');
    const unheard = await thread(await place(fresh())).tell('delivery.replay_requested', approved, {
      replay: true,
    });
    expect(unheard.letters).toHaveLength(1);
  });

  test('says that time is up before anybody has noticed it', async () => {
    const about = thread(await place(fresh()));
    await about.tell('request.created');
    const late = await about.tell('request.reminded', { expires_at: 1 });
    expect(late.letters[0]?.mail.text).toContain('Nobody decided in time');
    expect((await about.tell('request.timed_out', { status: 'timed_out' })).outcome.kind).toBe('not_needed');
  });

  test('doubles a mail when its answer was lost, and both have one Message-ID', async () => {
    const about = thread(await place(fresh()));
    peer.misbehave({ at: 'message', goes: 'away', taken: true });
    const [lost, repeated] = [await about.tell('request.created'), await about.tell('request.created')];
    expect(lost.letters).toHaveLength(1);
    expect(repeated.outcome.kind).toBe('delivered');
    expect(repeated.letters[0]?.mail.messageId).toBe(lost.letters[0]?.mail.messageId);
  });
});

describe('several addresses', () => {
  const everyone = ['ann@acme.example', 'bo@acme.example', 'cy@acme.example'];

  test('get one mail that names them all', async () => {
    const { letters } = await thread(await place(fresh(), everyone)).tell('request.created');
    expect(letters.map(({ recipients }) => recipients)).toEqual([everyone]);
    expect(letters[0]?.mail.to?.map(({ address }) => address)).toEqual(everyone);
  });

  test('are asked again only where the server would not have them yet, and the end goes to all of them', async () => {
    const about = thread(await place(fresh(), everyone));
    peer.misbehave({ at: 'recipient', status: 451, only: 'bo@acme.example' });
    const some = await about.tell('request.created');
    expect(some.outcome).toMatchObject({ kind: 'failed', code: 'smtp_451', retry: 'scheduled' });
    expect(some.letters[0]?.recipients).toEqual(['ann@acme.example', 'cy@acme.example']);
    const rest = await about.tell('request.created');
    expect(rest.outcome.kind).toBe('delivered');
    expect(rest.letters[0]?.recipients).toEqual(['bo@acme.example']);
    expect(rest.letters[0]?.mail.messageId).toBe(some.letters[0]?.mail.messageId);
    const end = await about.tell('request.approved', approved);
    expect(end.letters[0]?.recipients).toEqual(everyone);
  });

  test('are told without the one that does not exist, which the delivery log names', async () => {
    const about = thread(await place(fresh(), everyone));
    peer.misbehave({ at: 'recipient', status: 550, text: '5.1.1 No bo here', only: 'bo@acme.example' });
    const asked = await about.tell('request.created');
    expect(asked.outcome).toMatchObject({ kind: 'delivered', status: 250 });
    expect((asked.outcome as { response: string }).response).toContain('5.1.1 No bo here');
    const end = await about.tell('request.approved', approved);
    expect(end.letters[0]?.recipients).toEqual(['ann@acme.example', 'cy@acme.example']);
  });
});

test('a destination whose only address does not exist is disabled, unless someone has changed it since', async () => {
  const workspace = fresh();
  const at = await place(workspace);
  const stored = async () => JSON.parse((await redis.hget(workspace.keys.destinations, 'dst_1')) ?? '{}');
  const mail = channel();
  const found = await mail.find(at);
  if (!found.found) throw new Error(found.why);
  await place(workspace, ['new@acme.example']);
  await mail.retire(at, found.target, 5);
  expect(await stored()).not.toHaveProperty('disabled');
  await place(workspace);
  await mail.retire(at, found.target, 5);
  expect(await stored()).toMatchObject({ disabled: { at: 5 } });
});

test('a message larger than the server takes is refused for good', async () => {
  const small = await startSmtpPeer({ size: 2_000 });
  const at = await place(fresh());
  const mail = channelTo(small.url);
  const found = await mail.find(at);
  if (!found.found) throw new Error(found.why);
  const notice: Notice = noticeFor(at);
  expect(await mail.deliver(found.target, notice, firstAttempt)).toMatchObject({
    code: 'smtp_552',
    retry: 'never',
  });
  await small.stop();
});
