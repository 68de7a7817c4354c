/** The laws of the lifecycle as properties of random lives. Each test is one law; `play.ts` makes the lives. */
import { NO_TERMS, strengthen } from '@countersign/shared/policy';
import { isTerminal, met, type RequestRecord, tierRank } from '@countersign/shared/request';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decide } from '../../services/intake/lifecycle/decide.ts';
import { applyDue, timersOf } from '../../services/intake/lifecycle/due.ts';
import { onEveryLife, onEveryMove } from './every-life.ts';
import { freezesOf, isFrozen, isGrownFrom, placesOf, seated } from './oracle.ts';
import { eventsOf, play } from './play.ts';
import { asksFor, type Step, scenarios } from './scenario.ts';

const decisive = new Set(['request.approved', 'request.rejected', 'request.timed_out', 'request.cancelled']);
const ends = ({ type, status }: { type: string; status?: string }) =>
  decisive.has(type) || (type === 'request.superseded' && status === 'cancelled');

/** What a decision fixes. */
function decided({
  status,
  decided_at,
  decided_by,
  stop_reason,
  verdicts,
  args_digest,
  terms,
}: RequestRecord) {
  return { status, decided_at, decided_by, stop_reason, verdicts, args_digest, terms };
}

describe('one decision', () => {
  test('law 1: a terminal status never changes, nor anything that was decided with it', () => {
    onEveryMove(({ before, after }) => {
      if (isTerminal(before.status)) expect(decided(after)).toEqual(decided(before));
    });
  });

  test('law 1: a request gets at most one decision, and it is in the feed exactly when it is on record', () => {
    onEveryLife((life) => {
      const last = life.moves.at(-1)?.after ?? life.proposed.request;
      const endings = eventsOf(life).filter(ends);
      expect(endings.map(({ status }) => status)).toEqual(isTerminal(last.status) ? [last.status] : []);
    });
  });

  test('every change grows the revision by one and is told in the feed; what changes nothing is not committed', () => {
    onEveryMove(({ before, after, decision, command }) => {
      if (after === before) {
        const told = decision.events.map(({ type }) => type);
        expect(command.kind === 'consume' ? told.filter((type) => type !== 'token.refused') : told).toEqual(
          [],
        );
        return;
      }
      expect(after.revision).toBe(before.revision + 1);
      expect(decision.events.length).toBeGreaterThan(0);
      for (const event of decision.events) expect(event.revision).toBe(after.revision);
    });
  });

  test('the version grows exactly when what a reviewer judges changes', () => {
    onEveryMove(({ before, after, decision }) => {
      const judged = ({ args_digest, terms }: RequestRecord) => ({ args_digest, terms });
      if (after.version === before.version) expect(judged(after)).toEqual(judged(before));
      else expect(judged(after)).not.toEqual(judged(before));
      // Every version is told of, by what made it.
      let version = before.version;
      for (const event of decision.events) {
        if (event.version === version) continue;
        expect(event.version).toBe(version + 1);
        expect(event.type).toMatch(/^request\.(edited|raised|escalated)$/);
        version += 1;
      }
      expect(version).toBe(after.version);
    });
  });

  test('what an agent is told follows from the end: a stop reason for every end but approval', () => {
    const reasons: Record<string, unknown[]> = {
      pending: [undefined],
      approved: [undefined],
      rejected: ['approval_rejected', 'policy_denied', 'frozen'],
      timed_out: ['approval_timeout'],
      cancelled: ['approval_cancelled', 'frozen'],
    };
    onEveryMove(({ after }) => expect(reasons[after.status]).toContain(after.stop_reason));
  });
});

describe('time', () => {
  test('law 2: a verdict is committed before the deadline, and an approval takes effect at the deadline at the latest', () => {
    onEveryMove(({ before, after, decision, at }) => {
      const deadline = before.expires_at ?? Number.POSITIVE_INFINITY;
      for (const event of decision.events) {
        if (event.type === 'verdict.given') expect(at).toBeLessThan(deadline);
        if (event.type === 'request.approved') expect(event.at).toBeLessThanOrEqual(deadline);
      }
      if (after.status === 'approved') expect(after.decided_at).toBeLessThanOrEqual(deadline);
    });
  });

  test('law 2: silence is never consent: who waits it out unseen is told of a timeout', () => {
    fc.assert(
      fc.property(scenarios(), (scenario) => {
        const commands = scenario.steps.filter((step) => step.do !== 'command');
        const { proposed } = play({ ...scenario, steps: commands });
        const { request } = proposed;
        const now = (request.expires_at ?? 1e12) + 1e9;
        const world = { ...play({ ...scenario, steps: [] }).end, now };
        const after = decide(request, { kind: 'wake' }, world).request;
        expect(after.status).toBe(request.expires_at === null ? 'pending' : 'timed_out');
        if (after.status === 'timed_out') expect(after.decided_at).toBe(request.expires_at);
      }),
    );
  });

  test('law 2: a deadline never moves and never fires early', () => {
    onEveryMove(({ before, after, world }) => {
      expect(after.expires_at).toBe(before.expires_at);
      if (after.status === 'timed_out' && before.status === 'pending') {
        expect(world.now).toBeGreaterThanOrEqual(before.expires_at ?? Number.POSITIVE_INFINITY);
        expect(after.decided_at).toBe(before.expires_at);
      }
    });
  });

  test('an approval under a hold takes effect when the hold ends, not before; undone in time, never', () => {
    onEveryMove(({ before, after, world, command, at }) => {
      if (before.release_at !== undefined) {
        expect(before.release_at).toBeLessThanOrEqual(before.expires_at ?? before.release_at);
        if (after.status === 'approved') {
          expect(world.now).toBeGreaterThanOrEqual(before.release_at);
          expect(after.decided_at).toBe(before.release_at);
        }
      }
      const due = before.release_at !== undefined && before.release_at <= world.now;
      if (due && before.status === 'pending' && freezesOf(before, world).length === 0) {
        // Where the hold ends with the deadline, the release wins, if those who approved still may.
        const approvers = before.verdicts.map(({ reviewer }) => reviewer);
        const stands = before.terms.requirements.every((requirement) =>
          seated(placesOf(requirement), approvers, world.groupsOf),
        );
        expect(after.status === 'approved').toBe(stands);
      }
      if (command.kind === 'undo' && after !== before && after.status === 'pending') {
        expect(after.release_at).toBeUndefined();
        expect(at).toBeLessThan(before.release_at ?? Number.POSITIVE_INFINITY);
      }
    });
  });

  test('the timers of a request are all there is to wait for: nothing is due before the next, something is at it', () => {
    onEveryLife(({ proposed, moves, end }) => {
      for (const { request, world } of [
        { request: proposed.request, world: end },
        ...moves.map(({ after, world }) => ({ request: after, world })),
      ]) {
        // Freezes come from outside and are looked for when they are set; they have tests of their own.
        const alone = { ...world, freezes: [] };
        const [settled] = applyDue(request, alone);
        const next = Math.min(...Object.values(timersOf(settled)));
        const soon = Number.isFinite(next) ? next - 1 : world.now + 1e12;
        expect(applyDue(settled, { ...alone, now: Math.max(world.now, soon) })[0]).toBe(settled);
        if (Number.isFinite(next)) expect(applyDue(settled, { ...alone, now: next })[0]).not.toBe(settled);
      }
    });
  });

  test('law 2: timers that are all late come to the same as timers that are on time', () => {
    onEveryLife(({ proposed, moves, end }) => {
      const start = moves.at(-1)?.after ?? proposed.request;
      const far = { ...end, now: end.now + 1e12 };
      const late = applyDue(start, far);
      let prompt: ReturnType<typeof applyDue> = [start, []];
      for (let left = 20; left > 0; left--) {
        const next = Math.min(far.now, ...Object.values(timersOf(prompt[0])));
        const [request, events] = applyDue(prompt[0], { ...end, now: Math.max(end.now, next) });
        prompt = [request, [...prompt[1], ...events]];
      }
      expect(prompt).toEqual(late);
    });
  });
});

describe('permission to run', () => {
  test('law 5: a token runs one call, once, with exactly the args of the decision, while it is valid', () => {
    onEveryLife((life) => {
      const used = eventsOf(life).filter(({ type }) => type === 'token.consumed');
      expect(used.length).toBeLessThanOrEqual(1);
      for (const { before, after, command, world, at, decision } of life.moves) {
        if (command.kind !== 'consume' || decision.refusal !== undefined) continue;
        expect(command.digest).toBe(after.args_digest);
        expect(after).toMatchObject({ status: 'approved', consumed: { jti: command.jti } });
        expect(after.revoked).toBeUndefined();
        expect(isFrozen(after, world)).toBe(false);
        if (after !== before && before.consumed === undefined) {
          expect(at).toBeLessThan(Math.min(after.valid_until ?? 0, command.token_until));
        } else {
          expect(before.consumed).toMatchObject({ jti: command.jti, idempotency: command.idempotency });
        }
      }
    });
  });

  test('law 5: a token is issued once, and only for an approval that may run', () => {
    onEveryMove(({ before, after, command, world }) => {
      if (command.kind !== 'issue' || after.token_issued_at === before.token_issued_at) return;
      expect(before.token_issued_at).toBeUndefined();
      expect(after.status).toBe('approved');
      expect([after.revoked, after.consumed, isFrozen(after, world)]).toEqual([undefined, undefined, false]);
      expect(world.now).toBeLessThan(after.valid_until ?? 0);
    });
  });

  test('law 5: what was consumed stays consumed, and an outcome follows a consumption only', () => {
    onEveryMove(({ before, after }) => {
      if (before.consumed !== undefined) expect(after.consumed).toEqual(before.consumed);
      if (after.outcome !== undefined) expect(after.consumed).toBeDefined();
    });
  });
});

describe('what counts as a verdict', () => {
  test('law 6: a verdict on anything but what stands is refused and changes nothing', () => {
    onEveryMove(({ before, command, world, decision, after }) => {
      if (command.kind !== 'decide') return;
      const [standing] = applyDue(before, world);
      const { version, args_digest } = command.seen;
      if (version === standing.version && args_digest === standing.args_digest) return;
      expect(after.verdicts).toEqual(standing.verdicts);
      const digest = command.given ?? args_digest;
      const repeats = standing.verdicts.some(
        (v) => v.reviewer === command.reviewer && v.verdict === command.verdict && v.args_digest === digest,
      );
      if (!repeats) expect(decision.refusal?.code).toMatch(/stale|already_decided|not_your_request/);
    });
  });

  test('law 6: every standing approval is of the args that stand, and of the version, but for who else may decide', () => {
    onEveryLife(({ moves }) => {
      // A version that a step of the ladder makes leaves what was approved as it is.
      let made = 1;
      for (const { after, decision } of moves) {
        const remade = decision.events.filter(({ type }) => /request\.(edited|raised)/.test(type));
        made = remade.at(-1)?.version ?? made;
        for (const { version, args_digest } of after.verdicts) {
          expect(args_digest).toBe(after.args_digest);
          expect(version).toBeGreaterThanOrEqual(made);
          expect(version).toBeLessThanOrEqual(after.version);
        }
      }
    });
  });

  test('law 6: an approval is confirmed where that is asked', () => {
    onEveryMove(({ before, command, decision }) => {
      const gave = decision.events.some(({ type }) => type === 'verdict.given');
      if (command.kind !== 'decide' || command.verdict === 'reject' || !gave) return;
      if (before.terms.friction.kind === 'retype') expect(command.confirm).toBeDefined();
    });
  });

  test('law 7: neither an edit nor a changed policy lowers tier, quorum, hold or friction', () => {
    onEveryMove(({ before, after, decision }) => {
      expect(tierRank[after.terms.tier]).toBeLessThanOrEqual(tierRank[before.terms.tier]);
      expect(after.terms.hold_ms).toBeGreaterThanOrEqual(before.terms.hold_ms);
      for (const requirement of before.terms.requirements) {
        expect(after.terms.requirements.some((one) => isGrownFrom(one, requirement, after))).toBe(true);
      }
      expect(after.terms.friction.paths).toEqual(expect.arrayContaining(before.terms.friction.paths));
      if (decision.events.every(({ type }) => type !== 'request.escalated')) {
        expect(strengthen(after.terms, before.terms).stricter).toBe(false);
      }
      expect([after.tool, after.agent]).toEqual([before.tool, before.agent]);
    });
  });

  test('the same verdict given again, an edit included, is no second one and no refusal', () => {
    onEveryMove(({ command, decision, after, world }) => {
      if (command.kind !== 'decide' || decision.refusal !== undefined) return;
      if (!after.verdicts.some(({ reviewer }) => reviewer === command.reviewer)) return;
      // By now the edit is what stands, so nothing is changed by it a second time.
      const { edit: _made, ...again } = command;
      expect(decide(after, again, world)).toEqual({ request: after, events: [] });
    });
  });

  test('law 7: an edit that policy denies changes nothing', () => {
    onEveryMove(({ before, command, world, after }) => {
      if (command.kind !== 'decide' || command.edit?.answer.effect !== 'deny') return;
      const [standing] = applyDue(before, world);
      if (command.answer.effect !== 'deny') expect(after.args_digest).toBe(standing.args_digest);
    });
  });

  test('law 7: an edit voids earlier approvals and counts its maker once', () => {
    onEveryMove(({ before, after, command }) => {
      if (command.kind !== 'decide' || after.args_digest === before.args_digest) return;
      expect(after.verdicts.map(({ reviewer, edited }) => [reviewer, edited])).toEqual([
        [command.reviewer, true],
      ]);
    });
  });

  test('law 8: who owns the agent’s key or asked for the run never counts', () => {
    onEveryMove(({ after }) => {
      const parties = [after.owner, ...(after.requested_by === undefined ? [] : [after.requested_by])];
      for (const { reviewer } of after.verdicts) expect(parties).not.toContain(reviewer);
      expect(parties).not.toContain(after.decided_by);
    });
  });

  test('law 2: approved means that different people, who may, fill every place that policy names', () => {
    onEveryMove(({ before, after, world }) => {
      if (after.status !== 'approved' || before.status === 'approved') return;
      const approvers = after.verdicts.filter((v) => v.verdict === 'approve').map((v) => v.reviewer);
      expect(new Set(approvers).size).toBe(approvers.length);
      expect(after.decided_by).toBe(approvers.join(','));
      // Who may no longer decide is not among those in whose name it runs.
      const places = after.terms.requirements.flatMap(placesOf);
      for (const one of approvers) {
        expect(places.some((place) => seated([place], [one], world.groupsOf))).toBe(true);
      }
      for (const requirement of after.terms.requirements) {
        expect(seated(placesOf(requirement), approvers, world.groupsOf)).toBe(true);
      }
      expect(after.terms.requirements.length).toBeGreaterThan(0);
    });
  });

  test('an approver who has left since counts no longer and is not named', () => {
    const approve = (reviewer: string): Step => ({
      do: 'command',
      what: { kind: 'decide', reviewer, verdict: 'approve', seen: 'current', confirms: true },
      lag: 0,
    });
    const { moves } = play({
      groups: { ann: [], bo: [], cy: [] },
      answer: asksFor(2),
      asker: false,
      steps: [approve('ann'), { do: 'regroup', person: 'ann', groups: null }, approve('bo'), approve('cy')],
    });
    expect(moves.map(({ after }) => after.status)).toEqual(['pending', 'pending', 'approved']);
    expect(moves.at(-1)?.after).toMatchObject({
      decided_by: 'bo,cy',
      verdicts: [{ reviewer: 'bo' }, { reviewer: 'cy' }],
    });
  });

  test('one person in two groups fills one place, as trying every seating shows', () => {
    const people = ['a', 'b', 'c', 'd'];
    const from = fc.constantFrom<(string[] | null)[]>(null, ['x'], ['y'], ['x', 'y'], ['a']);
    const slots = fc.array(fc.record({ from, need: fc.integer({ min: 1, max: 2 }) }), {
      minLength: 1,
      maxLength: 3,
    });
    const groups = fc.record(Object.fromEntries(people.map((id) => [id, fc.subarray(['x', 'y'])])));
    fc.assert(
      fc.property(slots, groups, fc.subarray(people), (wanted, memberships, present) => {
        const groupsOf = (id: string) => (memberships[id] ? new Set(memberships[id]) : undefined);
        const requirement = { rule: 'r', slots: wanted };
        // Named twice, a person is still one.
        const answer = met(requirement, [...present, ...present], groupsOf);
        expect(answer).toBe(seated(placesOf(requirement), present, groupsOf));
      }),
      { numRuns: 3_000 },
    );
  });
});

describe('freeze', () => {
  test('law 1: a freeze stops what was pending when it was set, even if it is lifted before anyone looks', () => {
    onEveryMove(({ before, after, world }) => {
      const [freeze] = freezesOf(before, world);
      if (before.status !== 'pending' || freeze === undefined) return;
      expect(after.status).not.toBe('pending');
      // What came to its end before the freeze keeps that end.
      if (after.stop_reason !== 'frozen') expect(after.decided_at).toBeLessThan(freeze.set_at);
    });
  });

  test('a freeze that is not for this agent or tool changes nothing', () => {
    onEveryLife(({ moves }) => {
      for (const { before, command, world, decision } of moves) {
        const others = world.freezes.filter(({ match }) => match === 'somebody-else');
        if (others.length === 0 || others.length < world.freezes.length) continue;
        expect(decide(before, command, { ...world, freezes: [] })).toEqual(decision);
      }
    });
  });

  test('law 5: nothing is consumed while a freeze is in force', () => {
    onEveryMove(({ command, decision, world, before }) => {
      if (command.kind !== 'consume' || !isFrozen(before, world)) return;
      expect(decision.refusal?.code).toBe('frozen');
    });
  });
});

describe('these lives', () => {
  test('reach every end and every kind of event, so that the laws above are tried on all of them', () => {
    const seen = new Map<string, number>();
    onEveryLife((life) => {
      for (const { type } of eventsOf(life)) seen.set(type, (seen.get(type) ?? 0) + 1);
    }, 3_000);
    for (const type of [
      ...decisive,
      'request.superseded',
      'request.edited',
      'request.raised',
      'request.undecidable',
      'request.reminded',
      'request.escalated',
      'request.claimed',
      'request.unclaimed',
      'request.viewed',
      'request.revoked',
      'verdict.given',
      'verdict.undone',
      'token.issued',
      'token.consumed',
      'token.refused',
      'outcome.reported',
      'question.asked',
      'question.answered',
    ]) {
      expect(seen.get(type) ?? 0, type).toBeGreaterThan(0);
    }
  });

  test('a policy that only allows asks for nothing more of a request that waits', () => {
    onEveryMove(({ before }) => {
      expect(strengthen(before.terms, NO_TERMS)).toEqual({ terms: before.terms, stricter: false });
    });
  });
});
