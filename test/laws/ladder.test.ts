/** The ladder in random lives: each step once, in time, not while somebody is on it, and never more than policy says. */
import type { PolicyAnswer } from '@countersign/shared/policy';
import { isTerminal, type LadderStep, type RequestRecord, stepsAhead } from '@countersign/shared/request';
import { describe, expect, test } from 'vitest';
import { decide } from '../../services/intake/lifecycle/decide.ts';
import { onEveryLife, onEveryMove } from './every-life.ts';
import { isParty, placesOf, seated } from './oracle.ts';
import { eventsOf, play } from './play.ts';
import { asksFor, type Step } from './scenario.ts';

const isStep = ({ type }: { type: string }) => type === 'request.reminded' || type === 'request.escalated';
const done = ({ escalate }: RequestRecord) => escalate.filter(({ done_at }) => done_at !== undefined);
const keyOf = ({ after_ms, notify, reviewers, channels }: LadderStep) =>
  JSON.stringify([after_ms, notify, reviewers, channels]);

/** What holds the ladder up ends then; never, where nothing does. */
const pausedUntil = ({ claim, release_at }: RequestRecord) =>
  claim === undefined && release_at === undefined
    ? Number.NEGATIVE_INFINITY
    : Math.max(claim?.until ?? 0, release_at ?? 0);

describe('each step of a ladder', () => {
  test('law 2: is never early, and what is due is done by whoever looks first', () => {
    onEveryMove(({ after, world }) => {
      for (const { after_ms, done_at } of after.escalate) {
        const planned = after.created_at + after_ms;
        if (done_at !== undefined) {
          expect(done_at).toBeGreaterThanOrEqual(planned);
          expect(done_at).toBeLessThanOrEqual(world.now);
        } else if (after.status === 'pending' && pausedUntil(after) < 0) {
          expect(planned).toBeGreaterThan(world.now);
        }
      }
    });
  });

  test('law 9: is done once, and stays done; the feed tells of each, numbered', () => {
    onEveryLife((life) => {
      for (const { before, after } of life.moves) {
        const then = new Map(done(before).map((step) => [keyOf(step), step.done_at]));
        const now = new Map(done(after).map((step) => [keyOf(step), step.done_at]));
        for (const [key, at] of then) expect(now.get(key)).toBe(at);
        expect(now.size).toBe(done(after).length);
      }
      const last = life.moves.at(-1)?.after ?? life.proposed.request;
      const told = eventsOf(life).filter(isStep);
      expect(told.map(({ data }) => data?.step)).toEqual(done(last).map((_, index) => index + 1));
      expect(told.map(({ at }) => at).sort()).toEqual(
        done(last)
          .map(({ done_at }) => done_at)
          .sort(),
      );
    });
  });

  test('waits while somebody is on it or an approval is held, and law 1: comes no more after the end', () => {
    onEveryMove(({ before, after, world, decision }) => {
      const steps = decision.events.filter(isStep);
      if (isTerminal(before.status)) expect(steps).toEqual([]);
      if (pausedUntil(before) > world.now && pausedUntil(after) > world.now) expect(steps).toEqual([]);
      // A step is done before the end or not at all, however late anyone looked.
      const end = Math.min(
        before.expires_at ?? Number.POSITIVE_INFINITY,
        after.decided_at ?? Number.POSITIVE_INFINITY,
      );
      for (const { at } of steps) expect(at).toBeLessThanOrEqual(end);
    });
  });

  test('has a time that fits its place in the feed: one that waited was done when it could be', () => {
    onEveryLife((life) => {
      let latest = 0;
      for (const event of eventsOf(life)) {
        if (isStep(event)) expect(event.at).toBeGreaterThanOrEqual(latest);
        latest = Math.max(latest, event.at);
      }
    });
  });

  test('that only tells changes nothing that is judged; one that widens keeps every approval', () => {
    onEveryMove(({ before, after, command, decision }) => {
      if (command.kind !== 'wake' || !decision.events.every(isStep)) return;
      expect(after.verdicts).toEqual(before.verdicts);
      if (decision.events.some(({ type }) => type === 'request.escalated')) return;
      expect([after.version, after.terms, after.warnings]).toEqual([
        before.version,
        before.terms,
        before.warnings,
      ]);
    });
  });

  test('widens what its own rules ask for, and no demand of another rule', () => {
    onEveryLife(({ proposed, moves }) => {
      // As long as policy has judged it once only: what is added later is another version's.
      for (const { after, decision } of moves) {
        if (decision.events.some(({ type }) => /edited|raised/.test(type))) return;
        after.terms.requirements.forEach(({ rule, slots }, index) => {
          const brought = done(after).flatMap(({ rules, reviewers }) =>
            rules.includes(rule) ? reviewers : [],
          );
          const first = proposed.request.terms.requirements[index];
          expect(slots).toEqual(
            first?.slots.map(({ from, need }) => ({
              from: from === null ? null : [...new Set([...from, ...brought])],
              need,
            })),
          );
        });
      }
    });
  });

  test('that widens asks again whether anybody may decide, and says so where nobody may', () => {
    onEveryMove(({ before, after, world, decision }) => {
      const told = decision.events.map(({ type }) => type);
      if (!told.includes('request.escalated') || told.some((type) => /edited|raised/.test(type))) return;
      if (after.version === before.version) return;
      const people = world.reviewers.filter((person) => !isParty(after, person));
      const hopeless = after.terms.requirements.some(
        (requirement) => !seated(placesOf(requirement), people, world.groupsOf),
      );
      expect(after.warnings.includes('nobody_may_decide')).toBe(hopeless);
      const alarms = told.filter((type) => type === 'request.undecidable').length;
      if (hopeless) expect(alarms).toBe(before.warnings.length === 0 ? 1 : 0);
    });
  });
});

const by = (reviewer: string, verdict: 'approve' | 'reject' = 'approve'): Step => ({
  do: 'command',
  what: { kind: 'decide', reviewer, verdict, seen: 'current', confirms: true },
  lag: 0,
});
const claims = (reviewer: string, release = false): Step => ({
  do: 'command',
  what: { kind: 'claim', reviewer, release },
  lag: 0,
});
const wake: Step = { do: 'command', what: { kind: 'wake' }, lag: 0 };
const passes = (ms: number): Step => ({ do: 'pass', ms });

const step = (after_ms: number, more: Partial<LadderStep>): LadderStep => ({
  after_ms,
  notify: [],
  reviewers: [],
  channels: [],
  rules: ['plain'],
  ...more,
});

/** Two of finance must approve; after ten seconds they are reminded, after twenty oncall may as well. */
function twoOfFinance(escalate: LadderStep[]): PolicyAnswer {
  const plain = asksFor(2);
  const requirements = [{ rule: 'plain', slots: [{ from: ['finance'], need: 2 }] }];
  return { ...plain, terms: { ...plain.terms, requirements }, escalate };
}
const ladder = [step(10_000, { notify: ['finance'] }), step(20_000, { reviewers: ['oncall'] })];

function lifeOf(steps: Step[], answer = twoOfFinance(ladder)) {
  return play({ groups: { ann: ['finance'], cy: ['oncall'] }, answer, asker: false, steps });
}

describe('a ladder of two steps', () => {
  const types = (life: ReturnType<typeof lifeOf>) =>
    eventsOf(life)
      .slice(2)
      .map(({ type, at }) => `${type.replace('request.', '')} ${at - 1_000_000}`);

  test('reminds, then lets others complete the quorum that was begun before; the alarm is over', () => {
    const life = lifeOf([by('ann'), passes(10_000), wake, passes(10_000), by('cy')]);
    expect(types(life)).toEqual([
      'undecidable 0',
      'verdict.given 0',
      'reminded 10000',
      'escalated 20000',
      // What cy saw was made before the step: it is shown to them again.
    ]);
    expect(life.moves.at(-1)?.decision.refusal?.code).toBe('stale');
    const { request, events } = decide(
      life.moves.at(-1)?.after ?? life.proposed.request,
      {
        kind: 'decide',
        reviewer: 'cy',
        verdict: 'approve',
        seen: { version: 2, args_digest: life.proposed.request.args_digest },
        args: {},
        answer: twoOfFinance(ladder),
      },
      life.end,
    );
    expect(events.map(({ type }) => type)).toEqual(['verdict.given', 'request.approved']);
    expect(request).toMatchObject({ status: 'approved', decided_by: 'ann,cy', warnings: [] });
  });

  test('lets nobody grant more than this call whom it brought here', () => {
    const grants = { calls: 3, for_ms: 60_000, per: null };
    const { moves } = lifeOf([passes(10_000), wake, passes(10_000), wake], {
      ...twoOfFinance(ladder),
      grants,
    });
    expect(moves.map(({ after }) => after.grantable)).toEqual([grants, undefined]);
  });

  test('keeps its times through a claim: what came up meanwhile is done when it lapses, in its order', () => {
    const life = lifeOf([passes(5_000), claims('ann'), passes(300_000), wake]);
    expect(types(life).slice(1)).toEqual([
      'claimed 5000',
      'unclaimed 305000',
      'reminded 305000',
      'escalated 305000',
    ]);
  });

  test('goes on at once when the claim is let go; what had not come up keeps its time', () => {
    const life = lifeOf([
      passes(5_000),
      claims('ann'),
      passes(10_000),
      claims('ann', true),
      passes(5_000),
      wake,
    ]);
    expect(types(life).slice(1)).toEqual([
      'claimed 5000',
      'unclaimed 15000',
      'reminded 15000',
      'escalated 20000',
    ]);
  });

  test('stands still under a hold, and goes on when the approval is undone', () => {
    const held = twoOfFinance(ladder);
    const one = {
      ...held.terms,
      hold_ms: 15_000,
      requirements: [{ rule: 'plain', slots: [{ from: ['finance'], need: 1 }] }],
    };
    const undo: Step = { do: 'command', what: { kind: 'undo', reviewer: 'ann' }, lag: 0 };
    const life = lifeOf([by('ann'), passes(12_000), wake, undo, wake], { ...held, terms: one });
    expect(types(life)).toEqual(['verdict.given 0', 'verdict.undone 12000', 'reminded 12000']);
  });

  test('law 7: an edit keeps what was done, and brings the ladder that policy has for it', () => {
    const other = twoOfFinance([ladder[0] ?? step(0, {}), step(15_000, { reviewers: ['lead'] })]);
    const edit: Step = {
      do: 'command',
      what: {
        kind: 'decide',
        reviewer: 'ann',
        verdict: 'approve',
        seen: 'current',
        confirms: true,
        edit: { amount: 3, answer: other },
      },
      lag: 0,
    };
    const life = lifeOf([passes(12_000), wake, edit, passes(6_000), wake, passes(10_000), wake]);
    expect(types(life).slice(1)).toEqual([
      'reminded 10000',
      'edited 12000',
      'verdict.given 12000',
      'escalated 15000',
    ]);
    const { escalate, terms } = life.moves.at(-1)?.after ?? life.proposed.request;
    expect(escalate.map(({ after_ms }) => after_ms)).toEqual([10_000, 15_000]);
    expect(terms.requirements).toEqual([{ rule: 'plain', slots: [{ from: ['finance', 'lead'], need: 2 }] }]);
  });

  test('law 7: a policy that has the step no longer asks again for those it wants', () => {
    const change: Step = { do: 'policy', answer: { ...twoOfFinance([]), policy_digest: 'sha256:p2' } };
    const life = lifeOf([passes(20_000), wake, change, by('cy')]);
    expect(life.moves.at(-1)?.decision.refusal?.code).toBe('stale');
    expect(life.moves.at(-1)?.after.terms.requirements).toEqual([
      { rule: 'plain', slots: [{ from: ['finance', 'oncall'], need: 2 }] },
      { rule: 'plain', slots: [{ from: ['finance'], need: 2 }] },
    ]);
  });

  test('never comes where the deadline is sooner', () => {
    const life = play({
      groups: { ann: ['finance'] },
      answer: twoOfFinance(ladder),
      timeout: 20_000,
      asker: false,
      steps: [passes(60_000), wake],
    });
    expect(stepsAhead(life.proposed.request).map(({ at }) => at - 1_000_000)).toEqual([10_000]);
    expect(types(life).slice(1)).toEqual(['reminded 10000', 'timed_out 20000']);
  });
});

test('these lives climb: some ladders to their end, some after a pause', () => {
  let whole = 0;
  let late = 0;
  onEveryLife((life) => {
    const last = life.moves.at(-1)?.after ?? life.proposed.request;
    if (last.escalate.length > 1 && done(last).length === last.escalate.length) whole += 1;
    if (last.ladder_from !== undefined && done(last).some(({ done_at }) => done_at === last.ladder_from))
      late += 1;
  }, 2_000);
  expect(Math.min(whole, late)).toBeGreaterThan(10);
});
