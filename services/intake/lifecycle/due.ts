/** Transitions that time brings: release of a held approval, expiry, freeze, a claim's end, a step of the ladder. Applied before every command. */
import type { EventBody } from '@countersign/shared/feed';
import { kindOf, nextStep, type RequestRecord, type StepKind } from '@countersign/shared/request';
import type { World } from './command.ts';
import { eventOf, policy, timer } from './event.ts';
import { freezeSince } from './freeze.ts';
import { doStep, resumed } from './ladder.ts';
import { quorumMet, standing } from './quorum.ts';
import { applyReviewTimer, type ReviewTimer, reviewTimersOf } from './under-review.ts';

/** Timers that a request wants, by kind, in Redis ms: a function of its state, so that none can be forgotten. */
export function timersOf(
  request: RequestRecord,
): Partial<Record<'expire' | 'release' | 'claim' | StepKind | ReviewTimer, number>> {
  if (request.status !== 'pending') return reviewTimersOf(request);
  const next = nextStep(request);
  return {
    ...(request.expires_at === null ? {} : { expire: request.expires_at }),
    ...(request.release_at === undefined ? {} : { release: request.release_at }),
    ...(request.claim === undefined ? {} : { claim: request.claim.until }),
    ...(next === undefined ? {} : { [kindOf(next.step)]: next.at }),
  };
}

type Transition = {
  at: number;
  rank: number;
  apply: (request: RequestRecord) => [RequestRecord, EventBody[]];
};

/** The state in which an approval has taken effect at `at`. */
export function approved(request: RequestRecord, at: number): RequestRecord {
  const { release_at: _held, claim: _claim, ...rest } = request;
  const approvers = request.verdicts.filter((v) => v.verdict === 'approve');
  const edit = approvers.find((v) => v.edited);
  const reason = edit?.reason ?? approvers.at(-1)?.reason;
  return {
    ...rest,
    status: 'approved',
    decided_at: at,
    decided_by: approvers.map((v) => v.reviewer).join(','),
    valid_until: at + request.valid_for_ms,
    ...(reason === undefined ? {} : { decision_reason: reason }),
  };
}

/** Ends a request without an approval. */
export function ended(
  request: RequestRecord,
  end: Pick<RequestRecord, 'status' | 'stop_reason' | 'decided_by'> & { reason?: string },
  at: number,
): RequestRecord {
  const { release_at: _held, claim: _claim, ...rest } = request;
  const { reason, ...fields } = end;
  return { ...rest, ...fields, decided_at: at, ...(reason === undefined ? {} : { decision_reason: reason }) };
}

function release(request: RequestRecord, world: World, at: number): [RequestRecord, EventBody[]] {
  // Who may decide is checked again: someone who left the group in the meantime releases nothing.
  const { release_at: _held, ...rest } = { ...request, verdicts: standing(request, world) };
  if (quorumMet(rest, world)) {
    const next = approved(rest, at);
    return [next, [eventOf(next, 'request.approved', timer, at)]];
  }
  return [
    rest,
    [eventOf(rest, 'verdict.undone', timer, at, { why: 'a reviewer may no longer decide this' })],
  ];
}

/** What time brings to a call under review: one thing at most, for it waits for one at a time. */
function nextOfReview(request: RequestRecord, { now }: World): Transition | undefined {
  const [due] = Object.entries(reviewTimersOf(request)) as [ReviewTimer, number][];
  if (due === undefined || due[1] > now) return undefined;
  const [kind, at] = due;
  return { at, rank: 0, apply: (ran) => applyReviewTimer(ran, kind, at) };
}

function nextTransition(request: RequestRecord, world: World): Transition | undefined {
  if (request.status !== 'pending') return nextOfReview(request, world);
  const due: Transition[] = [];
  const frozen = freezeSince(world, request, request.freeze_epoch);
  if (frozen !== undefined) {
    const end = {
      status: 'cancelled',
      stop_reason: 'frozen',
      decided_by: 'freeze',
      reason: frozen.reason,
    } as const;
    due.push({
      at: frozen.set_at,
      rank: 0, // fail closed: a freeze in the same millisecond stops the release
      apply: (now) => {
        const next = ended(now, end, frozen.set_at);
        return [next, [eventOf(next, 'request.cancelled', policy, frozen.set_at, { freeze: frozen.id })]];
      },
    });
  }
  const { release_at, expires_at, claim } = request;
  if (release_at !== undefined && release_at <= world.now) {
    due.push({ at: release_at, rank: 1, apply: (now) => release(now, world, release_at) });
  }
  if (expires_at !== null && expires_at <= world.now) {
    const end = { status: 'timed_out', stop_reason: 'approval_timeout', decided_by: 'timeout' } as const;
    due.push({
      at: expires_at,
      rank: 2, // release wins the tie
      apply: (now) => {
        const next = ended(now, end, expires_at);
        return [next, [eventOf(next, 'request.timed_out', timer, expires_at)]];
      },
    });
  }
  if (claim !== undefined && claim.until <= world.now) {
    due.push({
      at: claim.until,
      rank: 3,
      apply: ({ claim: _lapsed, ...next }) => [
        next,
        [eventOf(next, 'request.unclaimed', timer, claim.until)],
      ],
    });
  }
  const next = nextStep(request);
  if (next !== undefined && next.at <= world.now) {
    due.push({ at: next.at, rank: 4, apply: (now) => doStep(now, next.step, next.at, world) });
  }
  return due.sort((a, b) => a.at - b.at || a.rank - b.rank)[0];
}

/** Applies everything that is due by `world.now`, in time order. Never early: a timer's truth is Redis time. */
export function applyDue(request: RequestRecord, world: World): [RequestRecord, EventBody[]] {
  let current = request;
  const events: EventBody[] = [];
  for (let due = nextTransition(current, world); due; due = nextTransition(current, world)) {
    const [next, caused] = due.apply(current);
    current = resumed(current, next, due.at);
    events.push(...caused);
  }
  return [current, events];
}
