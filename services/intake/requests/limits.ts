/** What policy says of a call whose rules have limits over time: counted first, then judged. */
import { hash } from 'node:crypto';
import {
  evaluate,
  fromMicros,
  hasLimits,
  type LimitReading,
  type LimitReadings,
  type PolicyAction,
  type PolicyAnswer,
  type Stake,
  stakesOf,
} from '@countersign/shared/policy';
import type { RequestRecord, Share } from '@countersign/shared/request';
import type { Redis } from 'ioredis';
import { type LimitExpectation, memberOf, sharesOf } from '../store/limits.ts';
import { readTallies, type TallyQuestion } from '../store/tallies.ts';
import type { Current } from '../workspace/workspaces.ts';

/** Policy's answer, what the call takes of limits by it, and the counts that the answer rests on. */
export type Judgement = { answer: PolicyAnswer; shares: Share[]; limits: LimitExpectation[] };

/**
 * Whose shares are counted already: of the request that a proposal takes the place of, or of the one that waits and is
 * judged again.
 */
export type Standing = { replaces?: RequestRecord | undefined } | { waiting: RequestRecord };

/**
 * Judges a call. Without limits that costs nothing beside the judgement. Rejects when Redis cannot be reached.
 */
export async function judgeCall(
  redis: Redis,
  current: Current,
  action: PolicyAction,
  standing: Standing = {},
): Promise<Judgement> {
  const { policy } = current.snapshot;
  if (!hasLimits(policy, action.agent, action.tool)) {
    return { answer: evaluate(policy, action), shares: [], limits: [] };
  }
  const stakes = stakesOf(policy, action);
  const counted = stakes.flatMap((stake) => ('fault' in stake ? [] : [countedAs(stake, current, standing)]));
  const counts = await readTallies(
    redis,
    current.snapshot.keys,
    counted.map(({ question }) => question),
  );
  const readings: LimitReadings = {};
  const limits: LimitExpectation[] = [];
  const read = (stake: Stake, reading: LimitReading) => {
    const ofRule = readings[stake.rule] ?? [];
    ofRule[stake.limit] = reading;
    readings[stake.rule] = ofRule;
  };
  for (const stake of stakes) {
    if ('fault' in stake) read(stake, { error: stake.fault });
  }
  for (const [index, { stake, question, share }] of counted.entries()) {
    if (mayBeLost(stake, current)) {
      read(stake, { error: 'the store has lost events, and may have lost what was counted' });
      continue;
    }
    const total = (counts[index] ?? 0) + share.amount;
    read(stake, { total: fromMicros(total) });
    if (!('without' in question)) continue;
    const is = total <= stake.most ? '<=' : '>';
    limits.push({ ...question, is, bound: stake.most - share.amount });
  }
  return { answer: evaluate(policy, action, readings), shares: distinct(counted), limits };
}

type Counted = {
  stake: Stake;
  share: Share;
  question: TallyQuestion;
};

/**
 * Where a call stands among those that are counted. A proposal comes last. A request that waits has its place in the
 * line, by the time at which it was proposed: whoever came later is judged after it, and it is not asked for more on
 * their account. Where an edit takes more than its share, or from another counter, it goes to the end.
 */
function countedAs(
  stake: Extract<Stake, { counter: string }>,
  { now }: Current,
  standing: Standing,
): Counted {
  const { counter, amount, window_ms } = stake;
  const share = { tally: hash('sha256', counter, 'hex'), amount, window_ms };
  const tally = share.tally;
  const known = 'waiting' in standing ? standing.waiting : standing.replaces;
  const own = known && sharesOf(known).find((one) => one.tally === tally);
  // What was planted takes nothing, and is judged like what has its place, so that nothing tells the two apart.
  const placed = known?.planted !== undefined || (own !== undefined && amount <= own.amount);
  if ('waiting' in standing && placed) {
    const before = standing.waiting.created_at;
    return { stake, share, question: { tally, horizon: before - window_ms, before } };
  }
  const without = known === undefined || own === undefined ? [] : [memberOf(own, known.id)];
  return { stake, share, question: { tally, horizon: now - window_ms, without } };
}

/** Whether what a limit looks back on may be gone (docs/architecture.md, What survives). */
function mayBeLost({ window_ms }: Stake, { snapshot, now }: Current): boolean {
  return snapshot.distrustedBefore !== undefined && snapshot.distrustedBefore > now - window_ms;
}

/** Two limits of a rule that count the same, with a bound each, have one counter. */
function distinct(counted: readonly Counted[]): Share[] {
  return [...new Map(counted.map(({ share }) => [share.tally, share])).values()];
}
