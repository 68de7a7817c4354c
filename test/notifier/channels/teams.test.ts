import type { RequestRecord } from '@countersign/shared/request';
import type { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type Attempt,
  type Notice,
  type Outcome,
  sentNothing,
} from '../../../services/notifier/channels/channel.ts';
import { teamsChannel } from '../../../services/notifier/channels/teams.ts';
import { largestCard } from '../../../services/notifier/messages/teams-card.ts';
import { disguises, unseen } from '../../support/disguises.ts';
import { startTestRedis, type TestRedis } from '../../support/redis.ts';
import { startTeamsPeer, type TeamsPeer } from '../../support/teams-peer.ts';
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
let peer: TeamsPeer;
beforeAll(async () => {
  [server, peer] = await Promise.all([startTestRedis(), startTeamsPeer()]);
  redis = server.client();
});
afterAll(() => Promise.all([server.stop(), peer.stop()]));

const add = (workspace: TestWorkspace, url = peer.webhook) =>
  workspace.addDestination(url, { kind: 'teams' });

conforms('teams', {
  redis: () => redis,
  place: async (workspace) => {
    await add(workspace);
    return addressOf(workspace, 'dst_1');
  },
  channel: async (guarded) => anyTarget(teamsChannel(redis, guarded)),
  arrived: () => peer.calls.length,
  faults: [
    ...httpFaults((...next) => peer.answerWith(...next), { knows: false, goneBy: 404 }),
    {
      what: '413: more than it takes',
      next: () => peer.answerWith(413),
      outcome: { kind: 'failed', code: 'http_413', retry: 'never', gone: false },
    },
  ],
  reference: () => peer.cards.at(-1)?.id,
});

/** One destination and one request over its life, with the memory that a delivery record has. */
function life(name: string) {
  const workspace = testWorkspace(redis, name);
  const channel = teamsChannel(redis, out);
  let memory: Pick<Attempt, 'tried' | 'kept'> = { tried: false, kept: undefined };
  async function deliver(
    change: Partial<RequestRecord> = {},
    notice: Partial<Notice> = {},
    said: Partial<Notice['request']> = {},
    more: Partial<Attempt> = {},
  ): Promise<Outcome> {
    const at = addressOf(workspace, 'dst_1', change);
    const found = await channel.find(at);
    if (!found.found) throw new Error(found.why);
    const attempt = { ...firstAttempt, now: Date.now(), ...memory, ...more };
    const plain = noticeFor(at, notice);
    const request = { ...plain.request, ...said };
    const outcome = await channel.deliver(found.target, { ...plain, request }, attempt);
    if (outcome.kind === 'not_needed' || outcome.kind === 'not_tried') return outcome;
    if (sentNothing(outcome)) return outcome;
    memory = { tried: true, kept: outcome.keep ?? memory.kept };
    return outcome;
  }
  /** The card that this delivery posted; none if it posted none. */
  async function posted(...delivery: Parameters<typeof deliver>) {
    const before = peer.cards.length;
    await deliver(...delivery);
    return peer.cards.slice(before);
  }
  return { workspace, deliver, posted };
}

const approved = { status: 'approved', decided_at: 1, decided_by: 'ann' } as const;

describe('a channel of Teams', () => {
  test('is asked, and told once what became of it and by whom', async () => {
    const { workspace, posted } = life('asked-and-told');
    await add(workspace);
    const [asked] = await posted();
    expect(asked?.text).toMatch(/^Approval needed\n/);
    expect(asked?.text).toContain('Asked by: order-processor');
    expect(asked?.text).toContain('req_1, version 1');
    expect(asked?.links).toEqual(['https://approve.example/app/#/request/req_1']);
    const [told] = await posted(approved, { type: 'request.approved' });
    expect(told?.text).toMatch(/^Decided\nApproved by ann\./);
    expect(await posted(approved, { type: 'outcome.reported' })).toEqual([]);
  });

  test('hears of an end only where it was asked', async () => {
    const { workspace, deliver } = life('never-asked');
    await add(workspace);
    expect(await deliver(approved)).toEqual({ kind: 'not_needed' });
    expect(await deliver({ expires_at: Date.now() - 1 })).toEqual({ kind: 'not_needed' });
  });

  test('hears of an end when it may have been asked, the answer to which was lost', async () => {
    const { workspace, deliver, posted } = life('maybe-asked');
    await add(workspace);
    expect(await peer.losing(() => deliver())).toMatchObject({ kind: 'failed', retry: 'scheduled' });
    expect(await posted({ status: 'timed_out' })).toMatchObject([
      { text: expect.stringMatching(/^Over\nNobody decided in time/) },
    ]);
  });

  test('hears of no end where it could not be reached for the beginning', async () => {
    const { workspace, deliver } = life('unreached');
    await add(workspace, closedPort);
    expect(await deliver()).toMatchObject({ kind: 'failed', code: 'econnrefused', retry: 'scheduled' });
    await add(workspace);
    expect(await deliver({ status: 'timed_out' })).toEqual({ kind: 'not_needed' });
  });

  test('is asked again when what is to be judged has changed, and when it is reminded, and not otherwise', async () => {
    const { workspace, posted } = life('again');
    await add(workspace);
    expect(await posted()).toHaveLength(1);
    expect(await posted({}, { type: 'request.claimed' })).toEqual([]);
    expect(await posted({ version: 2 }, { type: 'request.edited' })).toHaveLength(1);
    expect(await posted({ version: 2 }, { type: 'request.raised' })).toEqual([]);
    expect(await posted({ version: 2 }, { type: 'request.reminded' })).toHaveLength(1);
  });

  test('is told all over again when an admin has it said again', async () => {
    const { workspace, posted } = life('replayed');
    await add(workspace);
    const again = { replay: true } as const;
    expect(await posted({}, {}, {}, again)).toHaveLength(1);
    expect(await posted({}, {}, {}, again)).toHaveLength(1);
    await posted(approved);
    expect(await posted(approved, {}, {}, again)).toMatchObject([
      { text: expect.stringMatching(/^Decided/) },
    ]);
  });

  test('is told when an approval is taken back', async () => {
    const { workspace, posted } = life('revoked');
    await add(workspace);
    await posted();
    await posted(approved);
    const [card] = await posted({ ...approved, revoked: { by: 'bo', at: 1, reason: 'wrong customer' } });
    expect(card?.text).toContain('Approval taken back by bo');
    expect(card?.text).toContain('Reason: wrong customer');
  });

  test('whose workflow was deleted is not tried again', async () => {
    const { workspace, deliver } = life('deleted');
    await add(workspace, `${peer.url}/no-such-workflow`);
    expect(await deliver()).toMatchObject({ kind: 'failed', code: 'http_404', gone: true });
    const channel = teamsChannel(redis, out);
    const at = addressOf(workspace, 'dst_1');
    const found = await channel.find(at);
    if (!found.found) throw new Error(found.why);
    await channel.retire(at, found.target, 5);
    expect(await channel.find(at)).toMatchObject({ found: false, why: 'destination_disabled' });
  });

  test('has a credential for an address, which no log repeats', async () => {
    const { workspace } = life('credential');
    await add(workspace);
    const channel = teamsChannel(redis, out);
    const found = await channel.find(addressOf(workspace, 'dst_1'));
    expect(found.found && channel.secrets(found.target)).toContain(peer.webhook);
  });
});

describe('a card', () => {
  test('covers what policy covers', async () => {
    const { workspace, posted } = life('covered');
    await add(workspace);
    const said = { args: { card_number: '4111111111111111', note: 'plain' } };
    const [card] = await posted({}, {}, { ...said, tool_facts: { mask: ['card_number'] } });
    expect(card?.text).toContain('Card number: ••••••••');
    expect(card?.text).toContain('Note: plain');
  });

  test('keeps the agent’s words apart from what is known', async () => {
    const { workspace, posted } = life('apart');
    await add(workspace);
    const [card] = await posted({}, {}, { reason: 'Approved by ann.', preview: { affected: ['one order'] } });
    expect(card?.text).toContain('What the agent says\nApproved by ann.\none order\n');
  });

  test('that can not hold all of it says so', async () => {
    const { workspace, posted } = life('large');
    await add(workspace);
    const args = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`field_${i}`, 'v']));
    const [card] = await posted({}, {}, { args });
    expect(card?.text).toContain('Some of it did not fit here. The card has all of it.');
    expect(card?.text).toContain('Field 29: v');
    expect(card?.text).not.toContain('Field 30');
  });

  test.each([
    '界'.repeat(5_000),
    '"'.repeat(5_000),
    '\\'.repeat(5_000),
    '\u0001'.repeat(2) + 'x'.repeat(5_000),
  ])('stays below what a workflow takes, whatever it is filled with (%#)', async (text) => {
    const { workspace, posted } = life(`bytes-${text.charCodeAt(0)}-${text.charCodeAt(2)}`);
    await add(workspace);
    const args = Object.fromEntries(
      Array.from({ length: 60 }, (_, i) => [`${text.slice(0, 200)}${i}`, text]),
    );
    const [card] = await posted(
      { agent: text, tool: text, rules: Array.from({ length: 50 }, () => text) },
      {},
      {
        args,
        reason: text,
        preview: { affected: [text, text, text] },
        card: { title: [{ path: 'x', value: text }] },
      },
    );
    expect(card?.bytes).toBeLessThan(largestCard);
  });

  const markdown = {
    Markdown: '**bold** [click](https://evil.example) {{DATE(2017-02-14T06:00:00Z,SHORT)}} - x\r- y',
  };
  test.each(Object.entries({ ...disguises, ...markdown }))(
    'gives Markdown nothing to read but our own words, and has the disguises taken off: %s',
    async (name, text) => {
      const { workspace, posted } = life(`inert-${name.length}`);
      await add(workspace);
      const words = { args: { [text.slice(0, 60)]: text }, reason: text, preview: { summary: text } };
      const change = { agent: text, tool: text, rules: [text], messages: [text] };
      const [asked] = await posted(change, {}, { ...words, card: { title: [{ path: 'x', value: text }] } });
      const [told] = await posted(
        { ...change, ...approved, decided_by: text, decision_reason: text },
        {},
        words,
      );
      for (const card of [asked, told]) {
        expect(card?.text).not.toMatch(unseen);
        expect(card?.text).not.toContain('{{DATE(');
        for (const marked of card?.marked ?? [text]) expect(marked).toMatch(/^[A-Z][A-Za-z .:]+$/);
      }
    },
  );
});
