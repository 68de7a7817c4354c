/** A policy held against a sealed log: what is counted, against what is known of each action. */
import { afterAll, describe, expect, test } from 'vitest';
import { simulate } from '../../../services/ledger/backtest/run.ts';
import { openDisk } from '../../../services/ledger/disk/disk.ts';
import { openBeside } from '../../../services/ledger/sealing/beside.ts';
import { BEGIN, type Made, type MadeLog, policyOf, sealedOf } from './made.ts';

const open: MadeLog[] = [];
afterAll(async () => {
  for (const { remove } of open) await remove();
});
async function logOf(all: readonly Made[]): Promise<MadeLog> {
  const made = await sealedOf(all);
  open.push(made);
  return made;
}

const over50 = policyOf(`
version: 1
default: allow
rules:
  - { name: large, tools: [refund], when: param.amount > 50, effect: approval_required, tier: high }
  - { name: huge, tools: [refund], when: param.amount > 1000, effect: deny }
`);

describe('a simulation', () => {
  test('counts what was against what would be, and names examples', async () => {
    const { log } = await logOf([
      { id: 'small', args: { amount: 20 } },
      { id: 'large', args: { amount: 80 }, verdict: 'reject' },
      { id: 'huge', args: { amount: 5_000 }, was: 'allow', after: 'failed' },
      { id: 'read', tool: 'orders.list', args: {}, was: 'allow' },
    ]);
    const result = await simulate(log, over50, {});
    expect(result).toMatchObject({
      policy_digest: over50.digest,
      period: { from: new Date(BEGIN).toISOString(), to: new Date(BEGIN + 3_000).toISOString() },
      actions: 4,
      left_out: { erased: 0, planted: 0 },
      was: { allow: 2, approval_required: 2, deny: 0, review_after: 0 },
      would: { allow: 2, approval_required: 1, deny: 1, review_after: 0 },
      asked: { was: { k: 2, n: 4, share: 0.5 }, would: { k: 1, n: 4, share: 0.25 } },
      limits: 'none',
    });
    expect(result.tiers.filter(({ was, would }) => was + would > 0)).toEqual([
      { tier: 'medium', was: 2, would: 0 },
      { tier: 'high', was: 0, would: 1 },
    ]);
    const change = (was: string, would: string) =>
      result.changes.find((one) => one.was.effect === was && one.would.effect === would);
    expect(change('approval_required', 'allow')).toMatchObject({
      actions: 1,
      faulty: 0,
      examples: [{ request_id: 'small', tool: 'refund', was_rules: ['then'], would_rules: ['default'] }],
    });
    expect(change('approval_required', 'approval_required')).toMatchObject({
      would: { tier: 'high' },
      faulty: 1,
      examples: [{ request_id: 'large', faults: ['rejected'], would_rules: ['large'] }],
    });
    expect(change('allow', 'deny')?.examples[0]).toMatchObject({ request_id: 'huge', faults: ['failed'] });
    expect(result.rules.find(({ rule }) => rule === 'huge')).toEqual({ rule: 'huge', actions: 1, errors: 0 });
  });

  test('says of each kind of fault how many are stopped, of how many, and the lower bound', async () => {
    const { log } = await logOf([
      ...Array.from(
        { length: 7 },
        (_, n): Made => ({ id: `r${n}`, args: { amount: 60 }, verdict: 'reject' }),
      ),
      { id: 'edited', args: { amount: 10 }, verdict: 'edit' },
      { id: 'revoked', args: { amount: 70 }, after: 'revoked' },
      { id: 'audited', args: { amount: 30 }, was: 'allow' },
    ]);
    const { faults } = await simulate(log, over50, {}, { audited: ['audited', 'nobody'] });
    const of = (fault: string) => faults.find((one) => one.fault === fault);
    // The design's own example: 7 of 7 is 65% at least.
    expect(of('rejected')).toMatchObject({ n: 7, was: 7, would: 7 });
    expect(of('rejected')?.low).toBeCloseTo(0.646, 3);
    expect(of('edited')).toMatchObject({ n: 1, was: 1, would: 0, low: 0 });
    expect(of('undone')).toMatchObject({ n: 1, would: 1 });
    expect(of('audited')).toMatchObject({ n: 1, was: 0, would: 0 });
    expect(of('failed')).toEqual({ fault: 'failed', n: 0, was: 0, would: 0, low: null });
    expect(of('any')).toMatchObject({ n: 10, was: 9, would: 8 });
  });

  test('bounds what may be wrong among calls that nobody would be asked about any more', async () => {
    const clean = Array.from({ length: 59 }, (_, n): Made => ({ id: `c${n}`, args: { amount: 5 } }));
    const { log } = await logOf(clean);
    const { unasked } = await simulate(log, over50, {});
    expect(unasked).toMatchObject({ actions: 59, judged: 59, faulty: 0 });
    expect(unasked.bound).toBeCloseTo(0.0495, 4);
    // The same calls, of which nobody is known to have looked at any: nothing is known.
    const unseen = await logOf(clean.map((one) => ({ ...one, was: 'deny' as const })));
    expect((await simulate(unseen.log, over50, {})).unasked).toMatchObject({ judged: 0, bound: 1 });
  });

  test('leaves out what was planted, and says what was erased', async () => {
    const { log, folder } = await logOf([
      { id: 'planted', args: { amount: 80 }, verdict: 'reject', planted: true },
      { id: 'real', args: { amount: 80 }, planted: false },
      { id: 'erased', args: { amount: 80 } },
    ]);
    await openBeside(openDisk(folder)).erase(new Set(['erased']));
    expect(await simulate(log, over50, {})).toMatchObject({
      actions: 1,
      left_out: { erased: 1, planted: 1 },
      faults: expect.arrayContaining([expect.objectContaining({ fault: 'any', n: 0 })]),
    });
  });

  test('goes by context only where its key was trusted', async () => {
    const policy = policyOf(`
version: 1
default: allow
rules: [{ name: admins, when: not context.is_admin, effect: deny }]
`);
    const { log } = await logOf([
      { id: 'trusted', args: {}, said: { context: { is_admin: true } }, data: { context_trusted: true } },
      { id: 'untrusted', args: {}, said: { context: { is_admin: true } } },
    ]);
    const { would, rules } = await simulate(log, policy, {});
    expect(would).toMatchObject({ allow: 1, approval_required: 1 });
    expect(rules).toContainEqual({ rule: 'admins', actions: 1, errors: 1 });
  });

  test('takes only the actions of its period', async () => {
    const { log } = await logOf([
      { id: 'a', args: { amount: 80 } },
      { id: 'b', args: { amount: 80 } },
      { id: 'c', args: { amount: 80 } },
    ]);
    const { actions, changes } = await simulate(log, over50, { from: BEGIN + 1_000, to: BEGIN + 2_000 });
    expect([actions, changes[0]?.examples[0]?.request_id]).toEqual([1, 'b']);
    expect(await simulate(log, over50, { from: BEGIN + 9_000 })).toMatchObject({ actions: 0, period: null });
  });

  test('says what shadow rules would change, and what they did when they were recorded', async () => {
    const policy = policyOf(`
version: 1
default: allow
rules: [{ name: tried, when: param.amount > 50, effect: approval_required, shadow: true }]
`);
    const recorded = { shadow: { effect: 'deny', tier: 'medium', rules: ['tried', 'gone'] } };
    const { log } = await logOf([
      { id: 'a', args: { amount: 80 }, data: recorded },
      { id: 'b', args: { amount: 20 } },
    ]);
    const { shadow, would } = await simulate(log, policy, {});
    expect(would.allow).toBe(2);
    expect(shadow).toEqual([
      { rule: 'tried', matched: 1, changed: 1, recorded: 1 },
      { rule: 'gone', matched: 0, changed: 0, recorded: 1 },
    ]);
  });

  test('tells how far it is', async () => {
    const { log } = await logOf(
      Array.from({ length: 600 }, (_, n) => ({ id: `n${n}`, args: { amount: n } })),
    );
    const told: string[] = [];
    await simulate(
      log,
      over50,
      {},
      {
        onProgress: ({ stage, done, of }) => told.push(`${stage} ${done}/${of}`),
      },
    );
    expect(told[0]).toBe('reading 2400/2400');
    expect(told.at(-1)).toBe('judging 600/600');
  });
});
