import type { RequestRecord } from '@countersign/shared/request';
import type { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type Attempt,
  addressOfPerson,
  type Notice,
  type Outcome,
} from '../../../services/notifier/channels/channel.ts';
import { smsChannel } from '../../../services/notifier/channels/sms.ts';
import { disguises } from '../../support/disguises.ts';
import { startTestRedis, type TestRedis } from '../../support/redis.ts';
import { startTwilioPeer, type TwilioPeer } from '../../support/twilio-peer.ts';
import { addressOf, anyTarget, conforms, firstAttempt, httpFaults, noticeFor, out } from '../conformance.ts';
import { type TestWorkspace, testWorkspace } from '../workspace.ts';

let server: TestRedis;
let redis: Redis;
let peer: TwilioPeer;
beforeAll(async () => {
  [server, peer] = await Promise.all([startTestRedis(), startTwilioPeer()]);
  redis = server.client();
});
afterAll(() => Promise.all([server.stop(), peer.stop()]));

let numbers = 0;
const newNumber = () => `+4915${String(++numbers).padStart(8, '0')}`;
const add = (workspace: TestWorkspace, ...to: string[]) =>
  workspace.addDestination('', { kind: 'sms', to: to.length === 0 ? [newNumber()] : to });
const sms = (guarded = out) => smsChannel(redis, guarded, peer.account);

conforms('sms', {
  redis: () => redis,
  place: async (workspace) => {
    await add(workspace);
    return addressOf(workspace, 'dst_1');
  },
  channel: async (guarded) => anyTarget(sms(guarded)),
  arrived: () => peer.calls.length,
  faults: [
    ...httpFaults((...next) => peer.answerWith(...next), { knows: false }),
    {
      what: '401: the operator has yet to set the account right',
      next: () => peer.answerWith(401),
      outcome: { kind: 'failed', code: 'http_401', retry: 'scheduled' },
    },
    {
      what: '400: this number will never take a text',
      next: () => peer.answerWith(400),
      outcome: { kind: 'failed', code: 'http_400', retry: 'never', gone: false },
    },
  ],
  // Twilio has no idempotency key: what tells a person that two texts are one is the request they lead to.
  reference: () => peer.messages.at(-1)?.body.match(/\S+\/request\/\S+/)?.[0],
});

/** One address and one request over its life, with the memory that a delivery record has. */
function life(name: string, id = 'dst_1') {
  const workspace = testWorkspace(redis, name);
  const channel = sms();
  let memory: Pick<Attempt, 'tried' | 'kept'> = { tried: false, kept: undefined };
  return {
    workspace,
    async deliver(change: Partial<RequestRecord> = {}, notice: Partial<Notice> = {}): Promise<Outcome> {
      const at = addressOf(workspace, id, change);
      const found = await channel.find(at);
      if (!found.found) throw new Error(found.why);
      const attempt = { ...firstAttempt, now: Date.now(), ...memory };
      const outcome = await channel.deliver(found.target, noticeFor(at, notice), attempt);
      if (outcome.kind === 'not_needed' || outcome.kind === 'not_tried') return outcome;
      memory = { tried: true, kept: outcome.keep ?? memory.kept };
      return outcome;
    },
  };
}
const textsTo = (number: string) => peer.messages.filter(({ to }) => to === number);

describe('a text', () => {
  test('goes to every number of a destination, once', async () => {
    const { workspace, deliver } = life('several');
    const [ann, bo] = [newNumber(), newNumber()];
    await add(workspace, ann, bo, ann);
    expect(await deliver()).toMatchObject({ kind: 'delivered', status: 201 });
    expect([textsTo(ann), textsTo(bo)]).toMatchObject([[{ from: peer.account.from }], [{}]]);
  });

  test('that failed for one number is not sent again to the others', async () => {
    const { workspace, deliver } = life('partly');
    const all = [newNumber(), newNumber(), newNumber()];
    await add(workspace, ...all);
    peer.answerWith('as usual', { status: 503, headers: { 'retry-after': '7' } });
    expect(await deliver()).toMatchObject({ kind: 'failed', retry: 'scheduled', retry_after_ms: 7_000 });
    expect(all.flatMap(textsTo)).toHaveLength(2);
    expect(await deliver()).toMatchObject({ kind: 'delivered' });
    expect(all.map((number) => textsTo(number).length)).toEqual([1, 1, 1]);
  });

  test('that failed for one number reaches it by the next event, should that come first', async () => {
    const { workspace, deliver } = life('overtaken');
    const all = [newNumber(), newNumber()];
    await add(workspace, ...all);
    peer.answerWith('as usual', 503);
    expect(await deliver()).toMatchObject({ kind: 'failed', retry: 'scheduled' });
    expect(await deliver({}, { id: 'n2', type: 'request.edited' })).toMatchObject({ kind: 'delivered' });
    expect(all.map((number) => textsTo(number).length)).toEqual([1, 1]);
  });

  test('that one number refuses reaches the others, and says so in the end', async () => {
    const { workspace, deliver } = life('refused');
    const [stopped, ann, bo] = [newNumber(), newNumber(), newNumber()];
    peer.unsubscribed.add(stopped);
    await add(workspace, stopped, ann, bo);
    peer.answerWith('as usual', 'as usual', 500);
    expect(await deliver()).toMatchObject({ kind: 'failed', retry: 'scheduled', code: 'http_500' });
    const before = peer.calls.length;
    expect(await deliver()).toMatchObject({
      kind: 'failed',
      retry: 'never',
      code: 'http_400',
      response: expect.stringContaining('21610'),
    });
    expect(peer.calls.length - before).toBe(1);
    expect([stopped, ann, bo].map((number) => textsTo(number).length)).toEqual([0, 1, 1]);
  });

  test('asks once, and again only when somebody is to be reminded', async () => {
    const { workspace, deliver } = life('once');
    const number = newNumber();
    await add(workspace, number);
    await deliver();
    expect(await deliver({ version: 2 }, { id: 'n2', type: 'request.edited' })).toEqual({
      kind: 'not_needed',
    });
    expect(await deliver({}, { id: 'n3', type: 'request.escalated' })).toMatchObject({ kind: 'delivered' });
    expect(await deliver({}, { id: 'n4', type: 'request.reminded' })).toMatchObject({ kind: 'delivered' });
    expect(textsTo(number)).toHaveLength(3);
  });

  test('is sent to nobody about what is over', async () => {
    const { workspace, deliver } = life('over');
    await add(workspace);
    await deliver();
    expect(await deliver({ status: 'approved', decided_by: 'ann' })).toEqual({ kind: 'not_needed' });
    expect(await deliver({ expires_at: Date.now() - 1 }, { type: 'request.reminded' })).toEqual({
      kind: 'not_needed',
    });
  });

  test('goes to one person’s own number, and quietly nowhere where they have none', async () => {
    const phone = newNumber();
    const { workspace, deliver } = life('person', addressOfPerson('ann'));
    await workspace.addPerson({ id: 'ann', name: 'Ann', groups: [], phone });
    await workspace.addPerson({ id: 'bo', name: 'Bo', groups: [] });
    expect(await deliver()).toMatchObject({ kind: 'delivered' });
    expect(textsTo(phone)).toHaveLength(1);
    for (const person of ['bo', 'nobody']) {
      const found = await sms().find(addressOf(workspace, addressOfPerson(person)));
      expect(found).toEqual({ found: false, why: 'no_phone', quiet: true });
    }
  });

  test('needs an account, and its log says so where there is none', async () => {
    const { workspace } = life('no-account');
    await add(workspace);
    expect(await smsChannel(redis, out, undefined).find(addressOf(workspace, 'dst_1'))).toEqual({
      found: false,
      why: 'sms_not_set_up',
      quiet: false,
    });
  });

  test('leaves neither credentials nor numbers to the log', async () => {
    const { workspace } = life('secrets');
    const number = newNumber();
    await add(workspace, number);
    const channel = sms();
    const found = await channel.find(addressOf(workspace, 'dst_1'));
    if (!found.found) throw new Error(found.why);
    expect(channel.secrets(found.target)).toEqual(expect.arrayContaining([peer.account.authToken, number]));
  });
});

describe('what a text says', () => {
  async function text(
    name: string,
    change: Partial<RequestRecord>,
    said: Partial<Notice> = {},
  ): Promise<string> {
    const { workspace } = life(name);
    const number = newNumber();
    await add(workspace, number);
    const channel = sms();
    const at = addressOf(workspace, 'dst_1', change);
    const found = await channel.find(at);
    if (!found.found) throw new Error(found.why);
    const attempt = { ...firstAttempt, now: Date.parse('2026-01-01T12:00:00Z') };
    await channel.deliver(found.target, noticeFor(at, said), attempt);
    return textsTo(number)[0]?.body ?? '';
  }
  const expires_at = Date.parse('2026-01-01T12:09:59Z');

  test('is the tier, who asks, what would happen, the time left and where to decide', async () => {
    const tool_facts = { card: { title: 'Refund {amount}' } };
    expect(await text('sentence', { expires_at, tool_facts })).toBe(
      'HIGH: order-processor asks for approval. Refund 80. Until 12:09 UTC (9:59 left). https://approve.example/app/#/request/req_1',
    );
  });

  test('is no argument where policy has no sentence: carriers read along', async () => {
    expect(await text('no-sentence', { expires_at })).toBe(
      'HIGH: order-processor asks for approval. Run orders.process_refund. Until 12:09 UTC (9:59 left). https://approve.example/app/#/request/req_1',
    );
  });

  test.each([
    'https://cs.evil.example/app/#/request/req_1',
    'HTTP://evil.example',
    'www.evil.example',
    'evil.example/app',
    'еvil.example',
    'ftp://10.0.0.1/x',
    `${'x'.repeat(60)} cs.evil.example/app`,
  ])('holds one address that can be followed, the card’s: %s', async (address) => {
    const card = { title: `Call ${address}` };
    for (const change of [{ tool_facts: { card } }, { tool: address }, { agent: address }]) {
      const body = await text('followed', { expires_at, ...change });
      const others = body.replace('https://approve.example/app/#/request/req_1', '');
      expect(others).not.toMatch(/\b(?!hxxps?:)\w+:\/\/|[\p{L}\d]\.\p{L}*(?:example|app)/iu);
      expect(body.match(/https:/g)).toHaveLength(1);
    }
  });

  test.each(Object.entries(disguises))(
    'is one short line, whatever an agent writes: %s',
    async (name, words) => {
      const change = {
        agent: words,
        tool: words,
        expires_at,
        tool_facts: { card: { title: words.replaceAll(/[{}]/g, '') } },
      };
      const body = await text(`short-${name.length}`, change);
      expect(body.length).toBeLessThanOrEqual(300);
      expect(body).not.toMatch(/\p{C}/u);
      expect(body).toMatch(
        /Until 12:09 UTC \(9:59 left\)\. https:\/\/approve\.example\/app\/#\/request\/req_1$/,
      );
    },
  );
});
