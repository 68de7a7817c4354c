import type { RequestRecord } from '@countersign/shared/request';
import type { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type Attempt,
  type Notice,
  type Outcome,
  sentNothing,
} from '../../../services/notifier/channels/channel.ts';
import { pagerdutyChannel } from '../../../services/notifier/channels/pagerduty.ts';
import { disguises, unseen } from '../../support/disguises.ts';
import { type PagerDutyPeer, startPagerDutyPeer } from '../../support/pagerduty-peer.ts';
import { startTestRedis, type TestRedis } from '../../support/redis.ts';
import {
  addressOf,
  anyTarget,
  closedPort,
  conforms,
  firstAttempt,
  httpFaults,
  noticeFor,
  out,
} from '../conformance.ts';
import { type TestWorkspace, testWorkspace } from '../workspace.ts';

let server: TestRedis;
let redis: Redis;
let peer: PagerDutyPeer;
beforeAll(async () => {
  [server, peer] = await Promise.all([startTestRedis(), startPagerDutyPeer()]);
  redis = server.client();
});
afterAll(() => Promise.all([server.stop(), peer.stop()]));

let keys = 0;
const newKey = () => String(++keys).padStart(32, 'R');
const add = (workspace: TestWorkspace, secret = newKey()) =>
  workspace.addDestination(`${peer.url}/v2/enqueue`, { kind: 'pagerduty', secret });

conforms('pagerduty', {
  redis: () => redis,
  place: async (workspace) => {
    await add(workspace);
    return addressOf(workspace, 'dst_1');
  },
  channel: async (guarded) => anyTarget(pagerdutyChannel(redis, guarded)),
  arrived: () => peer.calls.length,
  faults: [
    ...httpFaults((...next) => peer.answerWith(...next), { knows: true }),
    {
      what: '400: it will never take this',
      next: () => peer.answerWith(400),
      outcome: { kind: 'failed', code: 'http_400', retry: 'never', gone: false },
    },
  ],
  reference: () => JSON.parse(peer.calls.at(-1)?.text ?? '{}').dedup_key,
});

/** One destination and one request over its life, with the memory that a delivery record has. */
function life(name: string) {
  const workspace = testWorkspace(redis, name);
  const channel = pagerdutyChannel(redis, out);
  let memory: Pick<Attempt, 'tried' | 'kept'> = { tried: false, kept: undefined };
  return {
    workspace,
    incidents: () => peer.incidents.filter(({ dedup_key }) => dedup_key.includes(`/${name}/`)),
    async deliver(
      change: Partial<RequestRecord> = {},
      notice: Partial<Notice> = {},
      more: Partial<Attempt> = {},
    ): Promise<Outcome> {
      const at = addressOf(workspace, 'dst_1', change);
      const found = await channel.find(at);
      if (!found.found) throw new Error(found.why);
      const attempt = { ...firstAttempt, now: Date.now(), ...memory, ...more };
      const outcome = await channel.deliver(found.target, noticeFor(at, notice), attempt);
      if (outcome.kind === 'not_needed' || outcome.kind === 'not_tried') return outcome;
      if (sentNothing(outcome)) return outcome;
      memory = { tried: true, kept: outcome.keep ?? memory.kept };
      return outcome;
    },
  };
}

const approved = { status: 'approved', decided_at: 1, decided_by: 'ann' } as const;
const claimed = () => ({ claim: { by: 'ann', until: Date.now() + 300_000 } });

describe('an incident', () => {
  test('opens while a request waits, is acknowledged while somebody is on it, and resolved when it is decided', async () => {
    const { workspace, deliver, incidents } = life('whole-life');
    await add(workspace);
    await deliver();
    expect(incidents()).toMatchObject([{ status: 'triggered' }]);
    await deliver(claimed());
    expect(incidents()).toMatchObject([{ status: 'acknowledged' }]);
    await deliver();
    expect(incidents()).toMatchObject([{ triggers: [{}, {}] }]);
    expect(await deliver(approved)).toMatchObject({ kind: 'delivered' });
    expect(incidents()).toMatchObject([{ status: 'resolved' }]);
    const before = peer.calls.length;
    expect(await deliver(approved, { type: 'outcome.reported' })).toEqual({ kind: 'not_needed' });
    expect(peer.calls.length).toBe(before);
  });

  test.each(['approved', 'rejected', 'timed_out', 'cancelled'] as const)(
    'is resolved when the request is %s',
    async (status) => {
      const { workspace, deliver, incidents } = life(`ends-${status.replace('_', '-')}`);
      await add(workspace);
      await deliver();
      await deliver({ status });
      expect(incidents()).toMatchObject([{ status: 'resolved' }]);
    },
  );

  test('is never opened for a request that is over, or whose time is', async () => {
    const { workspace, deliver, incidents } = life('too-late');
    await add(workspace);
    const before = peer.calls.length;
    expect(await deliver(approved)).toEqual({ kind: 'not_needed' });
    expect(await deliver({ expires_at: Date.now() - 1 })).toEqual({ kind: 'not_needed' });
    expect(await deliver(claimed())).toEqual({ kind: 'not_needed' });
    expect([peer.calls.length - before, incidents()]).toEqual([0, []]);
  });

  test('that opened though its answer was lost is resolved all the same', async () => {
    const { workspace, deliver, incidents } = life('lost-answer');
    await add(workspace);
    expect(await peer.losing(() => deliver())).toMatchObject({ kind: 'failed', retry: 'scheduled' });
    await deliver(approved);
    expect(incidents()).toMatchObject([{ status: 'resolved' }]);
  });

  test('that can not have opened, because nobody was reached, is not resolved', async () => {
    const { workspace, deliver } = life('unreached');
    await workspace.addDestination(closedPort, { kind: 'pagerduty', secret: newKey() });
    expect(await deliver()).toMatchObject({ kind: 'failed', code: 'econnrefused', retry: 'scheduled' });
    await add(workspace);
    expect(await deliver(approved)).toEqual({ kind: 'not_needed' });
  });

  test('that opened under one key, with nobody reached under the next, is resolved under the first', async () => {
    const { workspace, deliver, incidents } = life('half-reached');
    await add(workspace);
    await peer.losing(() => deliver());
    await workspace.addDestination(closedPort, { kind: 'pagerduty', secret: newKey() });
    expect(await deliver()).toMatchObject({ kind: 'failed', nothing_sent: true });
    await add(workspace);
    await deliver(approved);
    expect(incidents()).toMatchObject([{ status: 'resolved' }]);
  });

  test('is resolved with the key that opened it, whatever key the destination has by then', async () => {
    const { workspace, deliver, incidents } = life('rotated');
    const { secret } = await add(workspace);
    await deliver();
    await add(workspace);
    const outcome = await deliver(approved);
    expect(incidents()).toMatchObject([{ routing_key: secret, status: 'resolved' }]);
    expect(JSON.stringify(outcome.kind === 'delivered' && outcome.response)).not.toContain(secret);
  });

  test('that opened under two keys, because the key was changed while it waited, is resolved under both', async () => {
    const { workspace, deliver, incidents } = life('two-keys');
    await add(workspace);
    await peer.losing(() => deliver());
    await add(workspace);
    await deliver();
    expect(incidents()).toHaveLength(2);
    await deliver(approved);
    expect(incidents()).toMatchObject([{ status: 'resolved' }, { status: 'resolved' }]);
  });

  test('is resolved under the keys that still work, though one of them was deleted at PagerDuty', async () => {
    const { workspace, deliver, incidents } = life('deleted-key');
    const { secret = '' } = await add(workspace);
    await deliver();
    await add(workspace);
    await deliver();
    peer.deleted.add(secret);
    expect(await deliver(approved)).toMatchObject({ kind: 'failed', code: 'http_400', retry: 'never' });
    expect(incidents()).toMatchObject([{ routing_key: secret }, { status: 'resolved' }]);
  });

  test('of a request so old that its delivery record is forgotten is resolved on the chance that there is one', async () => {
    const { workspace, deliver } = life('forgotten');
    await add(workspace);
    const dropped = peer.dropped();
    const created_at = Date.now() - 36 * 86_400_000;
    expect(await deliver({ ...approved, created_at })).toMatchObject({ kind: 'delivered' });
    expect(peer.dropped()).toBe(dropped + 1);
  });

  test('is resolved once more when an admin has it said again', async () => {
    const { workspace, deliver } = life('replayed');
    await add(workspace);
    await deliver();
    await deliver(approved);
    const dropped = peer.dropped();
    await deliver(approved, {}, { replay: true });
    expect(peer.dropped()).toBe(dropped + 1);
  });

  test('is of one request at one destination: another destination has its own', async () => {
    const { workspace, deliver, incidents } = life('several');
    const { secret = '' } = await add(workspace);
    await deliver();
    const channel = pagerdutyChannel(redis, out);
    await workspace.addDestination(`${peer.url}/v2/enqueue`, { id: 'dst_2', kind: 'pagerduty', secret });
    const at = addressOf(workspace, 'dst_2');
    const found = await channel.find(at);
    if (!found.found) throw new Error(found.why);
    await channel.deliver(found.target, noticeFor(at), firstAttempt);
    expect(new Set(incidents().map(({ dedup_key }) => dedup_key)).size).toBe(2);
  });
});

describe('what whoever is paged reads', () => {
  async function paged(name: string, change: Partial<RequestRecord>, said: Partial<Notice['request']> = {}) {
    const { workspace, incidents } = life(name);
    await add(workspace);
    const channel = pagerdutyChannel(redis, out);
    const at = addressOf(workspace, 'dst_1', change);
    const found = await channel.find(at);
    if (!found.found) throw new Error(found.why);
    const notice = noticeFor(at);
    const request = { ...notice.request, ...said };
    const attempt = { ...firstAttempt, now: Date.parse('2026-01-01T12:00:00Z') };
    expect(await channel.deliver(found.target, { ...notice, request }, attempt)).toMatchObject({
      kind: 'delivered',
    });
    const trigger = incidents()[0]?.triggers[0];
    if (trigger === undefined) throw new Error('nothing opened');
    return trigger;
  }
  const expires_at = Date.parse('2026-01-01T12:09:59Z');

  test('is who wants to do what, until when, and where to decide', async () => {
    const facts = { reversible: false, sensitivity: 'financial', card: { title: 'Refund {amount} to {to}' } };
    const change = { tool_facts: facts, expires_at, messages: ['This needs a manager.'] };
    const { payload, links, client_url } = await paged('words', change, {
      args: { amount: 80, currency: 'EUR', to: 'a@acme.com' },
      card: {
        title: [
          { text: 'Refund ' },
          { path: 'amount', value: '80' },
          { text: ' to ' },
          { path: 'to', value: 'a@acme.com' },
        ],
      },
    });
    expect(payload).toMatchObject({
      summary: 'HIGH: Refund €80.00 to “a@acme.com”. Asked by order-processor, until 12:09 UTC (9:59 left).',
      source: 'approve.example',
      severity: 'error',
      component: 'order-processor',
      group: 'words',
      class: 'orders.process_refund',
    });
    expect(payload.custom_details).toMatchObject({
      request: 'req_1',
      asked_because_of: 'big-refunds: This needs a manager.',
      decide_by: '2026-01-01T12:09:59.000Z',
      facts: ['It can not be undone.', 'Sensitivity: financial.'],
      arguments: ['Amount: €80.00', 'Currency: EUR', 'To: a@acme.com'],
    });
    expect(links).toEqual([{ href: 'https://approve.example/app/#/request/req_1', text: 'Open the card' }]);
    expect(client_url).toBe('https://approve.example/app/#/request/req_1');
  });

  test.each([
    ['critical', 'critical'],
    ['high', 'error'],
    ['medium', 'warning'],
    ['low', 'info'],
  ] as const)('a %s request is as bad as PagerDuty’s %s', async (tier, severity) => {
    const { terms } = noticeRecord();
    const { payload } = await paged(`tier-${tier}`, { terms: { ...terms, tier } });
    expect(payload.severity).toBe(severity);
  });

  test('never holds what policy covers', async () => {
    const trigger = await paged(
      'masked',
      { tool_facts: { mask: ['customer'] } },
      { args: { customer: { ssn: '078-05-1120' }, note: 'plain' }, tool_facts: { mask: ['customer'] } },
    );
    expect(JSON.stringify(trigger)).not.toContain('078-05');
    expect(JSON.stringify(trigger)).toContain('plain');
  });

  test.each(Object.entries(disguises))(
    'has the disguises taken off, and fits, whatever an agent writes: %s',
    async (name, text) => {
      const many = Object.fromEntries(
        Array.from({ length: 200 }, (_, i) => [`${text.slice(0, 40)}${i}`, text]),
      );
      const trigger = await paged(
        `disguise-${Object.keys(disguises).indexOf(name)}`,
        { agent: text, tool: text },
        { args: many, reason: text, card: { title: [{ path: 'x', value: text }] } },
      );
      const texts: string[] = [];
      JSON.stringify(trigger, (_, value) => (typeof value === 'string' ? texts.push(value) && value : value));
      for (const each of texts) expect(each).not.toMatch(unseen);
      expect(trigger.payload.summary.length).toBeLessThanOrEqual(1_024);
      expect(JSON.stringify(trigger).length).toBeLessThan(16_384);
      expect(trigger.payload.custom_details?.arguments).toContain('and more: the card has all of it');
    },
  );
});

const noticeRecord = () => addressOf(testWorkspace(redis, 'any'), 'dst_1').request;
