/** Random lives of one request: a proposal, and what people, policy, freezes and time do to it (played by play.ts). */
import type { Effect, FreezeScope, OnRejection, OutcomeStatus, Tier } from '@countersign/shared/contracts';
import {
  type EscalationStep,
  type Friction,
  inOneLadder,
  NO_TERMS,
  type PolicyAnswer,
  type Requirement,
  type Terms,
} from '@countersign/shared/policy';
import fc from 'fast-check';

const people = ['ann', 'bo', 'cy', 'di', 'owner', 'asker'] as const;
const groups = ['finance', 'oncall'] as const;

export type Moment =
  | 'expire'
  | 'release'
  | 'claim'
  | 'remind'
  | 'escalate'
  | 'valid'
  | 'lapse'
  | 'unreviewed'
  | 'overdue';
/** Whether the reviewer saw what stands. */
type Seeing = 'current' | 'another version' | 'other args';

export type Step =
  | { do: 'pass'; ms: number }
  /** Goes to a moment of the request's own, or one millisecond beside it. */
  | { do: 'reach'; moment: Moment; offset: -1 | 0 | 1 }
  | { do: 'regroup'; person: string; groups: string[] | null }
  | { do: 'freeze'; scope: FreezeScope; hits: boolean }
  | { do: 'lift' }
  | { do: 'policy'; answer: PolicyAnswer }
  | { do: 'command'; what: What; lag: number };

/** A command with what it refers to still open: the request decides what "current" means when it is played. */
export type What =
  | {
      kind: 'decide';
      reviewer: string;
      verdict: 'approve' | 'reject';
      seen: Seeing;
      edit?: { amount: number; answer: PolicyAnswer };
      confirms: boolean;
    }
  | { kind: 'undo' | 'revoke' | 'view' | 'ask'; reviewer: string }
  /** The question that waits, or one of this number, be it answered or never asked. */
  | { kind: 'answer'; question: 'waiting' | number }
  | { kind: 'claim'; reviewer: string; release: boolean }
  /** `left`: how long the token still lives, ms. */
  | { kind: 'consume'; digest: 'current' | 'other args'; jti: string; left: number; idempotency?: string }
  | { kind: 'review'; reviewer: string; verdict: 'fine' | 'undo'; seen: Seeing }
  | { kind: 'outcome'; status: OutcomeStatus }
  | { kind: 'cancel' | 'supersede' | 'issue' | 'wake' };

export type Scenario = {
  groups: Record<string, string[] | null>;
  answer: PolicyAnswer;
  timeout?: number;
  asker: boolean;
  steps: Step[];
};

/** The first value five times out of six or so, the others now and then. */
function mostly<T>(usual: T, ...others: T[]): fc.Arbitrary<T> {
  return fc.constantFrom(...Array<T>(5 * others.length).fill(usual), ...others);
}

const weighed = <T>(weight: number, arbitrary: fc.Arbitrary<T>) => ({ weight, arbitrary });

const slot: fc.Arbitrary<Requirement['slots'][number]> = fc.record({
  from: fc.constantFrom<(string[] | null)[]>(
    null,
    null,
    ['finance'],
    ['oncall'],
    ['finance', 'oncall'],
    ['ann'],
  ),
  need: mostly(1, 2),
});
const requirement: fc.Arbitrary<Requirement> = fc.record({
  rule: fc.constantFrom('first', 'second', 'third'),
  slots: fc.oneof(weighed(3, fc.tuple(slot)), weighed(1, fc.tuple(slot, slot))),
});
/** One rule's demand, or those of two rules that both hold. */
const requirements = fc
  .oneof(weighed(3, fc.tuple(requirement)), weighed(1, fc.tuple(requirement, requirement)))
  .filter(([one, other]) => one.rule !== other?.rule);

const nothing: Friction = { kind: 'none', paths: [] };
const terms: fc.Arbitrary<Terms> = fc.record({
  tier: fc.constantFrom<Tier[]>('low', 'medium', 'high', 'critical'),
  requirements,
  hold_ms: fc.constantFrom(0, 0, 5_000, 50_000),
  on_rejection: fc.constantFrom<OnRejection[]>('fail', 'continue'),
  editable: fc.constantFrom(null, null, ['amount']),
  friction: fc.constantFrom(nothing, nothing, { kind: 'retype' as const, paths: ['amount'] }),
});

/** Reminders and widenings, sooner and later than what people do; a name that no group has widens too. */
const ladder: fc.Arbitrary<EscalationStep[]> = fc
  .array(
    fc.record({
      after_ms: fc.constantFrom(1_000, 2_500, 10_000, 400_000),
      notify: fc.subarray(['finance', 'ann']),
      reviewers: fc.subarray(['oncall', 'cy', 'nobody']),
      channels: fc.subarray(['pagerduty']),
      rules: fc.subarray(['first', 'second', 'third'], { minLength: 1 }),
    }),
    { maxLength: 3 },
  )
  .map(inOneLadder);

/** Policy's answer that a rule has this effect on these terms. */
function answering(
  effect: Effect,
  rule: string,
  terms: Terms,
  rest: Pick<PolicyAnswer, 'timeout_ms' | 'policy_digest' | 'escalate'>,
): PolicyAnswer {
  return {
    ...rest,
    effect,
    rules: [{ name: rule, effect }],
    messages: [],
    ...(effect === 'allow' ? { escalate: [], terms: NO_TERMS } : { terms }),
    valid_for_ms: 30_000,
    channels: [],
    requires: [],
    batch: null,
    review: { window_ms: 40_000, sample: 1, undo_within_ms: 8_000 },
    tool: { compensation: 'pay.back' },
  };
}

/** The plainest answer: any so many reviewers must approve, and there is no deadline. */
export function asksFor(need: number): PolicyAnswer {
  const terms: Terms = {
    tier: 'medium',
    requirements: [{ rule: 'plain', slots: [{ from: null, need }] }],
    hold_ms: 0,
    on_rejection: 'fail',
    editable: null,
    friction: nothing,
  };
  return answering('approval_required', 'plain', terms, {
    timeout_ms: null,
    policy_digest: 'sha256:p1',
    escalate: [],
  });
}

/** What policy may answer: mostly that a human must look, with demands of any kind. */
const answer: fc.Arbitrary<PolicyAnswer> = fc
  .record({
    effect: mostly<Effect>('approval_required', 'allow', 'deny'),
    rule: fc.constantFrom('first', 'second', 'third'),
    terms,
    timeout_ms: fc.constantFrom(20_000, 900_000, null),
    escalate: ladder,
    policy_digest: fc.constantFrom('sha256:p1', 'sha256:p2', 'sha256:p3'),
  })
  .map(({ effect, rule, terms, ...rest }) => answering(effect, rule, terms, rest));

/** Answers that let it run, and have it looked at afterwards; now and then, nothing undoes it. */
const reviewing: fc.Arbitrary<PolicyAnswer> = fc
  .tuple(answer, mostly(true, false))
  .map(([{ escalate: _none, ...rest }, undoable]) => ({
    ...rest,
    escalate: [],
    effect: 'review_after',
    terms: rest.terms.requirements.length === 0 ? asksFor(1).terms : rest.terms,
    tool: undoable ? { compensation: 'pay.back' } : undefined,
  }));

const asking = answer.filter(({ effect }) => effect === 'approval_required');
const person = mostly('ann', 'bo', 'cy', 'di', 'owner', 'asker');
const decision = fc.record(
  {
    kind: fc.constant('decide' as const),
    reviewer: fc.constantFrom(...people),
    verdict: mostly<'approve' | 'reject'>('approve', 'reject'),
    seen: mostly<Seeing>('current', 'another version', 'other args'),
    edit: fc.record({ amount: fc.integer({ min: 1, max: 4 }), answer }),
    confirms: mostly(true, false),
  },
  { requiredKeys: ['kind', 'reviewer', 'verdict', 'seen', 'confirms'] },
);
const unedited = decision.map(({ edit: _edit, ...plain }) => plain);
const what: fc.Arbitrary<What> = fc.oneof(
  weighed(16, unedited),
  weighed(3, decision),
  weighed(
    6,
    fc.record({
      kind: fc.constantFrom<('undo' | 'revoke' | 'view')[]>('undo', 'revoke', 'view'),
      reviewer: person,
    }),
  ),
  weighed(3, fc.record({ kind: fc.constant('ask' as const), reviewer: person })),
  weighed(
    4,
    fc.record({
      kind: fc.constant('review' as const),
      reviewer: person,
      verdict: fc.constantFrom<('fine' | 'undo')[]>('fine', 'undo'),
      seen: mostly<Seeing>('current', 'another version', 'other args'),
    }),
  ),
  weighed(
    2,
    fc.record({
      kind: fc.constant('answer' as const),
      question: fc.oneof(fc.constant('waiting' as const), fc.integer({ min: 1, max: 3 })),
    }),
  ),
  weighed(2, fc.record({ kind: fc.constant('claim' as const), reviewer: person, release: fc.boolean() })),
  weighed(
    5,
    fc.record(
      {
        kind: fc.constant('consume' as const),
        digest: mostly<'current' | 'other args'>('current', 'other args'),
        jti: fc.constantFrom('t1', 't2'),
        left: mostly(300_000, 0, 3_000),
        idempotency: fc.constantFrom('i1', 'i2'),
      },
      { requiredKeys: ['kind', 'digest', 'jti', 'left'] },
    ),
  ),
  weighed(
    4,
    fc.record({
      kind: fc.constant('outcome' as const),
      status: fc.constantFrom<OutcomeStatus[]>('succeeded', 'failed', 'unknown', 'undone', 'undo_failed'),
    }),
  ),
  weighed(2, fc.record({ kind: fc.constantFrom<('wake' | 'issue')[]>('wake', 'issue') })),
  weighed(1, fc.record({ kind: fc.constantFrom<('cancel' | 'supersede')[]>('cancel', 'supersede') })),
);
const memberships = fc.option(fc.subarray([...groups]), { freq: 8 });
const step: fc.Arbitrary<Step> = fc.oneof(
  weighed(
    24,
    // Mostly prompt; sometimes a process that slept between its decision and its commit.
    fc.record({ do: fc.constant('command' as const), what, lag: mostly(0, 1, 6_000, 25_000) }),
  ),
  weighed(3, fc.record({ do: fc.constant('pass' as const), ms: fc.integer({ min: 0, max: 4_000 }) })),
  weighed(
    3,
    fc.record({
      do: fc.constant('reach' as const),
      moment: fc.constantFrom<Moment[]>(
        'expire',
        'release',
        'release',
        'claim',
        'claim',
        'remind',
        'escalate',
        'valid',
        'lapse',
        'unreviewed',
        'overdue',
      ),
      offset: fc.constantFrom<(-1 | 0 | 1)[]>(-1, 0, 1),
    }),
  ),
  weighed(2, fc.record({ do: fc.constant('regroup' as const), person, groups: memberships })),
  weighed(
    1,
    fc.record({
      do: fc.constant('freeze' as const),
      scope: fc.constantFrom<FreezeScope[]>('workspace', 'agent', 'tool'),
      hits: mostly(false, true),
    }),
  ),
  weighed(1, fc.record({ do: fc.constant('lift' as const) })),
  weighed(1, fc.record({ do: fc.constant('policy' as const), answer })),
);

/** Any life of a request that starts with `first`'s answer: by default, that a human must look. */
export function scenarios(first: fc.Arbitrary<PolicyAnswer> = asking): fc.Arbitrary<Scenario> {
  return fc.record(
    {
      groups: fc.record(Object.fromEntries(people.map((id) => [id, memberships]))),
      answer: first,
      timeout: fc.constantFrom(8_000, 60_000, 900_000),
      asker: fc.boolean(),
      steps: fc.array(step, { minLength: 1, maxLength: 30, size: 'max' }),
    },
    { requiredKeys: ['groups', 'answer', 'asker', 'steps'] },
  );
}

const now = (arbitrary: fc.Arbitrary<What>): fc.Arbitrary<Step> =>
  arbitrary.map((what): Step => ({ do: 'command', what, lag: 0 }));
/** What such a life is about: it runs, somebody looks, the agent answers. */
const reviewingStep: fc.Arbitrary<Step> = fc.oneof(
  now(
    fc.constant({ kind: 'consume', digest: 'current', jti: 't1', left: 300_000, idempotency: 'i1' } as const),
  ),
  now(
    fc.record({
      kind: fc.constant('review' as const),
      reviewer: fc.constantFrom(...people),
      verdict: fc.constantFrom<('fine' | 'undo')[]>('undo', 'fine', 'undo'),
      seen: fc.constant('current' as const),
    }),
  ),
  now(
    fc.record({
      kind: fc.constant('outcome' as const),
      status: fc.constantFrom<OutcomeStatus[]>('undone', 'undo_failed', 'succeeded'),
    }),
  ),
);

/** Any life of a call that runs first and is reviewed afterwards. */
export function reviewedScenarios(): fc.Arbitrary<Scenario> {
  return fc
    .tuple(scenarios(reviewing), fc.array(reviewingStep, { maxLength: 10, size: 'max' }))
    .map(([scenario, more]) => ({
      ...scenario,
      steps: scenario.steps.flatMap((step, at) => [...more.slice(at, at + 1), step]),
    }));
}
