import fc from 'fast-check';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { CountersignError } from '../../sdk/index.ts';
import { refundTool, startAgent } from './agent.ts';
import type { Fault, Sent } from './faulty-fetch.ts';

beforeAll(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
  vi.setTimerTickMode('nextTimerAsync');
});
afterAll(() => {
  vi.useRealTimers();
});

/** What befalls the calls to one address: first these, then either nothing or the last one for ever. */
const troubles = fc.record({
  first: fc.array(fc.constantFrom<Fault>('lost', 'unsent', 'busy', 'gateway', 'hang'), { maxLength: 3 }),
  forEver: fc.boolean().chain((rare) => (rare ? fc.boolean() : fc.constant(false))),
});
const endings = fc.record({
  kind: fc.constantFrom('allow', 'deny', 'approve', 'edit', 'reject', 'time out', 'freeze', 'revoke'),
  after: fc.integer({ min: 0, max: 300 }),
});
const addresses = ['propose', 'wait', 'consume', 'report'] as const;

function addressOf({ method, path }: Sent): (typeof addresses)[number] | undefined {
  if (method === 'GET') return 'wait';
  if (path === '/v1/requests') return 'propose';
  if (path === '/v1/tokens/consume') return 'consume';
  return path.endsWith('/outcome') ? 'report' : undefined;
}

test('law 5: over any sequence of failures the tool runs at most once, only when approved, only with the approved arguments', async () => {
  const seen = { ran: 0, stopped: 0, failed: 0 };
  await fc.assert(
    fc.asyncProperty(
      fc.record({ propose: troubles, wait: troubles, consume: troubles, report: troubles }),
      endings,
      async (trouble, ending) => {
        const unreported: string[] = [];
        const decidedBy: Record<string, 'allow' | 'deny'> = { allow: 'allow', deny: 'deny' };
        const effect = decidedBy[ending.kind] ?? 'approval_required';
        const { intake, refund, ran } = startAgent({
          effects: { [refundTool]: effect },
          view: { expires_at: new Date(Date.now() + 600_000).toISOString() },
          plan: (call, nth) => {
            const address = addressOf(call);
            if (!address) return undefined;
            const { first, forEver } = trouble[address];
            return first[nth] ?? (forEver ? first.at(-1) : undefined);
          },
          options: { onUnreported: (_, id) => unreported.push(id) },
        });
        const settled = refund({ order: 'A1', amount: 240 }).then(
          (result) => ({ result }),
          (error: unknown) => ({ error }),
        );
        const decide = () => {
          const id = 'req-1';
          if (intake.requests.get(id)?.status !== 'pending') return;
          if (ending.kind === 'approve') intake.approve(id);
          if (ending.kind === 'edit') intake.approve(id, { args: { order: 'A1', amount: 24 }, reason: '' });
          if (ending.kind === 'reject') intake.stop(id, 'rejected', 'approval_rejected');
          if (ending.kind === 'time out') intake.stop(id, 'timed_out', 'approval_timeout');
          if (ending.kind === 'freeze') intake.stop(id, 'cancelled', 'frozen');
          if (ending.kind === 'revoke') {
            intake.approve(id);
            intake.change(id, { stop_reason: 'approval_revoked' });
          }
        };
        // The request may be proposed only after some retries: decide whenever it is there.
        for (let again = 0; again < 4; again++) setTimeout(decide, (ending.after + again * 60) * 1000);

        const end = await settled;
        const request = intake.requests.get('req-1');
        expect(intake.requests.size).toBeLessThanOrEqual(1);
        expect(ran.length).toBe('result' in end ? 1 : 0);
        if ('result' in end) {
          seen.ran++;
          expect(['allow', 'approve', 'edit']).toContain(ending.kind);
          expect(request?.consumed_at).toBeDefined();
          expect(ran[0]?.args).toEqual({ order: 'A1', amount: ending.kind === 'edit' ? 24 : 240 });
          expect(request?.outcome !== undefined || unreported.length === 1).toBe(true);
        } else {
          if (!(end.error instanceof CountersignError)) throw end.error;
          seen[end.error.code === 'unavailable' ? 'failed' : 'stopped']++;
        }
        const passes = [trouble.propose, trouble.wait, trouble.consume].every(
          ({ first, forEver }) => !forEver || first.length === 0,
        );
        if (passes && ['allow', 'approve', 'edit'].includes(ending.kind)) expect(ran).toHaveLength(1);
      },
    ),
    { numRuns: 300 },
  );
  // The sequences reach every kind of end; otherwise the property says little.
  expect(Math.min(seen.ran, seen.stopped, seen.failed)).toBeGreaterThan(15);
});
