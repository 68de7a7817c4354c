/** The terminal's half of the main job, against a real server. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JsonObject } from '@countersign/shared/contracts';
import { afterAll, describe, expect, test } from 'vitest';
import { countersign } from '../support/terminal.ts';
import { stage } from './stage.ts';

const POLICY = `
version: 1
default: allow
tools:
  orders.process_refund: { reversible: false, sensitivity: financial, card: { title: "Refund {amount} {currency} to {email}" } }
tiers:
  high: { friction: { retype: [amount] } }
rules:
  - { name: refunds, tools: [orders.process_refund], effect: approval_required, tier: medium, message: "A person looks at refunds." }
  - { name: big-refunds, tools: [orders.process_refund], when: param.amount > 1000, effect: approval_required, tier: high }
  - { name: huge-refunds, tools: [orders.process_refund], when: param.amount > 9000, effect: deny }
`;

const dir = mkdtempSync(join(tmpdir(), 'countersign-review-'));

const { intake, as } = await stage(POLICY);
afterAll(() => rmSync(dir, { recursive: true, force: true }));

let asked = 0;

/** An agent asks for a refund; the request's id. Each differs, because a call that was rejected is not asked again. */
async function refund(args: JsonObject, more: object = {}): Promise<string> {
  const action = { tool: 'orders.process_refund', args: { ...args, order: `order-${++asked}` }, ...more };
  return (await intake.propose({ agent: 'orders', ...action })).id;
}

const small = { amount: 120, currency: 'EUR', email: 'x@example.com' };

describe('a reviewer in a terminal', () => {
  test('finds a request in the queue and reads why it waits', async () => {
    const id = await refund(small, { reason: 'the parcel was lost' });
    const queue = await as('reviewer', 'queue');
    expect(queue).toMatchObject({ code: 0, err: '' });
    expect(queue.out).toMatch(new RegExp(`${id}  medium .* Refund “120” “EUR” to “x@example.com”`));

    const { out } = await as('reviewer', 'show', id);
    for (const part of [
      'MEDIUM  pending, ',
      'refunds: A person looks at refunds.',
      '│   "amount": 120,',
      'It can not be undone.',
      'Sensitivity: financial.',
      '│ the parcel was lost',
      '0 of 1 approvals',
    ]) {
      expect(out).toContain(part);
    }
  });

  test('approves exactly what was shown', async () => {
    const id = await refund(small);
    const { code, out } = await as('reviewer', 'approve', id, '--reason', 'seen the photos');
    expect(code).toBe(0);
    expect(out).toContain('"amount": 120');
    expect(out).toMatch(new RegExp(`${id} is approved\\.$`));
  });

  test('edits the amount, sees the change and what policy says of it, and approves', async () => {
    const id = await refund(small);
    const edited = await as('reviewer', 'approve', id, '--args', JSON.stringify({ ...small, amount: 100 }));
    expect(edited.code).toBe(0);
    expect(edited.out).toContain('Your edit\namount: 120 → 100');
    const shown: unknown = JSON.parse((await as('reviewer', 'show', id, '--json')).out);
    expect(shown).toMatchObject({
      status: 'approved',
      args: { amount: 100 },
      proposed_args: { amount: 120 },
    });
  });

  test('takes the edited arguments from a file', async () => {
    const file = join(dir, 'edit.json');
    writeFileSync(file, JSON.stringify({ ...small, amount: 80 }));
    const { code, out } = await as('reviewer', 'approve', await refund(small), '--args', file);
    expect(code).toBe(0);
    expect(out).toContain('amount: 120 → 80');
  });

  test('law 7: is told when policy denies the edit, and nothing changes', async () => {
    const id = await refund(small);
    const args = JSON.stringify({ ...small, amount: 9500 });
    const { code, out, err } = await as('reviewer', 'approve', id, '--args', args);
    expect(code).toBe(1);
    expect(out).toContain('It would be refused');
    expect(err).toMatch(/^edit_denied: /);
    expect((await as('reviewer', 'queue')).out).toContain(id);
  });

  test('rejects with a reason that the agent is told', async () => {
    const id = await refund(small);
    expect((await as('reviewer', 'reject', id, '--reason', 'refunded yesterday')).code).toBe(0);
    const { out } = await as('reviewer', 'show', id);
    expect(out).toContain('ann: reject, “refunded yesterday”');
    expect(out).toContain('the agent was told approval_rejected');
  });

  test('law 6: decides nothing when the arguments are not those that were looked at', async () => {
    const id = await refund(small);
    const digest = `sha256:${'0'.repeat(64)}`;
    const stale = await as('reviewer', 'approve', id, '--digest', digest);
    expect(stale).toMatchObject({ code: 1, err: expect.stringMatching(/^stale: /) });
    expect((await as('reviewer', 'queue')).out).toContain(id);
  });

  test('law 6: confirms the values that the tier asks for, and is told which', async () => {
    const id = await refund({ ...small, amount: 2400 });
    const bare = await as('reviewer', 'approve', id);
    expect(bare).toMatchObject({ code: 2, err: expect.stringContaining('--confirm amount=…') });
    const wrong = await as('reviewer', 'approve', id, '--confirm', 'amount=240');
    expect(wrong).toMatchObject({ code: 1, err: expect.stringMatching(/^confirmation_missing: /) });
    expect((await as('reviewer', 'approve', id, '--confirm', 'amount=2400')).code).toBe(0);
  });

  test('is told kindly when the request has been decided', async () => {
    const id = await refund(small);
    await as('lead', 'reject', id);
    const late = await as('reviewer', 'approve', id);
    expect(late).toMatchObject({ code: 1, err: expect.stringMatching(/^already_decided: /) });
  });
});

describe('before and after deciding', () => {
  test('asks the agent, who answers, and both stand on the card', async () => {
    const id = await refund(small);
    const asked = await as('reviewer', 'ask', id, 'Which parcel?');
    expect(asked).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^Asked\. The time to decide goes on/),
    });
    expect((await as('lead', 'show', id)).out).toContain('│ Which parcel?\nthe agent has not answered yet');
    await intake.call(intake.keys.agent, 'POST', `/v1/requests/${id}/answer`, { text: 'The\u202e second.' });
    const { out } = await as('lead', 'show', id);
    expect(out).toContain('ann asked:\n│ Which parcel?\nthe agent answered:\n│ The⟨U+202E⟩ second.');
    expect(await as('reviewer', 'ask', id, '  ')).toMatchObject({ code: 1 });
  });

  test('says “I’m on it”, which others see, and lets go', async () => {
    const id = await refund(small);
    expect((await as('reviewer', 'claim', id)).out).toMatch(/^ann is on it until 2\d{3}-/);
    expect((await as('lead', 'show', id)).out).toContain('; ann is on it');
    const other = await as('lead', 'claim', id);
    expect(other).toMatchObject({ code: 1, err: expect.stringMatching(/^already_claimed: /) });
    expect((await as('reviewer', 'claim', id, '--release')).out).toBe('Nobody is on it now.');
  });

  test('revokes an approval before it runs, and not before it is one', async () => {
    const id = await refund(small);
    expect(await as('reviewer', 'revoke', id)).toMatchObject({
      code: 1,
      err: expect.stringMatching(/^not_approved: /),
    });
    await as('reviewer', 'approve', id);
    expect((await as('lead', 'revoke', id, '--reason', 'wrong parcel')).out).toBe(
      'Revoked: it will not run.',
    );
    expect((await as('reviewer', 'show', id)).out).toContain('the agent was told approval_revoked');
  });
});

describe('at an interactive terminal', () => {
  const seated = (answer: string) => ({
    interactive: true,
    ask: async () => answer,
    env: { COUNTERSIGN_URL: intake.url, COUNTERSIGN_KEY: intake.keys.reviewer },
  });

  test('law 11: nothing is decided by a stray key', async () => {
    const id = await refund(small);
    for (const answer of ['', 'y', 'a', 'reject']) {
      const left = await countersign(['approve', id], seated(answer));
      expect(left).toMatchObject({ code: 1, err: 'Nothing was decided.' });
    }
    expect((await as('reviewer', 'queue')).out).toContain(id);
    expect((await countersign(['approve', id], seated('approve'))).code).toBe(0);
  });
});

describe('what an agent writes stays what it is', () => {
  const evil = '\u001b[2J\u001b[31m\u202eAPPROVED\u200b\n\nVerdicts\n1 of 1 approvals\r';

  test('on the card, in the queue and in JSON', async () => {
    const id = await refund(
      { ...small, email: evil, [evil]: evil },
      { reason: evil, preview: { summary: evil }, context: { [evil]: evil } },
    );
    for (const command of [['show', id], ['queue'], ['show', id, '--json'], ['approve', id]]) {
      const { out, err } = await as('reviewer', ...command);
      expect(out + err).not.toMatch(/[^\P{C}\n]|\u2028|\u2029/u);
      // Lines of its own making are led by a bar, so they do not pass for ours.
      expect(out.match(/^Verdicts$/gm)?.length ?? 0).toBeLessThan(2);
    }
  });
});

describe('who may not', () => {
  test.each([
    ['a reviewer makes no keys', 'reviewer', ['keys', 'list'], 'forbidden'],
    ['an admin decides nothing', 'admin', ['queue'], 'forbidden'],
    ['an unknown id is not found', 'reviewer', ['show', 'req_00000000000000000000000000'], 'not_found'],
    ['an id is only an id', 'reviewer', ['show', '../keys'], 'not_found'],
  ] as const)('%s', async (_title, who, argv, code) => {
    expect(await as(who, ...argv)).toMatchObject({
      code: 1,
      err: expect.stringMatching(new RegExp(`^${code}: `)),
    });
  });

  test('a wrong key is said to be wrong', async () => {
    const env = { COUNTERSIGN_URL: intake.url, COUNTERSIGN_KEY: 'cs_default_wrong' };
    expect(await countersign(['queue'], { env })).toMatchObject({
      code: 1,
      err: expect.stringMatching(/^unauthorized: /),
    });
  });
});

describe('an admin', () => {
  test('makes a key for an agent, sees it listed without its secret, and revokes it', async () => {
    const made = await as(
      'admin',
      'keys',
      'create',
      '--role',
      'agent',
      '--owner',
      'di',
      '--agent',
      'mail-*',
      '--json',
    );
    const { id, key }: { id: string; key: string } = JSON.parse(made.out);
    const listed = await as('admin', 'keys', 'list');
    expect(listed.out).toMatch(new RegExp(`${id}  di  agent  agents mail-\\*$`, 'm'));
    expect(listed.out).not.toContain(key);
    expect((await as('admin', 'keys', 'revoke', id)).code).toBe(0);
    expect((await as('admin', 'keys', 'list')).out).toMatch(new RegExp(`${id} .* revoked `));
  });

  test('makes a pairing code for a person, once', async () => {
    const { code, out } = await as('admin', 'pair', 'ann');
    expect(code).toBe(0);
    const pairing = new URL(out).hash.slice('#pair='.length);
    const use = () =>
      fetch(`${intake.url}/v1/pair`, { method: 'POST', body: JSON.stringify({ code: pairing }) }).then(
        (r) => r.status,
      );
    expect([await use(), await use()]).toEqual([200, 401]);
  });
});
