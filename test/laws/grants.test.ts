/** Standing grants under races and in any life: a grant lets through what was granted, and never a call more. */
import type { JsonObject, Proposed } from '@countersign/shared/contracts';
import type { PolicyAnswer } from '@countersign/shared/policy';
import type { RequestRecord } from '@countersign/shared/request';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { World } from '../../services/intake/lifecycle/command.ts';
import { decide as decideOn } from '../../services/intake/lifecycle/decide.ts';
import type { GrantOffered } from '../../services/intake/lifecycle/grant.ts';
import { propose } from '../../services/intake/lifecycle/propose.ts';
import type { Answer, TestIntake } from '../support/intake.ts';
import { type Arena, arenaPerTest, decide } from './arena.ts';
import { grantViolations } from './grant-violations.ts';
import { asksFor } from './scenario.ts';

const policy = `version: 1
rules:
  - { name: notes, tools: ['*'], effect: approval_required, timeout: 1h, grants: { calls: 50, for: 1h, per: [param.to] } }
`;
const limit = 120_000;

const openFor = arenaPerTest();

async function granted(calls: number, seconds = 3600): Promise<Arena & { id: string }> {
  const arena = await openFor(policy);
  const request = await arena.left.propose({ tool: 'note', args: { to: 'kim' } });
  const { body } = await decide(arena.left, arena.ann, request, 'approve', { grant: { calls, seconds } });
  return { ...arena, id: body.granted?.id ?? '' };
}

const proposeTo = ({ call, keys }: TestIntake, args: JsonObject): Promise<Answer<Proposed>> =>
  call(keys.agent, 'POST', '/v1/requests', { agent: 'tester', tool: 'note', args });

/** So many proposals at once, half of them to each intake. */
const burst = ({ left, right }: Arena, count: number) =>
  Promise.all(
    Array.from({ length: count }, (_, n) => proposeTo(n % 2 === 0 ? left : right, { to: 'kim', n })),
  );

const counted = (answers: Answer<Proposed>[]): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const { body, code } of answers) {
    const what = code ?? body.decision;
    counts[what] = (counts[what] ?? 0) + 1;
  }
  return counts;
};

async function expectNoViolations({ inspect }: Arena): Promise<void> {
  const snapshot = await inspect();
  expect([...snapshot.violations, ...grantViolations(snapshot)]).toEqual([]);
}

describe('races', () => {
  test.each([1, 5, 50])(
    '64 proposals at once use %i granted calls, each once, and the others wait',
    { timeout: limit },
    async (calls) => {
      const here = await granted(calls);
      expect(counted(await burst(here, 64))).toEqual({ allow: calls, approval_required: 64 - calls });
      await expectNoViolations(here);
    },
  );

  test('nothing is let through after the word that revokes', { timeout: limit }, async () => {
    const here = await granted(50);
    const { right, keys } = { right: here.right, keys: here.left.keys };
    const revoking = (async () => {
      await burst(here, 4);
      return right.call(keys.admin, 'DELETE', `/v1/grants/${here.id}`);
    })();
    const [answers, { status }] = await Promise.all([burst(here, 64), revoking]);
    expect(status).toBe(204);
    const after = counted(await burst(here, 8));
    expect(after).toEqual({ approval_required: 8 });
    expect(
      Object.keys(counted(answers)).every((what) => what === 'allow' || what === 'approval_required'),
    ).toBe(true);
    await expectNoViolations(here);
  });

  test('nothing is let through after a freeze was set', { timeout: limit }, async () => {
    const here = await granted(50);
    const freezing = here.right.call(here.left.keys.admin, 'POST', '/v1/freeze', {
      scope: 'workspace',
      reason: 'Stop.',
    });
    // Fewer than were granted, so that what is not let through is frozen, and nothing waits.
    const [answers] = await Promise.all([burst(here, 40), freezing]);
    expect(Object.keys(counted(answers)).every((what) => what !== 'approval_required')).toBe(true);
    await expectNoViolations(here);
  });

  test('two grants given at once on the same calls are both used up, and no more', {
    timeout: limit,
  }, async () => {
    const here = await granted(3);
    const [one, two] = await Promise.all([
      proposeTo(here.left, { to: 'bo', n: 1 }),
      proposeTo(here.right, { to: 'bo', n: 2 }),
    ]);
    const requests = [one, two].flatMap(({ body }) =>
      body.decision === 'approval_required' ? [body.request] : [],
    );
    const grant = { calls: 3, seconds: 600 };
    await Promise.all(
      requests.map((request, n) =>
        decide(here.left, n === 0 ? here.ann : here.bo, request, 'approve', { grant }),
      ),
    );
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, n) => proposeTo(n % 2 === 0 ? here.left : here.right, { to: 'bo', n })),
    );
    expect(counted(answers)).toEqual({ allow: 6, approval_required: 14 });
    await expectNoViolations(here);
  });
});

describe('in any life of a grant', () => {
  const grants = { calls: 5, for_ms: 60_000, per: null };
  const answer: PolicyAnswer = { ...asksFor(1), grants };
  const base = {
    workspace: 'default',
    agent: 'robot',
    tool: 'pay',
    key_id: 'key_1',
    context_trusted: true,
    canary: { salt: 's', commitment: 'sha256:c' },
  };
  const people = ['ann', 'bo', 'owner', 'asker'] as const;
  const worldAt = (now: number, reviewers: readonly string[], more: Partial<World> = {}): World => ({
    now,
    freezes: [],
    freeze_epoch: 0,
    groupsOf: (person) => (reviewers.includes(person) ? new Set() : undefined),
    reviewers,
    denied_keys: [],
    ...more,
  });

  /** What `reviewer` grants on a request of the robot's, where the lifecycle lets them. */
  function give(reviewer: string, asked: { calls: number; for_ms: number }): RequestRecord {
    const world = worldAt(1_000, people);
    const proposal = { ...base, id: 'req_1', owner: 'owner', args_digest: 'sha256:a' };
    const { request } = propose(proposal, answer, world);
    return decideOn(
      request,
      {
        kind: 'decide',
        reviewer,
        verdict: 'approve',
        seen: { version: 1, args_digest: 'sha256:a' },
        args: {},
        answer,
        grant: { id: 'grt_1', match: 'alike', ...asked },
      },
      world,
    ).request;
  }

  test('laws 2 and 8: within what policy lets, by whoever may approve alone, and only together with the approval', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...people),
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 1, max: 90_000 }),
        (reviewer, calls, for_ms) => {
          const given = give(reviewer, { calls, for_ms });
          const may = reviewer !== 'owner' && calls <= grants.calls && for_ms <= grants.for_ms;
          expect(given.status).toBe(may ? 'approved' : 'pending');
          expect(given.granted !== undefined).toBe(may);
        },
      ),
    );
  });

  test('laws 2, 4, 8: it lets a call through only if all that policy asks is met at that moment', () => {
    const grant = give('ann', { calls: 2, for_ms: 10_000 }).granted;
    if (grant === undefined) throw new Error('ann may grant');
    let through = 0;
    const usually = <T>(usual: T, ...others: T[]) =>
      fc.constantFrom(usual, usual, usual, usual, usual, ...others);
    fc.assert(
      fc.property(
        fc.record({
          proposal: fc.record({
            agent: usually('robot', 'other'),
            tool: usually('pay', 'read'),
            key_id: usually('key_1', 'key_2'),
            owner: usually('owner', 'ann'),
            requested_by: usually('asker', 'ann'),
          }),
          match: usually('alike', 'unlike'),
          effect: usually<PolicyAnswer['effect']>('approval_required', 'deny', 'allow', 'review_after'),
          policy_digest: usually('sha256:p1', 'sha256:p2'),
          grantable: usually(true, false),
          tier: usually<PolicyAnswer['terms']['tier']>('medium', 'high', 'critical'),
          need: usually(1, 2),
          now: fc.integer({ min: 1_000, max: 12_500 }),
          frozen: usually(false, true),
          reviewers: usually<string[]>(['ann', 'bo'], ['bo']),
        }),
        (life) => {
          const { proposal, match, effect, policy_digest, grantable, tier, need, now, frozen, reviewers } =
            life;
          const asked = asksFor(need);
          const { grants: _none, ...without } = answer;
          const judged: PolicyAnswer = {
            ...(grantable ? answer : without),
            effect,
            policy_digest,
            terms: { ...asked.terms, tier },
          };
          const freeze = {
            id: 'frz_1',
            epoch: 1,
            scope: 'workspace',
            reason: 'stop',
            set_by: 'cy',
            set_at: 1_500,
          } as const;
          const world = worldAt(
            now,
            reviewers,
            frozen ? { freezes: [{ ...freeze, lifted_at: 1_600 }], freeze_epoch: 2 } : {},
          );
          const offered: GrantOffered = { grant, match, use: 1 };
          const decision = propose(
            { ...base, ...proposal, id: 'req_2', args_digest: 'sha256:a' },
            judged,
            world,
            [offered],
          );
          const { request } = decision;
          if (request.grant_used === undefined) {
            if (effect === 'approval_required') expect(request.status).toBe('pending');
            if (effect === 'deny') expect(request.status).toBe('rejected');
            return;
          }
          through++;
          expect(life).toMatchObject({
            proposal: { agent: 'robot', tool: 'pay', key_id: 'key_1', owner: 'owner', requested_by: 'asker' },
            match: 'alike',
            effect: 'approval_required',
            policy_digest: 'sha256:p1',
            grantable: true,
            tier: 'medium',
            need: 1,
            frozen: false,
            reviewers: ['ann', 'bo'],
          });
          expect(now).toBeLessThan(grant.expires_at);
          expect(decision.not_after).toBe(grant.expires_at - 1);
          expect(request).toMatchObject({ status: 'approved', decided_by: 'grant', verdicts: [] });
        },
      ),
      { numRuns: 2_000 },
    );
    expect(through).toBeGreaterThan(50);
  });

  test('law 7: an edit grants nothing, and what stands after one can not be granted either', () => {
    const world = worldAt(1_000, people);
    const byTwo: PolicyAnswer = { ...asksFor(2), grants };
    const { request } = propose(
      { ...base, id: 'req_1', owner: 'owner', args_digest: 'sha256:a' },
      byTwo,
      world,
    );
    const seen = { version: 1, args_digest: 'sha256:a' };
    const command = { kind: 'decide', reviewer: 'ann', verdict: 'approve', args: {}, answer: byTwo } as const;
    const edit = { digest: 'sha256:b', args: { n: 1 }, answer: byTwo };
    const grant = { id: 'grt_1', match: 'alike', calls: 1, for_ms: 1 };
    const both = decideOn(request, { ...command, seen, edit, grant }, world);
    expect(both.refusal?.code).toBe('grant_not_allowed');
    const edited = decideOn(request, { ...command, seen, edit }, world).request;
    expect(edited).toMatchObject({ version: 2, status: 'pending' });
    expect(edited).not.toHaveProperty('grantable');
    const after = { version: 2, args_digest: 'sha256:b' };
    const second = decideOn(edited, { ...command, reviewer: 'bo', seen: after, grant }, world);
    expect(second.refusal?.code).toBe('grant_not_allowed');
  });
});
