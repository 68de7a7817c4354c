/** Limits over time against a plain model: random lives of requests, and what each next call is told. */
import type { Proposed, RequestView } from '@countersign/shared/contracts';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { arenaPerTest, decide } from './arena.ts';

const policy = `version: 1
rules:
  - { name: refunds, tools: ['*'], effect: allow, limits: [{ sum: param.amount, per: param.to, window: 1h, over: 1, tier: high }] }
`;
const openFor = arenaPerTest();

/** What the model knows of a call: cents, whose, and whether it is counted. */
type Known = { id: string; cents: number; to: string; counted: boolean; request: RequestView | undefined };

const cents = fc.integer({ min: 1, max: 70 });
const pick = fc.nat();
const command = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant('propose' as const), cents, to: fc.constantFrom('kim', 'lee') }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('reject' as const, 'cancel' as const), pick }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constantFrom('approve' as const, 'revoke' as const),
      pick,
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('edit' as const), pick, cents }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('supersede' as const), pick, cents }) },
);

test('a call is let through exactly where the sum with it is within the limit, whatever became of the others', {
  timeout: 120_000,
}, async () => {
  const { left, right, ann, inspect } = await openFor(policy);
  let n = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(command, { minLength: 5, maxLength: 25 }), async (commands) => {
      // Each run has recipients, and so counters, of its own.
      const run = ++n;
      const known: Known[] = [];
      const total = (to: string) =>
        known.reduce((sum, call) => sum + (call.counted && call.to === to ? call.cents : 0), 0);
      const propose = async (amount: number, to: string, supersedes?: string) => {
        const intake = ++n % 2 === 0 ? left : right;
        const { body } = await intake.call<Proposed>(left.keys.agent, 'POST', '/v1/requests', {
          agent: 'tester',
          tool: 'refund',
          args: { amount: amount / 100, to: `${to} ${run}`, n },
          ...(supersedes === undefined ? {} : { supersedes }),
        });
        const sum = total(to) + amount;
        expect(body.decision).toBe(sum <= 100 ? 'allow' : 'approval_required');
        const request = body.decision === 'approval_required' ? body.request : undefined;
        if (request !== undefined) {
          expect(request.why[0]?.exceeded).toMatchObject([{ total: sum / 100, over: 1 }]);
        }
        const id = body.decision === 'allow' ? body.request_id : (request?.id ?? '');
        known.push({ id, cents: amount, to, counted: true, request });
      };
      for (const next of commands) {
        if (next.kind === 'propose') {
          await propose(next.cents, next.to);
          continue;
        }
        const call = known[next.pick % (known.length || 1)];
        if (call === undefined) continue;
        const waits = call.request !== undefined && call.counted;
        const { request } = call;
        const post = (key: string, verb: string) =>
          left.call(key, 'POST', `/v1/requests/${call.id}/${verb}`, {});
        if (next.kind === 'supersede' && call.counted) {
          call.counted = false;
          await propose(next.cents, call.to, call.id);
          call.request = undefined;
        } else if (next.kind === 'revoke' && !waits && call.counted) {
          expect((await post(left.keys.lead, 'revoke')).status).toBe(200);
          call.counted = false;
        } else if (waits && request !== undefined) {
          if (next.kind === 'cancel') {
            expect((await post(left.keys.agent, 'cancel')).status).toBe(200);
            call.counted = false;
          } else if (next.kind === 'reject') {
            expect((await decide(left, ann, request, 'reject')).status).toBe(200);
            call.counted = false;
          } else if (next.kind === 'approve' || next.kind === 'edit') {
            const args = next.kind === 'edit' ? { args: { ...request.args, amount: next.cents / 100 } } : {};
            const { status, body } = await decide(right, ann, request, 'approve', args);
            expect([status, body.status]).toEqual([200, 'approved']);
            if (next.kind === 'edit') call.cents = next.cents;
          } else continue;
          call.request = undefined;
        }
      }
    }),
    { numRuns: 40, seed: 20261122 },
  );
  expect((await inspect()).violations).toEqual([]);
});
